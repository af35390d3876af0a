import { toposort } from '../ir/graph'
import { onBehalfOf } from '../ir/origin'
import { type Body, bodyResults, withResults } from '../ir/region'
import { makeTensor, type Tensor, withInputs } from '../ir/tensor'
import type { ConstantAttrs } from '../ops/leaf'

/** The tensors that are known to have several readers. */
export interface Shared {
  has(t: Tensor): boolean
}
/**
 * Returns a replacement of equal type for a tensor whose operands are already rewritten, or undefined. A rule that would
 * compute a shared operand a second time leaves it alone.
 */
export type Rule = (t: Tensor, shared: Shared) => Tensor | undefined
/** The rules for tensors of an op, in the order in which they are tried. */
export type RuleSet = (op: string) => readonly Rule[]

/** Both sets, those of the first in front. */
export const mergeRules =
  (a: RuleSet, b: RuleSet): RuleSet =>
  (op) => [...a(op), ...b(op)]

export interface Rewritten {
  readonly roots: readonly Tensor[]
  /** What became of a tensor of the old graph; undefined where it is not part of it. */
  image(t: Tensor): Tensor | undefined
}

// A rule that keeps firing on one node is a bug in the rules; the cap turns it into an answer instead of a hang.
const MAX_FIRINGS = 64

/**
 * One bottom-up sweep: every node is interned (that is common-subexpression elimination) and the rules of its op are
 * applied until none fires. Linear in the graph for rules of constant cost. Never mutates its input.
 */
export function rewrite(roots: readonly Tensor[], rules: RuleSet): Rewritten {
  const interner = makeInterner()
  const done = new Map<Tensor, Tensor>()
  const shared = new Set<Tensor>()

  const inner: Rewritten[] = []
  const bodies = new Map<Body, Body>()
  const rewriteBody = (body: Body): Body => {
    const known = bodies.get(body)
    if (known) return known
    const made = rewrite(bodyResults(body), rules)
    inner.push(made)
    const now = withResults(body, made.roots)
    bodies.set(body, now).set(now, now)
    return now
  }
  const finish = (t: Tensor): Tensor => {
    const inputs = t.inputs.map((x) => done.get(x)!)
    let now = interner(withBodies(withInputs(t, inputs), rewriteBody))
    for (let firing = 0; firing < MAX_FIRINGS; firing++) {
      const list = rulesOf(now.op.name)
      const next = list.length === 0 ? undefined : onBehalfOf(now.origin, () => firstMatch(now, list))
      if (next === undefined || next === now) break
      now = rewriteBelow(next)
    }
    return now
  }
  const byOp = new Map<string, readonly Rule[]>()
  const rulesOf = (op: string): readonly Rule[] => {
    const known = byOp.get(op)
    if (known) return known
    const list = rules(op)
    byOp.set(op, list)
    return list
  }
  const firstMatch = (t: Tensor, list: readonly Rule[]): Tensor | undefined => {
    for (const rule of list) {
      const next = rule(t, shared)
      if (next !== undefined) return next
    }
    return undefined
  }
  // What a rule builds is rewritten down to nodes that are already done. Rules build small trees, so this recursion is shallow.
  const rewriteBelow = (root: Tensor): Tensor => {
    if (!done.has(root)) finishAll([root])
    return done.get(root)!
  }
  const finishAll = (roots: readonly Tensor[]): void => {
    const order = toposort(roots, done)
    markShared(order, roots, shared)
    for (const t of order) {
      const result = finish(t)
      done.set(t, result)
      done.set(result, result)
      if (shared.has(t)) shared.add(result)
    }
  }
  finishAll(roots)
  const image = (t: Tensor): Tensor | undefined => {
    let found = done.get(t)
    for (let i = 0; found === undefined && i < inner.length; i++) found = inner[i]!.image(t)
    return found
  }
  return { roots: roots.map((t) => done.get(t)!), image }
}

/** A region over bodies that are rewritten; anything else as it is. */
export function withBodies(t: Tensor, change: (body: Body) => Body): Tensor {
  if (t.op.kind !== 'region') return t
  const before = t.op.bodies(t.attrs)
  const after = before.map(change)
  if (after.every((body, i) => body === before[i])) return t
  return makeTensor(t.op, t.inputs, t.op.withBodies(t.attrs, after), t, t.origin)
}

/** A composite counts as one reader until it is written out; what it reads twice is marked then. */
function markShared(order: readonly Tensor[], roots: readonly Tensor[], shared: Set<Tensor>): void {
  if (order.length === 1) return
  const read = new Set(roots)
  for (const t of order) {
    for (const x of t.inputs) {
      if (read.has(x)) shared.add(x)
      else read.add(x)
    }
  }
}

/** Returns the first tensor seen with the same op, attributes, type and operands. */
export function makeInterner(): (t: Tensor) => Tensor {
  const seen = new Map<string, Tensor>()
  const ids = new Map<Tensor, number>()
  return (t) => {
    if (ids.has(t)) return t
    // Bodies are compared by identity.
    const isPlain = t.op.kind !== 'leaf' && t.op.kind !== 'region'
    const key = !isPlain ? leafKey(t) : `${t.op.name}|${attrsKey(t.attrs)}|${operandsKey(t, ids)}`
    const found = key === undefined ? undefined : seen.get(key)
    if (found) return found
    if (key !== undefined) seen.set(key, t)
    ids.set(t, ids.size)
    return t
  }
}

function operandsKey({ op, inputs }: Tensor, ids: ReadonlyMap<Tensor, number>): string {
  if (inputs.length !== 2) return inputs.map((x) => ids.get(x)).join()
  const [a, b] = [ids.get(inputs[0]!)!, ids.get(inputs[1]!)!]
  return op.commutative && b < a ? `${b},${a}` : `${a},${b}`
}

/** Rank-0 constants are equal by dtype and value; other leaves only by identity. */
function leafKey(t: Tensor): string | undefined {
  if (t.op.name !== 'constant') return undefined
  const { value } = t.attrs as ConstantAttrs
  return typeof value === 'number' ? `${t.dtype}:${numberKey(value)}` : undefined
}
const numberKey = (x: number): string => (Object.is(x, -0) ? '-0' : String(x))
function attrsKey(attrs: unknown): string {
  // Most ops have no attributes.
  for (const _ in attrs as object)
    return JSON.stringify(attrs, (_key, x: unknown) => (typeof x === 'number' ? numberKey(x) : x))
  return ''
}
