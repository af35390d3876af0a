import type { Compilation } from '../compile/pipeline'
import { toposort } from '../ir/graph'
import { checkKeys, checkOneOf } from '../ir/names-of'
import { siteText } from '../ir/origin'
import { kernelsOf } from '../ir/plan'
import type { Tensor } from '../ir/tensor'
import { showType } from '../ir/type'
import { EXPANSION } from '../passes/expand'
import { rewrite } from '../passes/rewrite'
import { mapRoots, type Roots, rootTensors } from '../plan/roots'
import { type BindingOption, compiledOf } from '../compile/inspected'
import { findCycles, type Graph, newGraph } from './graphlib'
import { leafPart, type Part, partOfKernel, partsOf } from './part'

/** What a graph is looked at after. */
export type Stage = 'traced' | 'expanded' | 'simplified' | 'kernels'
export const STAGES: readonly Stage[] = ['traced', 'expanded', 'simplified', 'kernels']
/** Options of `graph` and `dot`. */
export interface GraphOptions extends BindingOption {
  /** `traced` as the model was written, `expanded` without composites, `simplified`, or `kernels` after fusion. */
  readonly stage?: Stage
}

/** What hangs on each node of the exported graph. */
export interface NodeLabel {
  readonly label: string
  readonly op: string
  readonly type: string
  readonly part: Part
  readonly site?: string
}

/**
 * An entry's graph at one stage as a graphlib Graph: node labels say what a node is; edges go from operand to reader and
 * have the operand's place as label, "0, 1" where one tensor is both.
 */
export const graph = (run: object, options: GraphOptions = {}): Graph => graphFor('graph', run, options)

function graphFor(what: string, run: object, options: GraphOptions): Graph {
  checkKeys(what, options, ['bindings', 'stage'])
  const { compilation } = compiledOf(what, run, options)
  const stage = options.stage ?? 'simplified'
  checkOneOf(what, 'stage', stage, STAGES)
  if (stage === 'kernels') return kernelGraph(compilation)
  const roots = rootsAt(stage, compilation)
  const out = newGraph()
  const ids = new Map<Tensor, string>()
  const order = toposort(rootTensors(roots))
  const partOf = partsOf(order, roots)
  for (const t of order) {
    const id = String(ids.size)
    ids.set(t, id)
    out.setNode(id, labelOf(t, compilation, partOf(t)))
    t.inputs.forEach((x, i) => connect(out, ids.get(x)!, id, String(i)))
  }
  return out
}

function rootsAt(stage: Exclude<Stage, 'kernels'>, { traced, roots }: Compilation): Roots {
  if (stage === 'traced') return traced.roots
  if (stage === 'simplified') return roots
  return mapRoots(traced.roots, rewrite(rootTensors(traced.roots), EXPANSION).roots)
}

function labelOf(t: Tensor, { names }: Compilation, part: Part): NodeLabel {
  const site = siteText(t.origin)
  const name = names.isNamed(t) || t.op.kind === 'leaf' ? names.nameOf(t) : undefined
  return {
    label: name === undefined ? t.op.name : `${name} = ${t.op.name}`,
    op: t.op.name,
    type: showType(t),
    part,
    ...(site === undefined ? {} : { site }),
  }
}

/** Kernels and the buffers between them: a node a kernel, an edge for each tensor one reads from another. */
function kernelGraph({ plan, names }: Compilation): Graph {
  const out = newGraph()
  const writer = new Map<Tensor, string>()
  const items = kernelsOf(plan.items)
  items.forEach((kernel, i) => {
    const id = `k${i}`
    const { outputs } = kernel.fused
    const places = outputs.map(({ tensor }) => ({ tensor, buffer: plan.place.get(tensor) }))
    const label = places.map(({ tensor, buffer: b }) => names.nameOf(b?.region === 'state' ? b.of : tensor)).join(', ')
    const type = outputs.map((o) => showType(o.tensor)).join(', ')
    out.setNode(id, { label, op: 'kernel', type, part: partOfKernel(kernel) })
    for (const { tensor } of outputs) writer.set(tensor, id)
  })
  items.forEach(({ fused }, i) => {
    for (const from of new Set(fused.loads.map((l) => l.from))) {
      const source = writer.get(from) ?? names.nameOf(from)
      if (!writer.has(from) && !out.hasNode(source))
        out.setNode(source, {
          label: source,
          op: from.op.name,
          type: showType(from),
          part: leafPart(from) ?? 'forward',
        })
      if (source !== `k${i}`) connect(out, source, `k${i}`, names.nameOf(from))
    }
  })
  return out
}

/** One edge for all that a node reads of another: `mul(x, x)` has the operands "0, 1" of `x`. */
function connect(out: Graph, from: string, to: string, label: string): void {
  const known = out.edge(from, to) as string | undefined
  out.setEdge(from, to, known === undefined ? label : `${known}, ${label}`)
}

/** The cycles of a graph, each as labels of its nodes; empty for every graph the compiler makes. */
export const cycles = (g: Graph): string[][] =>
  findCycles(g).map((ids) => ids.map((id) => (g.node(id) as NodeLabel | undefined)?.label ?? id))

const COLOURS: Readonly<Record<Part, string>> = {
  input: '#dbeafe',
  state: '#fde68a',
  constant: '#f3f4f6',
  forward: '#ffffff',
  backward: '#fee2e2',
  update: '#dcfce7',
}

/** The same graph in Graphviz's DOT language, forward, backward and update told apart by colour. */
export function dot(run: object, options: GraphOptions = {}): string {
  const g = graphFor('dot', run, options)
  const quote = (text: string): string => JSON.stringify(text)
  const nodes = g.nodes().map((id) => {
    const { label, type, part } = g.node(id) as NodeLabel
    return `  ${quote(id)} [label=${quote(`${label}\n${type}`)}, fillcolor=${quote(COLOURS[part])}]`
  })
  const edges = g.edges().map((e) => `  ${quote(e.v)} -> ${quote(e.w)}`)
  return `digraph {\n  node [shape=box, style=filled, fontname="monospace"]\n${[...nodes, ...edges].join('\n')}\n}\n`
}
