import type { Affine, Axis } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import { argsOf, FN_COST, type Scalar, walk, withArgs } from '../ir/scalar'
import { localValue, makeLocal } from './flat'
import { hintOf, type Hints, MAX_HINT } from './hints'
import { callWidth, roomForLet, widthOf } from './width'

/** Longest expression before parts of it become locals, also where a line would hold more. */
const MAX_TEXT = 84

export interface Placement {
  /** The depth of the loop over an axis: 1 for the outermost. */
  readonly depthOf: (axis: Axis) => number
  /** Depth at which the roots are used. */
  readonly depth: number
  /** Preferred names of scalars. */
  readonly hints: Hints
  /** Scalars that get a local of their own wherever they are used. */
  readonly keep?: ReadonlySet<Scalar>
  /** Columns left for each root where it is used; as many as it wants if absent. */
  readonly room?: readonly number[]
}

/** Scalars that already have a local, filled as locals are made; share it between the parts of one kernel. */
export type Placed = Map<Scalar, Scalar>

/**
 * Gives locals to what is used more than once, to what does not change in the innermost loop, and to parts of long
 * expressions. Returns the roots over those locals, and the statements that set them by loop depth (0 before all loops).
 */
export function placeLets(
  roots: readonly Scalar[],
  { depthOf, depth, hints, keep, room }: Placement,
  placed: Placed = new Map(),
): { readonly roots: Scalar[]; readonly lets: Stmt[][]; readonly made: readonly { scalar: Scalar; depth: number }[] } {
  const order = walk(roots)
  const depths = new Map<Scalar, number>()
  order.forEach((s) => depths.set(s, ownDepth(s, depths, depthOf, depth)))
  const uses = countUses(order, roots)
  const partial = partialIn(order)
  const shallowUse = new Set<Scalar>()
  order.forEach((s) => {
    const own = depths.get(s)!
    argsOf(s).forEach((a) => {
      if (depths.get(a)! < own) shallowUse.add(a)
    })
  })
  for (const r of roots) if (depths.get(r)! < depth) shallowUse.add(r)
  const lets: Stmt[][] = Array.from({ length: depth + 1 }, () => [])
  const made: { scalar: Scalar; depth: number }[] = []
  const done = new Map<Scalar, Scalar>()
  const width = new Map<Scalar, number>()
  const makeLet = (s: Scalar): void => {
    if (placed.has(s) || partial.has(s)) return
    const local = makeLocal(hints.get(s) ?? hintOf(s), s.dtype)
    lets[depths.get(s)!]!.push({ kind: 'let', local, value: done.get(s)! })
    placed.set(s, localValue(local))
    made.push({ scalar: s, depth: depths.get(s)! })
    done.set(s, localValue(local))
    width.set(s, widthOf(localValue(local), width))
  }
  for (const s of order) {
    const before = placed.get(s)
    if (before) {
      done.set(s, before)
      width.set(s, widthOf(before, width))
      continue
    }
    if (s.kind === 'call') shorten(s, Math.min(MAX_TEXT, roomForLet(depths.get(s)!)), width, placed, partial, makeLet)
    const parts = argsOf(s).map((a) => done.get(a)!)
    done.set(s, parts.length > 0 ? withArgs(s, parts) : s)
    width.set(s, widthOf(s, width))
    if (isWorthALocal(s) && (uses.get(s)! > 1 || (shallowUse.has(s) && depths.get(s)! < depth) || keep?.has(s)))
      makeLet(s)
  }
  // What is wider than the place it goes to leaves a name there.
  roots.forEach((r, i) => {
    if (room && r.kind === 'call' && width.get(r)! > room[i]!) makeLet(r)
  })
  return { roots: roots.map((r) => done.get(r)!), lets, made }
}

const NONE: ReadonlySet<Scalar> = new Set()

/** What reads outside a buffer unless a selection around it takes the other side: it must stay inside that selection. */
function partialIn(order: readonly Scalar[]): ReadonlySet<Scalar> {
  if (!order.some((s) => s.kind === 'element' && s.partial === 'guarded')) return NONE
  const partial = new Set<Scalar>()
  for (const s of order) {
    const operands = s.kind === 'call' && s.fn === 'select' ? s.args.slice(0, 1) : argsOf(s)
    if ((s.kind === 'element' && s.partial === 'guarded') || operands.some((a) => partial.has(a))) partial.add(s)
  }
  return partial
}

/** Loads and whatever costs more than its name; a conversion that widens an integer prints as nothing. */
function isWorthALocal(s: Scalar): boolean {
  if (s.kind !== 'call') return s.kind === 'element'
  if (s.fn === 'cast') return s.dtype !== 'float64'
  return FN_COST[s.fn] > 0 || s.fn === 'round'
}

function ownDepth(
  s: Scalar,
  depths: ReadonlyMap<Scalar, number>,
  depthOf: (axis: Axis) => number,
  innermost: number,
): number {
  switch (s.kind) {
    case 'const':
      return 0
    case 'axis':
      return depthOf(s.axis)
    case 'element':
      return s.at.pointer
        ? innermost
        : Math.max(depthOfIndex(s.at.index, depthOf), s.at.offset ? depths.get(s.at.offset)! : 0)
    case 'call': {
      let deepest = 0
      for (let i = 0; i < s.args.length; i++) deepest = Math.max(deepest, depths.get(s.args[i]!)!)
      return deepest
    }
    default:
      // Locals hold finished accumulators, which exist in the innermost loop only.
      return innermost
  }
}

function depthOfIndex({ terms }: Affine, depthOf: (axis: Axis) => number): number {
  let deepest = 0
  terms.forEach((_, axis) => (deepest = Math.max(deepest, depthOf(axis))))
  return deepest
}

function countUses(order: readonly Scalar[], roots: readonly Scalar[]): Map<Scalar, number> {
  const uses = new Map<Scalar, number>()
  const count = (s: Scalar): void => void uses.set(s, (uses.get(s) ?? 0) + 1)
  order.forEach((s) => {
    argsOf(s).forEach(count)
    // Printed as two shifts of one value.
    if (s.kind === 'call' && s.fn === 'rotateLeft') count(s.args[0]!)
  })
  roots.forEach(count)
  return uses
}

/** Turns the widest operands of a call into locals until it fits into `limit` columns. */
function shorten(
  s: Extract<Scalar, { kind: 'call' }>,
  limit: number,
  width: ReadonlyMap<Scalar, number>,
  placed: Placed,
  partial: ReadonlySet<Scalar>,
  makeLet: (s: Scalar) => void,
): void {
  const total = (): number => s.args.reduce((sum, a) => sum + width.get(a)!, callWidth(s))
  while (total() > limit) {
    const widest = s.args
      .filter((a) => (a.kind === 'call' || a.kind === 'element') && !placed.has(a) && !partial.has(a))
      .sort((a, b) => width.get(b)! - width.get(a)!)[0]
    if (!widest || width.get(widest)! <= MAX_HINT + 2) return
    makeLet(widest)
  }
}

/** Loads and calls that more than one of the roots uses. */
export function sharedScalars(roots: readonly Scalar[]): Scalar[] {
  const uses = new Map<Scalar, number>()
  for (const root of roots) for (const s of walk([root])) uses.set(s, (uses.get(s) ?? 0) + 1)
  return [...uses].filter(([s, n]) => n > 1 && (s.kind === 'element' || s.kind === 'call')).map(([s]) => s)
}
