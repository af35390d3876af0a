import { useEffect, useRef, useState } from 'preact/hooks'
import { type Palette, usePalette } from './palette'

export interface CanvasProps {
  /** What is to be seen, in words. */
  readonly label: string
  /** The height over the width. */
  readonly aspect: number
  /** Draws in pixels of the page, on a canvas that is empty. */
  readonly draw: (context: CanvasRenderingContext2D, width: number, height: number, palette: Palette) => void
}

/** A canvas as wide as there is room, sharp on every screen and in the colours of the page. */
export function Canvas({ label, aspect, draw }: CanvasProps) {
  const ref = useRef<HTMLCanvasElement>(null)
  const [width, setWidth] = useState(0)
  const palette = usePalette()
  useEffect(() => {
    const observer = new ResizeObserver(([entry]) => setWidth(Math.floor(entry!.contentRect.width)))
    observer.observe(ref.current!)
    return () => observer.disconnect()
  }, [])
  useEffect(() => {
    const canvas = ref.current!
    if (width === 0) return
    const [scale, height] = [devicePixelRatio, Math.round(width * aspect)]
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    const context = canvas.getContext('2d')!
    context.setTransform(scale, 0, 0, scale, 0, 0)
    draw(context, width, height, palette)
  }, [draw, width, aspect, palette])
  return <canvas ref={ref} role="img" aria-label={label} style={{ aspectRatio: `1 / ${aspect}` }} />
}
