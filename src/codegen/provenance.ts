import { shortPath } from './names'
import type { Axis } from '../ir/affine'
import type { Fused } from '../ir/block'
import { type Formula, nameF } from '../ir/formula'
import type { Buffer, PlannedKernel } from '../ir/plan'
import { costOf, type Load, loadsOf, type Scalar } from '../ir/scalar'
import { siteText } from '../ir/origin'
import type { Tensor } from '../ir/tensor'
import { bytesOf, showType, sizeOf } from '../ir/type'
import { formulaOf, spokenName } from './formula'
import { formulaText } from './formula-text'
import type { TensorNames } from './tensor-names'

export interface KernelFacts {
  /** One line for each tensor that matters, gradients before the updates they are folded into. */
  readonly formulas: readonly string[]
  /** The tensors that they are of. */
  readonly shown: readonly Tensor[]
  readonly origin: string
  readonly reads: readonly Tensor[]
  readonly writes: readonly Tensor[]
  /** Every tensor that is computed here, also those that are not stored. */
  readonly computed: readonly Tensor[]
  /** Those that are. */
  readonly stored: readonly Tensor[]
  /** Additions, multiplications and the like a run, with dearer functions counted by their cost. */
  readonly flops: number
  /** Bytes of all operands and results as far as they are touched in one run, each element counted once. */
  readonly bytes: number
}

/** What parts are computed into. */
const JOINS: ReadonlySet<string> = new Set(['concat', 'reshape'])

/** What people want to know of a kernel; the comment above it is made of this. */
export function kernelFacts({ fused, inPlace, stores }: PlannedKernel, names: TensorNames): KernelFacts {
  const stored = new Set(fused.outputs.map((o) => o.tensor))
  const inside = insideOf(fused)
  const shown = [...inside].filter((t) => stored.has(t) || names.isNamed(t))
  const updated = new Map(
    [...stores].filter(([, buffer]) => buffer.region === 'state').map(([t, buffer]) => [t, buffer.of] as const),
  )
  const known =
    (except: Tensor) =>
    (t: Tensor): Formula | undefined => {
      if (t === except) return undefined
      const target = updated.get(t)
      if (target) return nameF(names.nameOf(target), true)
      const isName = t.op.kind === 'leaf' || names.isNamed(t) || stored.has(t) || !inside.has(t)
      return isName ? nameF(names.nameOf(t)) : undefined
    }
  const formulas = shown.map((t) => {
    const target = updated.get(t)
    const label = target ? names.nameOf(target) : names.nameOf(t)
    const whole = stores.get(t)?.of
    const isPart = whole !== undefined && whole !== t && JOINS.has(whole.op.name)
    const note =
      target && inPlace.some((v) => v === target) ? ', in place' : isPart ? `, into ${names.nameOf(whole)}` : ''
    return `${label} ${showType(t)} = ${formulaText(formulaOf(t, known(t)))}${note}`
  })
  const scalars: Scalar[] = [...(fused.reduce?.accumulators.map((a) => a.body) ?? [])]
  const values = fused.values.map((v) => v.value)
  const flops = flopsOf(fused)
  const loads = loadsOf([...scalars, ...values])
  const reads = [...new Set(loads.map((l) => l.from))]
  const writes = fused.outputs.map((o) => updated.get(o.tensor) ?? o.tensor)
  const written = writes.reduce((sum, t) => sum + sizeOf(t.shape) * bytesOf(t.dtype), 0)
  const bytes = reads.reduce((sum, t) => sum + elementsRead(t, loads, fused) * bytesOf(t.dtype), written)
  return {
    formulas,
    shown,
    origin: originOf(fused.values.map((v) => v.tensor)),
    reads,
    writes,
    computed: fused.values.map((v) => v.tensor),
    stored: fused.outputs.map((o) => o.tensor),
    flops,
    bytes,
  }
}

