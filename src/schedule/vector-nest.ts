import { type Axis, coefficient, shiftIndex } from '../ir/affine'
import type { Local, Stmt } from '../ir/loop'
import { argsOf, costOfCall, mapScalars, type Scalar, walk } from '../ir/scalar'
import { bytesOf } from '../ir/type'
import { type FlatKernel, localValue, makeLocal, rootsOf, shiftScalars } from './flat'
import type { Hints } from './hints'
import { loop, type Span, split } from './loops'
import { plainNest } from './nest'
import { type Vectorizer, vectorizer, type VectorLanes, vectorLanes } from './vectorize'

interface VectorLoopOptions {
  /** For loops that share locals. */
  readonly vectors?: Vectorizer
  /** In front of the body, as it stands. */
  readonly before?: readonly Stmt[]
}

/** A loop in vectors whose body is that of one point, behind what it spreads; `span` counts points. */
export function vectorLoop(
  axis: Axis,
  body: readonly Stmt[],
  { from, to, step }: Span,
  lanes: VectorLanes,
  { vectors = vectorizer(axis, lanes), before = [] }: VectorLoopOptions = {},
): Stmt[] {
  const made = [...before, ...vectors.body(body, Math.min(lanes, to - from))]
  return [...vectors.takeHoisted(), { kind: 'for', axis, from, to, step, loop: 'vector', inductions: [], body: made }]
}

/** Whole vectors, and one more that reaches beyond the end where what is stored there can be cut. */
export function vectorSpans(
  extent: number,
  lanes: VectorLanes,
  canCut: boolean,
): { main: number; tail: number; rest: number } {
  const main = extent - (extent % lanes)
  // Below half a vector of work, points one by one are as fast.
  const tail = canCut && extent > main && (main > 0 || extent > 1) ? extent - main : 0
  return { main, tail, rest: extent - main - tail }
}

/** A vector store of single bytes cannot be cut short. */
export const canCutStores = ({ stores }: FlatKernel): boolean => stores.every(({ to }) => bytesOf(to.buffer.dtype) > 1)

/** Vectors a turn where a point is hardly more than loads and a store, so that counting would take as long. */
export const UNROLL = 4
/** Vectors from which on that is worth it. */
const UNROLL_FROM = 16
export function isLight(kernel: FlatKernel, axis: Axis): boolean {
  if (kernel.stores.length !== 1 || kernel.stores[0]!.to.buffer.dtype === 'bool') return false
  const moving = new Set<Scalar>()
  for (const s of walk(rootsOf(kernel))) {
    const isMoved = s.kind === 'axis' ? s.axis === axis : s.kind === 'element' && coefficient(s.at.index, axis) !== 0
    if (isMoved || argsOf(s).some((x) => moving.has(x))) moving.add(s)
  }
  return [...moving].reduce((cost, s) => cost + costOfCall(s), 0) <= 2
}

/** Statements at points that lie further along an axis, with locals of their own. */
export function shiftStatements(body: readonly Stmt[], axis: Axis, by: number): readonly Stmt[] {
  if (by === 0) return body
  const shift = new Map([[axis, by]])
  const locals = new Map<Local, Local>()
  const memo = new Map<Scalar, Scalar>()
  const moved = shiftScalars(shift)
  const scalar = (s: Scalar): Scalar =>
    mapScalars(
      [s],
      (x) => {
        const local = x.kind === 'local' ? locals.get(x.local) : undefined
        return local ? localValue(local) : moved(x)
      },
      memo,
    )[0]!
  return body.map((s): Stmt => {
    if (s.kind === 'let') {
      const value = scalar(s.value)
      const local = makeLocal(s.local.hint, s.local.dtype)
      locals.set(s.local, local)
      return { ...s, local, value }
    }
    if (s.kind !== 'store') throw new Error(`a point of a light kernel has a ${s.kind}`)
    const { offset } = s.at
    const at = { index: shiftIndex(s.at.index, shift), ...(offset ? { offset: scalar(offset) } : {}) }
    return { ...s, at, value: scalar(s.value) }
  })
}

/**
 * The loops of a pointwise kernel with the innermost one in vectors; scalars only where neighbours do not lie side by
 * side. Merge the axes first: a vector does not reach from one row into the next.
 */
export function vectorNest(kernel: FlatKernel, hints: Hints): Stmt[] {
  const scalar = plainNest(kernel, hints, new Set())
  const axis = kernel.axes.at(-1)
  const lanes = axis && vectorLanes(kernel, axis)
  if (!axis || !lanes) return scalar
  const { main, tail, rest } = vectorSpans(axis.extent, lanes, canCutStores(kernel))
  const unroll = main >= UNROLL_FROM * lanes && isLight(kernel, axis) ? UNROLL : 1
  const inside = (s: Stmt): Stmt[] => {
    if (s.kind !== 'for') return [s]
    if (s.axis !== axis) return [{ ...s, body: s.body.flatMap(inside) }]
    const vectors = vectorizer(axis, lanes)
    const turns = split(main / lanes, unroll).flatMap(({ from, to, step }) => {
      const several = Array.from({ length: step }, (_, u) => shiftStatements(s.body, axis, u * lanes)).flat()
      const span = { from: from * lanes, to: to * lanes, step: step * lanes }
      return vectorLoop(axis, several, span, lanes, { vectors })
    })
    return [
      ...turns,
      ...(tail > 0 ? vectorLoop(axis, s.body, { from: main, to: main + tail, step: lanes }, lanes, { vectors }) : []),
      ...(rest > 0 ? [loop(axis, s.body, { from: main, to: axis.extent, step: 1 })] : []),
    ]
  }
  return scalar.flatMap(inside)
}
