import type { Fused } from '../ir/block'
import { loadsOf, type Load, type Scalar } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { isPointLoad } from '../lower/form'

/** Kernels with who must run before whom: data first, then reads of old state before its overwriting. */
export interface Ordering {
  readonly order: readonly Fused[]
  /** Variables and carries whose next value is written straight into their memory. */
  readonly inPlace: ReadonlySet<Tensor>
}

const bodiesOf = (f: Fused): Scalar[] => f.reduce?.accumulators.map((a) => a.body) ?? []

interface Node {
  readonly fused: Fused
  readonly position: number
  readonly loads: readonly Load[]
  readonly after: Set<Node>
}

/**
 * Orders the kernels and chooses in-place updates. A variable is overwritten in place when its own kernel reads the old
 * value only at the point being written, outside any reduction, and every other reader can run before: each choice adds
 * those read-before-write edges to the graph and is kept only while it stays acyclic.
 */
export function orderKernels(
  kernels: readonly Fused[],
  updates: ReadonlyMap<Tensor, Tensor>,
  checks: Iterable<Tensor>,
  options: { readonly inPlace: boolean },
): Ordering {
  const nodes = kernels.map((fused, position): Node => ({
    fused,
    position,
    loads: fused.loads,
    after: new Set(),
  }))
  const owner = new Map<Tensor, Node>()
  for (const node of nodes) for (const { tensor } of node.fused.values) owner.set(tensor, node)
  const readers = new Map<Tensor, Set<Node>>()
  for (const node of nodes) {
    for (const { from } of node.loads) {
      const producer = owner.get(from)
      if (producer && producer !== node) producer.after.add(node)
      if (!readers.has(from)) readers.set(from, new Set())
      readers.get(from)!.add(node)
    }
    for (const t of node.fused.after ?? []) {
      const producer = owner.get(t)
      if (producer && producer !== node) producer.after.add(node)
    }
  }
  const guards = [...checks].map((t) => owner.get(t)!)
  const inPlace = new Set<Tensor>()
  if (options.inPlace) {
    for (const [variable, next] of updates) {
      const writer = owner.get(next)!
      if (!readsOwnPointOnly(writer, variable)) continue
      const others = [...(readers.get(variable) ?? [])].filter((r) => r !== writer)
      // State is written only after every check has been looked at.
      const first = new Set([...others, ...guards])
      if (first.has(writer) || reachesAny(writer, first)) continue
      for (const reader of first) reader.after.add(writer)
      inPlace.add(variable)
    }
  }
  return { order: sorted(nodes).map((n) => n.fused), inPlace }
}

function readsOwnPointOnly({ fused, loads }: Node, variable: Tensor): boolean {
  if (fused.inner) return false
  if (loadsOf(bodiesOf(fused)).some((l) => l.from === variable)) return false
  // What is scattered is written anywhere, and begins with zeros.
  return loads.every((l) => l.from !== variable || (!fused.scatter && isPointLoad(l, fused.axes)))
}

function reachesAny(from: Node, targets: ReadonlySet<Node>): boolean {
  if (targets.size === 0) return false
  const seen = new Set<Node>()
  const stack = [...from.after]
  while (stack.length > 0) {
    const node = stack.pop()!
    if (targets.has(node)) return true
    if (seen.has(node)) continue
    seen.add(node)
    stack.push(...node.after)
  }
  return false
}

/** Topological order that stays as close to the given one as it can. */
function sorted(nodes: readonly Node[]): Node[] {
  const waiting = new Map<Node, number>(nodes.map((n) => [n, 0]))
  for (const n of nodes) for (const next of n.after) waiting.set(next, waiting.get(next)! + 1)
  const ready = new PositionHeap()
  for (const n of nodes) if (waiting.get(n) === 0) ready.push(n)
  const out: Node[] = []
  for (let n = ready.pop(); n; n = ready.pop()) {
    out.push(n)
    for (const next of n.after) {
      const left = waiting.get(next)! - 1
      waiting.set(next, left)
      if (left === 0) ready.push(next)
    }
  }
  if (out.length !== nodes.length) throw new Error('the kernel graph has a cycle')
  return out
}

/** A binary heap of nodes by position. */
class PositionHeap {
  private readonly items: Node[] = []

  push(node: Node): void {
    const { items } = this
    let i = items.push(node) - 1
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (items[parent]!.position <= node.position) break
      items[i] = items[parent]!
      i = parent
    }
    items[i] = node
  }

  pop(): Node | undefined {
    const { items } = this
    const top = items[0]
    const last = items.pop()
    if (top === undefined || last === undefined || items.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= items.length) break
      if (child + 1 < items.length && items[child + 1]!.position < items[child]!.position) child++
      if (items[child]!.position >= last.position) break
      items[i] = items[child]!
      i = child
    }
    items[i] = last
    return top
  }
}
