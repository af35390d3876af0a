import { insideOf, type KernelFacts } from '../codegen/provenance'
import type { Compilation } from '../compile/pipeline'
import type { PlannedKernel } from '../ir/plan'
import type { Tensor } from '../ir/tensor'
import type { Code } from './code'
import type { KernelView, Place } from './inspection'
import { kernelRow } from './kernel-row'
import { partOfKernel } from './part'
import { placeOf } from '../ir/origin'

interface KernelInput {
  readonly planned: readonly PlannedKernel[]
  readonly facts: readonly KernelFacts[]
  readonly code: Code
  /** Numbers of tensors in the simplified graph. */
  readonly idOf: ReadonlyMap<Tensor, number>
}

export function kernelViews(compilation: Compilation, { planned, facts, code, idOf }: KernelInput): KernelView[] {
  const lines = code.lines()
  const writer = new Map<Tensor, number>()
  planned.forEach(({ fused }, id) => fused.outputs.forEach(({ tensor }) => writer.set(tensor, id)))
  return planned.map((kernel, id) => {
    const { kernel: name, ...row } = kernelRow(compilation, code.kernels[id]!.name, facts[id]!)
    const inside = [...insideOf(kernel.fused)]
    const read = new Set(kernel.fused.loads.map((load) => load.from))
    return {
      id,
      name,
      ...row,
      part: partOfKernel(kernel),
      tensors: inside.flatMap((t) => idOf.get(t) ?? []),
      places: distinctPlaces(inside),
      from: [...read].flatMap((t) => {
        const source = writer.get(t)
        return source === undefined || source === id ? [] : [{ kernel: source, name: compilation.names.nameOf(t) }]
      }),
      lines: lines[id]!,
    }
  })
}

/** The lines that tensors come from, each once; of a gradient that is the line of what it belongs to. */
function distinctPlaces(tensors: readonly Tensor[]): Place[] {
  const places = new Map<string, Place>()
  for (const { origin } of tensors) {
    const place = placeOf(origin)
    if (place) places.set(`${place.file}:${place.line}`, place)
  }
  return [...places.values()]
}
