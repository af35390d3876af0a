/** Calls within one another that are fewer than any engine's stack holds. */
const DEEPEST = 200

/**
 * Everything below the roots, operands first, each once; what `stop` has, and what is below it, is left out. Depth is
 * bounded by memory, not by the call stack.
 */
export function postorder<T>(
  roots: readonly T[],
  operandsOf: (item: T) => readonly T[],
  stop?: { has(item: T): boolean },
): T[] {
  if (roots.length === 1 && operandsOf(roots[0]!).length === 0) return stop?.has(roots[0]!) ? [] : [...roots]
  const order: T[] = []
  const done = new Set<T>()
  // Most of what is walked is shallow, where a call costs less than a stack of one's own.
  const enter = (item: T, depth: number): void => {
    if (done.has(item) || stop?.has(item)) return
    done.add(item)
    const operands = operandsOf(item)
    if (depth < DEEPEST) for (let i = 0; i < operands.length; i++) enter(operands[i]!, depth + 1)
    else descend(operands)
    order.push(item)
  }
  const descend = (first: readonly T[]): void => {
    const open: { readonly operands: readonly T[]; next: number; readonly of?: T }[] = [{ operands: first, next: 0 }]
    for (let last = open[0]; last; last = open.at(-1)) {
      const item = last.operands[last.next++]
      if (item === undefined) {
        open.pop()
        if (last.of !== undefined) order.push(last.of)
      } else if (!done.has(item) && !stop?.has(item)) {
        done.add(item)
        open.push({ operands: operandsOf(item), next: 0, of: item })
      }
    }
  }
  for (let i = 0; i < roots.length; i++) enter(roots[i]!, 0)
  return order
}
