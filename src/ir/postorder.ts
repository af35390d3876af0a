/**
 * Everything below the roots, operands first, each once; what `stop` has, and what is below it, is left out. Iterative:
 * depth is bounded by memory, not by the call stack.
 */
export function postorder<T>(
  roots: readonly T[],
  operandsOf: (item: T) => readonly T[],
  stop?: { has(item: T): boolean },
): T[] {
  if (roots.length === 1 && operandsOf(roots[0]!).length === 0) return stop?.has(roots[0]!) ? [] : [...roots]
  const order: T[] = []
  const done = new Set<T>()
  const open: T[] = []
  const operands: (readonly T[])[] = []
  const positions: number[] = []
  const enter = (item: T): void => {
    if (done.has(item) || stop?.has(item)) return
    done.add(item)
    const list = operandsOf(item)
    if (list.length === 0) order.push(item)
    else {
      open.push(item)
      operands.push(list)
      positions.push(0)
    }
  }
  for (const root of roots) {
    enter(root)
    while (open.length > 0) {
      const last = open.length - 1
      const next = operands[last]![positions[last]!++]
      if (next !== undefined) enter(next)
      else {
        order.push(open.pop()!)
        operands.pop()
        positions.pop()
      }
    }
  }
  return order
}
