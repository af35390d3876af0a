import { loadDagre } from '../drawing/dagre'
import { type Box, layOut, type Size } from '../drawing/layout'
import { boxSize, corner, curve, frameTitle, linesAt, svgText, textAt } from '../drawing/svg'
import { checkFlags, checkKeys } from '../ir/names-of'
import type { AnyModel } from './model'
import { plotGraph, type PlotNode } from './plot-graph'

/** Options of `plotModel`. */
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
  checkFlags('plotModel', options, ['expandNested'])
  const graph = plotGraph(model, options.expandNested ?? false)
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]))
  const diagram = { ...graph, nodes: graph.nodes.map((node) => ({ ...node, frame: node.kind === 'frame' })) }
  const sizes = { box: (id: string) => boxSize(nodes.get(id)!.lines), label: labelSize }
  const { width, height, places, ways } = layOut(await loadDagre('plotModel'), diagram, sizes)
  const frames = graph.nodes.filter((node) => node.kind === 'frame')
  const boxes = graph.nodes.filter((node) => node.kind !== 'frame')
  return svgText({
    title: model.name,
    width,
    height,
    style: STYLE,
    body: [
      ...frames.map((node) => `<g class="frame"><rect rx="9" ${corner(places.get(node.id)!)}/></g>`),
      ...ways.map(({ points }) => `<path class="edge" marker-end="url(#gradloom-arrow)" d="${curve(points)}"/>`),
      ...frames.map((node) => frameTitle(places.get(node.id)!, node.lines[0]!)),
      ...boxes.map((node) => boxText(node, places.get(node.id)!)),
      ...ways.flatMap(({ label: { x, y } }, i) => {
        const { label } = graph.edges[i]!
        return label === '' ? [] : [textAt({ x, y: y + 4 }, 'label', label)]
      }),
    ],
  })
}

const labelSize = (text: string): Size => (text === '' ? { width: 0, height: 0 } : { width: 24, height: 16 })

const boxText = ({ kind, lines }: PlotNode, place: Box): string =>
  `<g class="${kind}"><rect rx="7" ${corner(place)}/>${linesAt(place, lines, ['name', 'class', 'shape'])}</g>`

const STYLE = `.gradloom .input rect{fill:var(--in);stroke:var(--inedge)}
.gradloom .model rect{fill:var(--model);stroke:var(--modeledge)}
`
