import type { Tensor } from './tensor'

/**
 * All tensors below the roots, operands first; those in `stop` and what is below them are left out. Iterative: depth is
 * bounded by memory, not by the stack.
 */
export function toposort(roots: readonly Tensor[], stop?: { has(t: Tensor): boolean }): Tensor[] {
  const order: Tensor[] = []
  const done = new Set<Tensor>()
  const stack: { tensor: Tensor; next: number }[] = []
  for (const root of roots) {
    if (done.has(root) || stop?.has(root)) continue
    done.add(root)
    stack.push({ tensor: root, next: 0 })
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!
      const input = top.tensor.inputs[top.next++]
      if (input === undefined) {
        order.push(top.tensor)
        stack.pop()
      } else if (!done.has(input) && !stop?.has(input)) {
        done.add(input)
        stack.push({ tensor: input, next: 0 })
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
