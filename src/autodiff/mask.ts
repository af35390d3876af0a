import type { Tensor } from '../ir/tensor'
import { addT } from '../ops/arith'
import { broadcastT } from '../ops/broadcast'
import { constantValue, scalarConstant } from '../ops/leaf'
import { whereT } from '../ops/select'

/** A cotangent that is zero by selection wherever `condition` does not hold (or, if not `keeps`, wherever it does). */
interface Masked {
  readonly condition: Tensor
  readonly keeps: boolean
  readonly inner: Tensor
}

const isZero = (t: Tensor): boolean => constantValue(t) === 0

function masked(g: Tensor): Masked | undefined {
  if (g.op.name !== 'where' || g.dtype === 'bool') return undefined
  const [condition, a, b] = g.inputs as [Tensor, Tensor, Tensor]
  if (isZero(b)) return { condition, keeps: true, inner: a }
  if (isZero(a)) return { condition, keeps: false, inner: b }
  return undefined
}

const mask = (condition: Tensor, keeps: boolean, inner: Tensor): Tensor => {
  const zero = scalarConstant(0, inner.dtype)
  return keeps ? whereT(condition, inner, zero) : whereT(condition, zero, inner)
}

const no = (): Tensor => scalarConstant(0, 'bool')
const yes = (): Tensor => scalarConstant(1, 'bool')
/** Where the cotangent may differ from zero. */
const support = ({ condition, keeps }: Masked): Tensor => (keeps ? condition : whereT(condition, no(), yes()))

/** Both masks at once, so that a chain of masked ops keeps one selection and not a nest of them. */
function both(outer: Masked, g: Tensor): Tensor {
  const own = masked(g)
  if (!own) return mask(outer.condition, outer.keeps, g)
  const inside = support(own)
  const condition = outer.keeps ? whereT(outer.condition, inside, no()) : whereT(outer.condition, no(), inside)
  return mask(condition, true, own.inner)
}

/** The sum of two cotangents of one tensor: still masked where both are, since the slope below may be infinite there. */
export function addMasked(a: Tensor, b: Tensor): Tensor {
  const [m, n] = [masked(a), masked(b)]
  if (!m || !n) return addT(a, b)
  if (m.condition === n.condition && m.keeps === n.keeps) return mask(m.condition, m.keeps, addT(m.inner, n.inner))
  return mask(whereT(support(m), yes(), support(n)), true, addT(a, b))
}

/**
 * Applies a gradient rule below the mask of its cotangent: `where(c, g, 0) * slope` becomes `where(c, g * slope, 0)`, so
 * that an infinite or undefined slope of the branch not taken is never multiplied by 0. Right for rules that are linear
 * in the cotangent point by point, and (`moves`) for rules that only move elements about.
 */
export function underMask(
  g: Tensor,
  moves: boolean,
  rule: (g: Tensor) => readonly (Tensor | null)[],
): readonly (Tensor | null)[] {
  const m = masked(g)
  if (!m) return rule(g)
  // What moves elements about needs both in full: a condition, or a cotangent under it, may have been broadcast.
  const inner = moves ? broadcastT(m.inner, g.shape) : m.inner
  const conditions = moves ? rule(broadcastT(m.condition, g.shape)) : undefined
  return rule(inner).map((c, i) => {
    if (c === null) return null
    // What passes unchanged stays the tensor it is, and keeps its name.
    return c === m.inner ? g : both({ ...m, condition: conditions?.[i] ?? m.condition }, c)
  })
}
