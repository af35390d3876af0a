import type { Axis } from '../ir/affine'
import type { Combine } from '../ir/block'
import type { Induction, Local, Param, Stmt } from '../ir/loop'
import { call, type Scalar, walk } from '../ir/scalar'
import type { FlatKernel, FlatStore } from './flat'
import { localValue } from './flat'

export interface Span {
  readonly from: number
  readonly to: number
  readonly step: number
}

export const loop = (
  axis: Axis,
  body: readonly Stmt[],
  { from, to, step }: Span = { from: 0, to: axis.extent, step: 1 },
  inductions: readonly Induction[] = [],
): Stmt => ({ kind: 'for', axis, from, to, step, loop: 'serial', inductions, body })

/** Wraps a body in loops, outermost axis first; `lets[d]` stand at the start of the body of loop d. */
export function nest(axes: readonly Axis[], lets: readonly (readonly Stmt[])[], body: readonly Stmt[]): Stmt[] {
  let inner = [...body]
  for (let d = axes.length; d >= 1; d--) inner = [loop(axes[d - 1]!, [...(lets[d] ?? []), ...inner])]
  return [...(lets[0] ?? []), ...inner]
}

/** Combines a new value into an accumulator. Maxima are sticky for NaN; `arg` follows the maximum it belongs to. */
export function accumulate(combine: Combine, local: Local, value: Scalar, best?: Local): Stmt[] {
  const before = localValue(local)
  if (combine !== 'arg') return [{ kind: 'set', local, value: call(combine, before, value) }]
  if (!best) throw new Error('an arg accumulator needs its maximum')
  return [{ kind: 'set', local, value }]
}

export const storeOf = ({ to, at }: FlatStore, value: Scalar): Stmt => ({
  kind: 'store',
  to,
  at: { index: at },
  value,
  lanes: 1,
})

/** Loads that would come too late where they are used: an earlier store of the same point writes what they read. */
export function guardedLoads(kernel: FlatKernel, values: readonly Scalar[]): Set<Scalar> {
  const guarded = new Set<Scalar>()
  const written = new Set<Param>()
  kernel.stores.forEach(({ to }, i) => {
    if (written.size > 0)
      for (const s of walk([values[i]!])) if (s.kind === 'element' && written.has(s.from)) guarded.add(s)
    written.add(to)
  })
  return guarded
}

/** Spans of the given step, then of half of it, and so on down to one. */
export function split(extent: number, size: number): Span[] {
  const spans: Span[] = []
  let from = 0
  for (let step = size; step >= 1; step = Math.floor(step / 2)) {
    const to = from + Math.floor((extent - from) / step) * step
    if (to > from) spans.push({ from, to, step })
    from = to
  }
  return spans
}
