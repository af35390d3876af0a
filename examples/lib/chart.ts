export type Point = readonly [x: number, y: number]

/** A line or a row of dots; `color` is a place in the palette, without one it is gray. */
export interface Trace {
  readonly name?: string
  readonly points: readonly Point[]
  readonly color?: number
  readonly isDotted?: boolean
}
export interface Panel {
  readonly title: string
  readonly traces: readonly Trace[]
}
export interface ChartOptions {
  readonly xLabel: string
  readonly yLabel: string
  /** Panels side by side. */
  readonly columns: number
  /** Of a panel without its margins. */
  readonly width: number
  readonly height: number
  /** Equal distances upwards are equal ratios. */
  readonly isLogarithmic?: boolean
}

// Told apart on white and on black, by most people who do not see all colours, too. Source: Tableau 10.
const PALETTE = ['#4e79a7', '#f28e2b', '#e15759', '#76b7b2', '#59a14f', '#b07aa1']
const MARGIN = { left: 62, right: 18, top: 34, bottom: 50 }
const LEGEND = 120
const STYLE = `
svg { background: #fff; color: #222; --grid: #ddd; --faint: #999; font: 13px system-ui, sans-serif }
@media (prefers-color-scheme: dark) { svg { background: #16181d; color: #ddd; --grid: #363a42; --faint: #888 } }
text { fill: currentColor } .title { font-weight: 600 } .grid { stroke: var(--grid); stroke-width: 1 }
path { fill: none; stroke-width: 2; stroke-linejoin: round } .faint { stroke: var(--faint); stroke-width: 1.5 }`

/** Charts over common axes as an SVG that follows the light or dark scheme of who looks at it. */
export function chart(panels: readonly Panel[], options: ChartOptions): string {
  const { columns, width, height } = options
  const points = panels.flatMap(({ traces }) => traces.flatMap((trace) => trace.points))
  const x = scaleOf(points.map(([x]) => x), 0, width) // prettier-ignore
  const heights = points.map(([, y]) => y)
  const y = options.isLogarithmic ? ratioScale(heights, height, 0) : scaleOf(heights, height, 0)
  const [outerWidth, outerHeight] = [MARGIN.left + width + MARGIN.right, MARGIN.top + height + MARGIN.bottom]
  const named = new Map(
    panels.flatMap(({ traces }) => traces.flatMap((t) => (t.name === undefined ? [] : [[t.name, t]]))),
  )
  const legend = named.size > 0 ? LEGEND : 0
  const total = [columns * outerWidth + legend, Math.ceil(panels.length / columns) * outerHeight]
  const drawnPanels = panels.map(({ title, traces }, i) => {
    const [left, top] = [(i % columns) * outerWidth + MARGIN.left, Math.floor(i / columns) * outerHeight + MARGIN.top]
    const grid = [
      ...x.ticks.map(
        (tick) => `<path class="grid" d="M${x.at(tick)} 0V${height}"/>${text(x.at(tick), height + 18, tick, 'middle')}`,
      ),
      ...y.ticks.map(
        (tick) => `<path class="grid" d="M0 ${y.at(tick)}H${width}"/>${text(-8, y.at(tick) + 4, tick, 'end')}`,
      ),
    ]
    return `<g transform="translate(${left} ${top})">
${text(width / 2, -12, title, 'middle', ' class="title"')}
${grid.join('\n')}
${text(width / 2, height + 38, options.xLabel, 'middle')}
${text(0, 0, options.yLabel, 'middle', ` transform="translate(-46 ${height / 2}) rotate(-90)"`)}
${traces.map((trace) => drawn(trace, x.at, y.at)).join('\n')}
</g>`
  })
  const entries = [...named.values()].map(({ name, color }, i) => {
    const top = MARGIN.top + 10 + 22 * i
    return `<path stroke="${colorOf(color)}" d="M0 ${top}h18"/>${text(26, top + 4, name!, 'start')}`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${total.join(' ')}" width="${total[0]}" height="${total[1]}">
<style>${STYLE}</style>
${drawnPanels.join('\n')}
<g transform="translate(${columns * outerWidth} 0)">${entries.join('\n')}</g>
</svg>
`
}

const colorOf = (color: number | undefined): string =>
  color === undefined ? 'var(--faint)' : PALETTE[color % PALETTE.length]!

const text = (x: number, y: number, content: string | number, anchor: 'start' | 'middle' | 'end', more = ''): string =>
  `<text x="${x}" y="${y}" text-anchor="${anchor}"${more}>${String(content).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</text>`

function drawn({ points, color, isDotted }: Trace, x: (v: number) => number, y: (v: number) => number): string {
  const places = points.map((point) => [x(point[0]), y(point[1])] as const)
  const line = `<path ${color === undefined ? 'class="faint"' : `stroke="${colorOf(color)}"`} d="M${places.map((p) => p.join(' ')).join('L')}"/>`
  if (!isDotted) return line
  return places.map(([left, top]) => `<circle cx="${left}" cy="${top}" r="3" fill="${colorOf(color)}"/>`).join('')
}

/** From values to pixels, with round numbers to write beside. */
function scaleOf(values: readonly number[], from: number, to: number) {
  const [least, most] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity])
  const rough = (most - least) / 5
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = power * [1, 2, 5, 10].find((factor) => factor * power >= rough)!
  const [first, last] = [Math.floor(least / step), Math.ceil(most / step)]
  const at = (v: number): number => Math.round(10 * (from + ((v / step - first) / (last - first)) * (to - from))) / 10
  return { at, ticks: Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12))) }
}

/** The same by orders of magnitude, for values above 0. */
function ratioScale(values: readonly number[], from: number, to: number) {
  const [least, most] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, 0])
  const round = Array.from({ length: 60 }, (_, i) => [1, 2, 5][i % 3]! * 10 ** (Math.floor(i / 3) - 10))
  const [first, last] = [round.findLastIndex((v) => v <= least), round.findIndex((v) => v >= most)]
  const span = Math.log(round[last]! / round[first]!)
  const at = (v: number): number => Math.round(10 * (from + (Math.log(v / round[first]!) / span) * (to - from))) / 10
  return { at, ticks: round.slice(first, last + 1).map((tick) => Number(tick.toPrecision(3))) }
}
