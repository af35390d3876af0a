import type { Axis } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import { bytesOf } from '../ir/type'
import type { FlatKernel } from './flat'
import type { Hints } from './hints'
import { loop, type Span } from './loops'
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
  const inside = (s: Stmt): Stmt[] => {
    if (s.kind !== 'for') return [s]
    if (s.axis !== axis) return [{ ...s, body: s.body.flatMap(inside) }]
    const vectors = vectorizer(axis, lanes)
    return [
      ...(main > 0 ? vectorLoop(axis, s.body, { from: 0, to: main, step: lanes }, lanes, { vectors }) : []),
      ...(tail > 0 ? vectorLoop(axis, s.body, { from: main, to: main + tail, step: lanes }, lanes, { vectors }) : []),
      ...(rest > 0 ? [loop(axis, s.body, { from: main, to: axis.extent, step: 1 })] : []),
    ]
  }
  return scalar.flatMap(inside)
}
