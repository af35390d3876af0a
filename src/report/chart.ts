import { loadPackage } from '../formats/package'
import { type Html, trusted } from './html'

export interface Series {
  readonly name: string
  /** What the page's style calls its colour. */
  readonly colour: string
  readonly isDashed: boolean
  /** NaN and infinities are null: the line has a gap there. */
  readonly points: readonly { readonly x: number; readonly y: number | null }[]
}

export interface Chart {
  readonly xTitle: string
  readonly series: readonly Series[]
  readonly isLog: boolean
}

interface VegaLite {
  compile(spec: object): { readonly spec: object }
}
interface Vega {
  parse(spec: object): object
  readonly View: new (
    runtime: object,
    options: { readonly renderer: 'none' },
  ) => {
    toSVG(): Promise<string>
    finalize(): unknown
  }
}

/** Draws charts; rejects with a RuntimeError where vega or vega-lite is not installed. */
export async function loadCharts(what: string): Promise<(chart: Chart) => Promise<Html>> {
  const lite = (await loadPackage('vega-lite', what)) as VegaLite
  const vega = (await loadPackage('vega', what)) as Vega
  return async (chart) => {
    const view = new vega.View(vega.parse(lite.compile(specOf(chart)).spec), { renderer: 'none' })
    try {
      return trusted(inlined(await view.toSVG()))
    } finally {
      view.finalize()
    }
  }
}

/** Within HTML, an image whose text stands beside it: no namespaces, no size of its own, and nothing to be read out. */
const inlined = (svg: string): string =>
  svg
    .replace(/ xmlns(?::xlink)?="[^"]*"/g, '')
    .replace(/^<svg([^>]*?) width="[^"]*" height="[^"]*"/, '<svg$1')
    .replace(/^<svg/, '<svg aria-hidden="true" focusable="false"')
    .replace(/ (?:role|aria-roledescription)="[^"]*"/g, '')

const [WIDTH, HEIGHT] = [420, 230]
/** So many points have a mark each. */
const FEW = 24

function specOf({ xTitle, series, isLog }: Chart): object {
  const x = {
    field: 'x',
    type: 'quantitative',
    title: xTitle,
    scale: { zero: false, nice: false },
    axis: xAxis(series),
  }
  const y = {
    field: 'y',
    type: 'quantitative',
    title: null,
    scale: isLog ? { type: 'log', nice: false } : { zero: false },
    ...(isLog ? { axis: { values: decades(series) } } : {}),
  }
  const layers = series.flatMap(({ colour, isDashed, points }) => {
    const values = points.map(({ x, y }) => ({ x, y }))
    const line = { type: 'line', stroke: colour, strokeWidth: points.length > 120 ? 1.1 : 1.75, strokeJoin: 'round', invalid: 'break-paths-show-path-domains', ...(isDashed ? { strokeDash: [5, 3] } : {}) } // prettier-ignore
    const marked = points.length <= FEW ? values : values.filter((_, i) => isAlone(points, i))
    const mark = { type: 'point', filled: true, fill: colour, size: 22, opacity: 1 }
    return [
      { data: { values }, mark: line, encoding: { x, y } },
      ...(marked.length > 0 ? [{ data: { values: marked }, mark, encoding: { x, y } }] : []),
    ]
  })
  const axis = { labelColor: 'currentColor', titleColor: 'currentColor', titleFontWeight: 'normal', labelFontSize: 12, titleFontSize: 12, gridColor: 'var(--line)', domainColor: 'var(--rule)', tickColor: 'var(--rule)', tickSize: 4, labelPadding: 4 } // prettier-ignore
  return {
    ...{ width: WIDTH, height: HEIGHT, autosize: { type: 'fit', contains: 'padding' }, padding: 2 },
    layer: layers,
    config: {
      ...{ aria: false, background: null, font: 'inherit', view: { stroke: null } },
      axis,
      axisX: { grid: false },
      axisY: { domain: false, ticks: false, tickCount: 5 },
    },
  }
}

/** Powers of ten, with halves where there are few. */
function decades(series: readonly Series[]): number[] {
  const all = series.flatMap((s) => s.points.flatMap((p) => (p.y === null ? [] : [p.y])))
  const [from, to] = [Math.floor(Math.log10(Math.min(...all))), Math.ceil(Math.log10(Math.max(...all)))]
  const steps = to - from > 4 ? [1] : [1, 2, 5]
  return Array.from({ length: to - from + 1 }, (_, i) => steps.map((s) => s * 10 ** (from + i))).flat()
}

/** Whole epochs only. */
function xAxis(series: readonly Series[]): object {
  const all = series.flatMap((s) => s.points.map((p) => p.x))
  const [from, to] = [Math.min(...all), Math.max(...all)]
  if (to - from >= 10) return { format: ',d', tickCount: 6 }
  return { format: 'd', values: Array.from({ length: to - from + 1 }, (_, i) => from + i) }
}

/** A point between gaps, which no line would show. */
const isAlone = (points: Series['points'], i: number): boolean =>
  points[i]!.y !== null && (points[i - 1]?.y ?? null) === null && (points[i + 1]?.y ?? null) === null
