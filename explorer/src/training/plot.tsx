import { useEffect, useRef } from 'preact/hooks'
import UPlot, { type AlignedData, type Options } from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { type Palette, usePalette } from './palette'

export interface PlotProps {
  /** What is to be seen, in words. */
  readonly label: string
  readonly data: AlignedData
  /** Lines, scales and axes, in the colours of the page. The plot is made anew where another function is given. */
  readonly options: (palette: Palette) => Pick<Options, 'series' | 'scales' | 'axes'>
}

/** A chart by uPlot, as wide and high as there is room. */
export function Plot({ label, data, options }: PlotProps) {
  const ref = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | undefined>(undefined)
  const latest = useRef(data)
  const palette = usePalette()
  latest.current = data
  useEffect(() => {
    const root = ref.current!
    const made = new UPlot(
      {
        ...sizeOf(root),
        cursor: { drag: { x: false, y: false }, points: { size: 6 } },
        legend: { show: false },
        ...options(palette),
      },
      latest.current,
      root,
    )
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize(sizeOf(root)))
    observer.observe(root)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [options, palette])
  useEffect(() => plot.current?.setData(data), [data])
  return <div ref={ref} class="train-plot" role="img" aria-label={label} />
}

const sizeOf = ({ clientWidth, clientHeight }: HTMLElement) => ({
  width: Math.max(clientWidth, 50),
  height: Math.max(clientHeight, 50),
})

/** An axis in the colours of the page. */
export const axis = ({ soft, line }: Palette, own: UPlot.Axis = {}): UPlot.Axis => ({
  stroke: soft,
  font: '11px system-ui, sans-serif',
  grid: { stroke: line, width: 1 },
  ticks: { stroke: line, width: 1, size: 4 },
  ...own,
})
