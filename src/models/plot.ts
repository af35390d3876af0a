import { checkKeys } from '../ir/names-of'
import type { AnyModel } from './model'
import { plotGraph, type PlotNode } from './plot-graph'
import { layOut, type Place, type Point } from './plot-layout'

export interface PlotOptions {
  /** Shows the layers of models inside, in frames; false by default. */
  readonly expandNested?: boolean
}

/**
 * A picture of a model as SVG: a box for each input and layer with name, class, number of weights and the shapes of what it
 * gives, and arrows for tensors. Light or dark as its viewer is. Needs the package @dagrejs/dagre; rejects with a RuntimeError
 * where that is not installed. As `plot_model` in Keras.
 */
export async function plotModel(model: AnyModel, options: PlotOptions = {}): Promise<string> {
  checkKeys('plotModel', options, ['expandNested'])
  const graph = plotGraph(model, options.expandNested ?? false)
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const { width, height, places, ways } = await layOut(graph, (id) => boxSize(nodes.get(id)!))
  const frames = graph.nodes.filter((node) => node.kind === 'frame')
  const boxes = graph.nodes.filter((node) => node.kind !== 'frame')
  const [w, h] = [Math.ceil(width), Math.ceil(height)]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="gradloom" viewBox="0 0 ${w} ${h}" width="${w}" height="${h}" role="img">`,
    `<title>${escaped(model.name)}</title>`,
    `<style>${STYLE}</style>`,
    `<defs><marker id="gradloom-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path class="head" d="M0 0 8 4 0 8Z"/></marker></defs>`,
    `<rect class="paper" width="${w}" height="${h}"/>`,
    ...frames.map((node) => frameText(places.get(node.id)!)),
    ...ways.map(({ points }) => `<path class="edge" marker-end="url(#gradloom-arrow)" d="${curve(points)}"/>`),
    ...frames.map((node) => titleText(node, places.get(node.id)!)),
    ...boxes.map((node) => boxText(node, places.get(node.id)!)),
    ...ways.flatMap(({ label }, i) => labelText(graph.edges[i]!.label, label)),
    '</svg>',
  ].join('\n')
}

const LINE = 18
const PADDING = 12
// A little more than letters of these sizes take in common fonts.
const LETTER = { name: 8.4, rest: 7.4 } as const

function boxSize({ lines }: PlotNode): { width: number; height: number } {
  const widths = lines.map((line, i) => [...line].length * (i === 0 ? LETTER.name : LETTER.rest))
  return { width: Math.max(120, ...widths) + 2 * PADDING, height: lines.length * LINE + PADDING + 2 }
}

const corner = ({ x, y, width, height }: Place): string =>
  `x="${at(x - width / 2)}" y="${at(y - height / 2)}" width="${at(width)}" height="${at(height)}"`

function boxText({ kind, lines }: PlotNode, place: Place): string {
  const top = place.y - place.height / 2 + PADDING / 2
  const texts = lines.map((line, i) => {
    const role = i === 0 ? 'name' : i === 1 ? 'class' : 'shape'
    return `<text class="${role}" x="${at(place.x)}" y="${at(top + (i + 0.75) * LINE)}">${escaped(line)}</text>`
  })
  return `<g class="${kind}"><rect rx="7" ${corner(place)}/>${texts.join('')}</g>`
}

const frameText = (place: Place): string => `<g class="frame"><rect rx="9" ${corner(place)}/></g>`

/** Above the lines that go through it. */
function titleText({ lines }: PlotNode, { x, y, width, height }: Place): string {
  const [left, top] = [x - width / 2 + PADDING, y - height / 2 + LINE]
  return `<text class="title" x="${at(left)}" y="${at(top)}">${escaped(lines[0]!)}</text>`
}

const labelText = (label: string, { x, y }: Point): string[] =>
  label === '' ? [] : [`<text class="label" x="${at(x)}" y="${at(y + 4)}">${escaped(label)}</text>`]

/** A smooth line that begins and ends at the outer points and keeps near the others. */
function curve([first, ...rest]: readonly Point[]): string {
  const steps = rest.slice(0, -1).map((p, i) => {
    const next = rest[i + 1]!
    const end = i === rest.length - 2 ? next : { x: (p.x + next.x) / 2, y: (p.y + next.y) / 2 }
    return `Q${pair(p)} ${pair(end)}`
  })
  return `M${pair(first!)}${steps.length > 0 ? steps.join('') : `L${pair(rest[0]!)}`}`
}

const at = (n: number): string => String(Math.round(n * 10) / 10)
const pair = ({ x, y }: Point): string => `${at(x)} ${at(y)}`
/** Names are the user's: no markup may come of one, and no sign that XML cannot hold. */
const escaped = (text: string): string =>
  text
    // eslint-disable-next-line no-control-regex
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`)

const STYLE = `
.gradloom{--paper:#fff;--ink:#1c2430;--soft:#5a6675;--line:#7d8997;--box:#f4f6f9;--edge:#c4ccd6;--in:#e4eefc;--inedge:#8fb4ea;--model:#f1eafb;--modeledge:#b79be0}
@media (prefers-color-scheme:dark){.gradloom{--paper:#14181d;--ink:#e8ecf1;--soft:#a3adba;--line:#8591a0;--box:#20272f;--edge:#46525f;--in:#1b2c44;--inedge:#4a74b0;--model:#2b2340;--modeledge:#7a5fb0}}
.gradloom text{font:12.5px ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif;fill:var(--soft);text-anchor:middle}
.gradloom .name{font-size:13.5px;font-weight:600;fill:var(--ink)}
.gradloom .shape{font-family:ui-monospace,'SFMono-Regular',Menlo,Consolas,'DejaVu Sans Mono',monospace;font-size:11.5px}
.gradloom .title{text-anchor:start;font-weight:600;stroke:var(--paper);stroke-width:4;paint-order:stroke}
.gradloom .label{text-anchor:middle;font-size:11px}
.gradloom .paper{fill:var(--paper)}
.gradloom g rect{fill:var(--box);stroke:var(--edge);stroke-width:1.2}
.gradloom .input rect{fill:var(--in);stroke:var(--inedge)}
.gradloom .model rect{fill:var(--model);stroke:var(--modeledge)}
.gradloom .frame rect{fill:none;stroke:var(--modeledge);stroke-dasharray:5 4}
.gradloom .edge{fill:none;stroke:var(--line);stroke-width:1.4}
.gradloom .head{fill:var(--line)}
`
