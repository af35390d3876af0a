/** A kernel in the making and its neighbours. */
export interface KernelNode {
  /** A topological number: every edge goes from a lower to a higher rank. */
  rank: number
  readonly before: Set<KernelNode>
  readonly after: Set<KernelNode>
}

// A join that would have to look further than this is not made: passes stay linear in the graph.
const SEARCH_LIMIT = 64

/** The growing acyclic graph of kernels, with a topological numbering kept up to date as joins are made. */
export class KernelGraph<N extends KernelNode> {
  private readonly members = new Set<N>()
  private nextRank = 0

  /** Kernels in topological order. */
  nodes(): N[] {
    return [...this.members].sort((a, b) => a.rank - b.rank)
  }

  add(node: N, needs: ReadonlySet<N>): void {
    node.rank = this.nextRank++
    this.members.add(node)
    this.connect(node, needs)
  }

  /** Whether a new block that needs `needs` may join `host`: none of them may lie behind the host. */
  mayJoin(host: N, needs: ReadonlySet<N>): boolean {
    const late = [...needs].filter((n) => n !== host && n.rank > host.rank)
    if (late.length === 0) return true
    const behind = this.behind(host)
    return behind !== undefined && late.every((n) => !behind.includes(n))
  }

  join(host: N, needs: ReadonlySet<N>): void {
    const isLate = [...needs].some((n) => n !== host && n.rank > host.rank)
    if (isLate) {
      // The host, and what lies behind it, move after everything the newcomer needs.
      const moved = [host, ...this.behind(host)!].sort((a, b) => a.rank - b.rank)
      for (const node of moved) node.rank = this.nextRank++
    }
    this.connect(host, needs)
  }

  private connect(node: N, needs: ReadonlySet<N>): void {
    for (const need of needs) {
      if (need === node) continue
      need.after.add(node)
      node.before.add(need)
    }
  }

  /** Everything reachable from a node, or undefined if that is too much to look at. */
  private behind(node: N): N[] | undefined {
    const found = new Set<N>()
    const stack = [...node.after] as N[]
    while (stack.length > 0) {
      const next = stack.pop()!
      if (found.has(next)) continue
      found.add(next)
      if (found.size > SEARCH_LIMIT) return undefined
      stack.push(...([...next.after] as N[]))
    }
    return [...found]
  }
}
