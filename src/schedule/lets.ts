import type { Axis } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import { FN_COST, type Scalar, walk } from '../ir/scalar'
import { localValue, makeLocal } from './flat'

/** Longest expression, in estimated characters, before parts of it become locals. */
const MAX_TEXT = 84

export interface Placement {
  /** The depth of the loop over an axis: 1 for the outermost. */
  readonly depthOf: (axis: Axis) => number
  /** Depth at which the roots are used. */
  readonly depth: number
  /** Preferred names of scalars. */
  readonly hints: ReadonlyMap<Scalar, string>
  /** Scalars that get a local of their own wherever they are used. */
  readonly keep?: ReadonlySet<Scalar>
}

/** Scalars that already have a local, filled as locals are made; share it between the parts of one kernel. */
export type Placed = Map<Scalar, Scalar>

/**
 * Gives locals to what is used more than once, to what does not change in the innermost loop, and to parts of long
 * expressions. Returns the roots over those locals, and the statements that set them by loop depth (0 before all loops).
 */
export function placeLets(
  roots: readonly Scalar[],
  { depthOf, depth, hints, keep }: Placement,
  placed: Placed = new Map(),
): { readonly roots: Scalar[]; readonly lets: Stmt[][]; readonly made: readonly { scalar: Scalar; depth: number }[] } {
  const order = walk(roots)
  const depths = new Map<Scalar, number>()
  for (const s of order) depths.set(s, ownDepth(s, depths, depthOf, depth))
  const uses = countUses(order, roots)
  const shallowUse = new Set<Scalar>()
  for (const s of order) {
    if (s.kind === 'call') for (const a of s.args) if (depths.get(a)! < depths.get(s)!) shallowUse.add(a)
  }
  for (const r of roots) if (depths.get(r)! < depth) shallowUse.add(r)
  const lets: Stmt[][] = Array.from({ length: depth + 1 }, () => [])
  const made: { scalar: Scalar; depth: number }[] = []
  const done = new Map<Scalar, Scalar>()
  const width = new Map<Scalar, number>()
  const makeLet = (s: Scalar): void => {
    if (placed.has(s)) return
    const local = makeLocal(hints.get(s) ?? hintOf(s), s.dtype)
    lets[depths.get(s)!]!.push({ kind: 'let', local, value: done.get(s)! })
    placed.set(s, localValue(local))
    made.push({ scalar: s, depth: depths.get(s)! })
    done.set(s, localValue(local))
    width.set(s, local.hint.length)
  }
  for (const s of order) {
    const before = placed.get(s)
    if (before) {
      done.set(s, before)
      width.set(s, 6)
      continue
    }
    if (s.kind === 'call') shorten(s, width, placed, makeLet)
    done.set(s, s.kind === 'call' ? { ...s, args: s.args.map((a) => done.get(a)!) } : s)
    width.set(s, textWidth(s, width))
    const worthy = s.kind === 'element' || (s.kind === 'call' && (FN_COST[s.fn] > 0 || s.fn === 'round'))
    if (worthy && (uses.get(s)! > 1 || (shallowUse.has(s) && depths.get(s)! < depth) || keep?.has(s))) makeLet(s)
  }
  return { roots: roots.map((r) => done.get(r)!), lets, made }
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
      return s.at.pointer ? innermost : Math.max(0, ...[...s.at.index.terms.keys()].map(depthOf))
    case 'call':
      return Math.max(0, ...s.args.map((a) => depths.get(a)!))
    default:
      // Locals hold finished accumulators, which exist in the innermost loop only.
      return innermost
  }
}

function countUses(order: readonly Scalar[], roots: readonly Scalar[]): Map<Scalar, number> {
  const uses = new Map<Scalar, number>(order.map((s) => [s, 0]))
  for (const s of order) if (s.kind === 'call') for (const a of s.args) uses.set(a, uses.get(a)! + 1)
  for (const r of roots) uses.set(r, uses.get(r)! + 1)
  return uses
}

/** Turns the widest operands of a call into locals until it fits on a line. */
function shorten(
  s: Extract<Scalar, { kind: 'call' }>,
  width: ReadonlyMap<Scalar, number>,
  placed: Placed,
  makeLet: (s: Scalar) => void,
): void {
  const total = (): number => s.args.reduce((sum, a) => sum + width.get(a)!, 3 * s.args.length)
  while (total() > MAX_TEXT) {
    const widest = s.args
      .filter((a) => a.kind === 'call' && !placed.has(a))
      .sort((a, b) => width.get(b)! - width.get(a)!)[0]
    if (!widest || width.get(widest)! <= 16) return
    makeLet(widest)
  }
}

function textWidth(s: Scalar, width: ReadonlyMap<Scalar, number>): number {
  switch (s.kind) {
    case 'call':
      return s.args.reduce((sum, a) => sum + width.get(a)!, s.fn.length + 4)
    case 'element':
      return s.from.buffer.name.length + 2 + 9 * s.at.index.terms.size
    case 'const':
      return String(s.value).length
    default:
      return 4
  }
}

const hintOf = (s: Scalar): string => {
  if (s.kind === 'call' && (s.fn === 'cast' || s.fn === 'round') && s.args[0]?.kind === 'element')
    return hintOf(s.args[0])
  if (s.kind !== 'element') return 't'
  const axes = [...s.at.index.terms.keys()].map((a) => a.name).join('')
  const name = s.from.buffer.name
  return s.from.buffer.shape.length === 0 ? `${name}Now` : `${name}_${axes || (s.at.pointer ? 'k' : '0')}`
}