/** The most elements of a tensor that one run of a kernel can read: of a table some rows, of a sequence the slice of a turn. */
function elementsRead(t: Tensor, loads: readonly Load[], { axes, reduce, scatter, values }: Fused): number {
  const size = sizeOf(t.shape)
  // Those run through their operands as they like.
  if (values[0]!.tensor.op.kind === 'loops') return size
  const all = [...axes, ...(reduce?.axes ?? []), ...(scatter?.axes ?? [])]
  const most = loads
    .filter((l) => l.from === t)
    .map(({ index, offset }) => {
      const isUsed = (axis: Axis): boolean => offset !== undefined || index.some((i) => i.terms.has(axis))
      return sizeOf([...new Set(all.filter(isUsed))].map((axis) => axis.extent))
    })
  return Math.min(
    size,
    most.reduce((sum, n) => sum + n, 0),
  )
}

/** Additions, multiplications and the like of one run of a kernel. */
export function flopsOf({ axes, reduce, values }: Fused): number {
  const { op, inputs, attrs } = values[0]!.tensor
  const work = op.kind === 'loops' ? op.work?.(inputs, attrs) : undefined
  const points = sizeOf(axes.map((a) => a.extent))
  const steps = sizeOf((reduce?.axes ?? []).map((a) => a.extent))
  const combined = (reduce?.accumulators ?? []).map((a) => a.body)
  return Math.round(
    work ?? points * (steps * (costOf(combined) + combined.length) + costOf(values.map((v) => v.value))),
  )
}

/** `update_` and the variable it writes last, else `compute_` and its first named result, or what it is made from. */
export function kernelName(kernel: PlannedKernel, names: TensorNames): string {
  const target = updatedBy(kernel)
  if (target) return `update_${shortPath(target.name)}`
  const { outputs, values } = kernel.fused
  const shown = outputs.find((o) => names.isNamed(o.tensor)) ?? values.findLast((v) => names.isNamed(v.tensor))
  return `compute_${shortPath(names.nameOf((shown ?? outputs[0]!).tensor))}`
}

/** The memory of the variable that a kernel writes last, if it writes one. */
export const updatedBy = ({ fused, stores }: PlannedKernel): Buffer | undefined =>
  fused.outputs
    .map((o) => stores.get(o.tensor)!)
    .filter((b) => b.region === 'state')
    .at(-1)

/** Tensors that this kernel computes on the way, operands first, views and inlined values included. */
export function insideOf(fused: PlannedKernel['fused']): Set<Tensor> {
  const loaded = new Set(fused.loads.map((l) => l.from))
  const inside = new Set<Tensor>()
  const seen = new Set<Tensor>()
  const stack = fused.values.map((v) => v.tensor).reverse()
  while (stack.length > 0) {
    const t = stack.at(-1)!
    if (seen.has(t)) inside.add(stack.pop()!)
    else {
      seen.add(t)
      stack.push(...t.inputs.filter((x) => !seen.has(x) && !loaded.has(x) && x.op.kind !== 'leaf').reverse())
    }
  }
  return inside
}

function originOf(tensors: readonly Tensor[]): string {
  const first = tensors[0]!
  const rule = first.origin.recomputed ? undefined : first.origin.rule
  const site = siteText((rule ?? first).origin)
  const what = rule
    ? `gradient of ${spokenName(rule)}`
    : `${tensors
        .map((t) => spokenName(t))
        .slice(0, 6)
        .join(', ')}${first.origin.recomputed ? ' again' : ''}`
  return `${what}${site ? ` at ${site}` : ''}`
}

export const countText = (n: number, unit: string): string =>
  n >= 1e9
    ? `${(n / 1e9).toPrecision(3)} G${unit}`
    : n >= 1e6
      ? `${(n / 1e6).toPrecision(3)} M${unit}`
      : n >= 1e3
        ? `${(n / 1e3).toPrecision(3)} k${unit}`
        : `${n} ${unit}`

/** The comment above a kernel. */
export const docLines = (facts: KernelFacts): string[] => [
  ...facts.formulas,
  `  ${facts.origin}; ${countText(facts.flops, 'flop')}, ${countText(facts.bytes, 'B')}`,
]
