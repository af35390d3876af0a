import type { Drawing, DrawnNode } from '../protocol'

export type Direction = 'up' | 'down' | 'left' | 'right'

/**
 * The node that an arrow key leads to: up to what a node reads, down to what reads it, sideways to the next node at about the
 * same height. Of several the nearest. Undefined where there is none.
 */
export function travel(
  { nodes, edges }: Pick<Drawing, 'nodes' | 'edges'>,
  from: string,
  to: Direction,
): string | undefined {
  const start = nodes.find((n) => n.key === from)
  if (!start) return nodes[0]?.key
  const there = to === 'up' || to === 'down' ? along(edges, from, to) : undefined
  const fits = (n: DrawnNode): boolean => {
    if (there) return there.has(n.key)
    const isBeside = Math.abs(n.y - start.y) < start.height
    return n.key !== from && isBeside && (to === 'left' ? n.x < start.x : n.x > start.x)
  }
  const far = (n: DrawnNode): number => Math.hypot(n.x - start.x, n.y - start.y)
  return nodes.filter(fits).sort((a, b) => far(a) - far(b))[0]?.key
}

function along(edges: Drawing['edges'], from: string, to: 'up' | 'down'): Set<string> {
  return to === 'up'
    ? new Set(edges.filter((e) => e.to === from).map((e) => e.from))
    : new Set(edges.filter((e) => e.from === from).map((e) => e.to))
}
