import { type Dagre, loadDagre } from '../drawing/dagre'
import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { collapse, countText, openAtFirst, type ShownGraph } from './collapse'
import { groupsOf } from './groups'
import type { Stage } from './graph'
import { inspect, type InspectOptions } from './inspect'
import type { GraphView, Inspection } from './inspection'
import { stageOf } from './stage'
import { layOutShown } from './place-shown'
import { pictureOf } from './picture'

/** Options of `svg`. */
export interface SvgOptions extends Pick<InspectOptions, 'bindings' | 'fuse' | 'passes'> {
  /** `traced` as the model was written, `expanded` without composites, `simplified` (the default), or `kernels` after fusion. */
  readonly stage?: Stage
  /**
   * Scopes whose inside is shown, by their paths, or `all`; as many as leave the picture readable if absent. A scope shows
   * only where those around it do.
   */
  readonly open?: 'all' | readonly string[]
}

/**
 * A picture of an entry's graph as SVG: a box for each tensor with name, op and type, or for each scope that is closed, and
 * arrows with shapes from what is computed to what reads it. Forward, backward and update differ in colour and outline; light
 * or dark as its viewer is. Needs the package @dagrejs/dagre; rejects with a RuntimeError where that is not installed, and
 * with a GraphError as `inspect` throws it.
 */
export async function svg(run: object, options: SvgOptions = {}): Promise<string> {
  checkKeys('svg', options, ['bindings', 'fuse', 'passes', 'stage', 'open'])
  const { stage = 'simplified', open, ...shown } = options
  const inspection = inspect(run, shown)
  const graph = stageOf('svg', inspection, stage)
  return svgOf(await loadDagre('svg'), inspection, { stage, open: openOf(graph, open) })
}

function openOf(graph: GraphView, open: SvgOptions['open']): ReadonlySet<string> {
  if (open === undefined) return openAtFirst(graph)
  const keys = groupsOf(graph).groups.map((g) => g.id)
  if (open === 'all') return new Set(keys)
  const known = new Set(keys)
  for (const key of open) {
    if (known.has(key) && key !== '') continue
    const list = keys.slice(1, 9).map((k) => `"${k}"`)
    throw new GraphError(`svg: there is no scope "${key}"; there are ${list.join(', ') || 'none'}`)
  }
  return new Set(open)
}

/** The same of what is known already. */
export function svgOf(
  dagre: Dagre,
  inspection: Inspection,
  { stage, open }: { readonly stage: Stage; readonly open: ReadonlySet<string> },
): string {
  const graph = stageOf('svg', inspection, stage)
  const shown = collapse(graph, open)
  const ofStage = stage === 'kernels' ? 'kernels' : `${stage} graph`
  return pictureOf(shown, layOutShown(dagre, shown), {
    title: `${inspection.entry}: ${ofStage}`,
    description: descriptionOf(graph, shown),
  })
}

function descriptionOf(graph: GraphView, { nodes, frames }: ShownGraph): string {
  const counts: Record<string, number> = {}
  for (const { part } of graph.tensors) counts[part] = (counts[part] ?? 0) + 1
  const inputs = graph.tensors.filter((t) => t.part === 'input').map((t) => t.name)
  const groups = nodes.filter((n) => n.kind === 'group').map((n) => n.title)
  return [
    `${countText(counts)}.`,
    `From ${inputs.join(', ') || 'no inputs'} to ${Object.keys(graph.outputs).join(', ') || 'no outputs'}; ` +
      `writes ${Object.keys(graph.updates).join(', ') || 'no state'}.`,
    ...(frames.length > 0 ? [`Open: ${frames.map((f) => f.title).join(', ')}.`] : []),
    ...(groups.length > 0 ? [`Closed: ${groups.join(', ')}.`] : []),
  ].join(' ')
}
