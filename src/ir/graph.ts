import type { Tensor } from './tensor'

/**
 * All tensors below the roots, operands first; those in `stop` and what is below them are left out. Iterative: depth is
 * bounded by memory, not by the stack.
 */
export function toposort(roots: readonly Tensor[], stop?: { has(t: Tensor): boolean }): Tensor[] {
  const order: Tensor[] = []
  const done = new Set<Tensor>()
  const open: Tensor[] = []
  const positions: number[] = []
  const enter = (t: Tensor): void => {
    if (done.has(t) || stop?.has(t)) return
    done.add(t)
    if (t.inputs.length === 0) order.push(t)
    else {
      open.push(t)
      positions.push(0)
    }
  }
  for (const root of roots) {
    enter(root)
    while (open.length > 0) {
      const top = open[open.length - 1]!
      const input = top.inputs[positions[positions.length - 1]!++]
      if (input !== undefined) enter(input)
      else {
        order.push(top)
        open.pop()
        positions.pop()
      }
    }
  }
  return order
}

/** Who reads each tensor, each reader once, in topological order. */
export function readersOf(order: readonly Tensor[]): Map<Tensor, Tensor[]> {
  const readers = new Map<Tensor, Tensor[]>()
  for (const t of order) {
    for (const x of new Set(t.inputs)) {
      const list = readers.get(x)
      if (list) list.push(t)
      else readers.set(x, [t])
    }
  }
  return readers
}
