/** An edge that leads down, by at least so many ranks. */
export interface Step<N> {
  readonly from: N
  readonly to: N
  readonly least: number
}

/**
 * A rank for each node such that every step leads down far enough: as high as its operands let it stand, and from there as
 * low as its readers do where more is read than what it reads: weights and inputs stand above what needs them. In linear
 * time, where a network simplex takes seconds. The steps form no cycle.
 */
export function ranksOf<N>(nodes: Iterable<N>, steps: readonly Step<N>[]): Map<N, number> {
  const ranks = new Map<N, number>()
  const waiting = new Map<N, number>()
  const below = new Map<N, Step<N>[]>()
  for (const node of nodes) {
    ranks.set(node, 0)
    waiting.set(node, 0)
    below.set(node, [])
  }
  for (const step of steps) {
    below.get(step.from)!.push(step)
    waiting.set(step.to, waiting.get(step.to)! + 1)
  }
  const entering = new Map(waiting)
  const order = [...ranks.keys()].filter((node) => waiting.get(node) === 0)
  for (const node of order) {
    for (const { to, least } of below.get(node)!) {
      ranks.set(to, Math.max(ranks.get(to)!, ranks.get(node)! + least))
      waiting.set(to, waiting.get(to)! - 1)
      if (waiting.get(to) === 0) order.push(to)
    }
  }
  for (const node of order.reverse()) {
    const leaving = below.get(node)!
    if (leaving.length <= entering.get(node)!) continue
    ranks.set(
      node,
      leaving.reduce((low, { to, least }) => Math.min(low, ranks.get(to)! - least), Infinity),
    )
  }
  return ranks
}
