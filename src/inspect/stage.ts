import { checkOneOf } from '../ir/names-of'
import type { GraphView, Inspection, TensorView } from './inspection'
import { type Stage, STAGES } from './graph'

/** The graph of an inspection at a stage. Throws a GraphError for a stage there is none of. */
export function stageOf(what: string, inspection: Inspection, stage: Stage): GraphView {
  if (stage === 'kernels') return kernelGraph(inspection)
  checkOneOf(what, 'stage', stage, STAGES)
  return inspection.graphs[stage]
}

/**
 * Kernels as a graph like the others: a tensor for each, with the op `kernel` and the names of what it writes, and the
 * inputs and variables that they read.
 */
export function kernelGraph({ graphs: { simplified }, kernels }: Inspection): GraphView {
  const all = simplified.tensors
  const tensors: TensorView[] = []
  const ids = new Map<number, number>()
  const leaf = (x: number): number[] => {
    const view = all[x]!
    if (view.part !== 'input' && view.part !== 'state') return []
    if (!ids.has(x)) {
      ids.set(x, tensors.length)
      tensors.push({ ...view, id: tensors.length, inputs: [], kernels: [] })
    }
    return [ids.get(x)!]
  }
  const leaves = kernels.map((k) => {
    const read = new Set(k.reads.map(nameIn))
    return k.tensors.flatMap((t) => all[t]!.inputs.filter((x) => read.has(all[x]!.name)).flatMap(leaf))
  })
  const first = tensors.length
  for (const k of kernels) {
    const results = k.tensors.map((t) => all[t]!)
    const written = k.writes.map(nameIn)
    const result = results.findLast((t) => written.includes(t.name)) ?? results.at(-1)
    const [place] = k.places
    tensors.push({
      id: first + k.id,
      name: written.join(', '),
      named: true,
      op: k.name,
      shape: result?.shape ?? [],
      dtype: result?.dtype ?? 'float32',
      part: k.part,
      scope: results.findLast((t) => t.scope !== '')?.scope ?? '',
      inputs: [...new Set([...leaves[k.id]!, ...k.from.map((from) => first + from.kernel)])],
      formula: k.formulas.join('\n'),
      ...(place ? { place } : {}),
      kernels: [k.id],
    })
  }
  const results = (given: Readonly<Record<string, number>>): Record<string, number> =>
    Object.fromEntries(
      Object.entries(given).flatMap(([name, id]) => {
        const k = all[id]!.kernels.at(-1)
        return k === undefined ? [] : [[name, first + k]]
      }),
    )
  return { tensors, outputs: results(simplified.outputs), updates: results(simplified.updates) }
}

/** `name float32[2, 3]`: names may hold spaces. */
const nameIn = (text: string): string => text.slice(0, text.lastIndexOf(' ', text.lastIndexOf('[')))
