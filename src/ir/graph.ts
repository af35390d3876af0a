import { listAt } from './list-at'
import { postorder } from './postorder'
import { bodyResults } from './region'
import type { Tensor } from './tensor'

const inputsOf = (t: Tensor): readonly Tensor[] => t.inputs

/** All tensors below the roots, operands first; those in `stop` and what is below them are left out. */
export const toposort = (roots: readonly Tensor[], stop?: { has(t: Tensor): boolean }): Tensor[] =>
  postorder(roots, inputsOf, stop)

/** The same with what the bodies of regions compute, in front of their region. */
export function withBodies(order: readonly Tensor[]): readonly Tensor[] {
  if (!order.some((t) => t.op.kind === 'region')) return order
  return order.flatMap((t) => {
    if (t.op.kind !== 'region') return [t]
    const inside = t.op.bodies(t.attrs).flatMap((body) => withBodies(toposort(bodyResults(body))))
    return [...inside, t]
  })
}

/** Who reads each tensor, each reader once, in topological order. */
export function readersOf(order: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const readers = new Map<Tensor, Tensor[]>()
  for (const t of order) {
    for (const x of new Set(t.inputs)) listAt(readers, x).push(t)
  }
  return readers
}
