import { useEffect, useRef } from 'preact/hooks'

export interface ImageProps {
  /** Ink from 0 to 1, row by row. */
  readonly ink: Float32Array
  readonly side: number
  readonly label: string
}

/** A small picture of ink on paper; the page gives it its size. */
export function Image({ ink, side, label }: ImageProps) {
  const ref = useRef<HTMLCanvasElement>(null)
  useEffect(() => {
    const context = ref.current!.getContext('2d')!
    const image = context.createImageData(side, side)
    ink.forEach((value, i) => {
      const shade = 255 * (1 - Math.min(1, Math.max(0, value)))
      image.data.set([shade, shade, shade, 255], 4 * i)
    })
    context.putImageData(image, 0, 0)
  }, [ink, side])
  return <canvas ref={ref} width={side} height={side} role="img" aria-label={label} />
}
