import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { apply } from '../../src/ir/tensor'
import { sizeOf } from '../../src/ir/type'
import { indexAddOp, scatterAddOp } from '../../src/ops/gather'
import { axisOf, floats, type Grower, hasAxis, isFull, unary } from './pool'

type Indices = loom.Indices

/** Indices below a bound, some of them the same. */
function known(shape: readonly number[], below: number, p: number): Indices {
  const data = Int32Array.from({ length: sizeOf(shape) }, (_, k) => (k * (p + 3) + p) % below)
  return loom.constant(data, { shape })
}
/** Two are taken along the axis of x, or one for each row. */
const taken = (x: Tensor, p: number): Tensor => {
  const axis = axisOf(x, p)
  const below = x.shape[axis]!
  if (p % 3 === 0) return loom.gather(x, known([2, 1 + (p % 2)], below, p), { axis })
  const shape = x.shape.map((d, i) => (i === axis ? 1 + (p % 3) : (p + i) % 2 ? 1 : d))
  return loom.takeAlongAxis(x, known(shape, below, p), { axis })
}
/** Added up where they fall; the bound grows by as many as may fall together. */
const added = (x: Tensor, p: number): Tensor => {
  const axis = axisOf(x, p)
  const extent = 1 + (p % 4)
  if (p % 3 === 0) return apply(indexAddOp, [x, known([x.shape[axis]!], extent, p)], { axis, extent })
  const shape = x.shape.map((d, i) => (i !== axis && (p + i) % 2 ? 1 : d))
  return apply(scatterAddOp, [x, known(shape, extent, p)], { axis, extent })
}
const reversed = (x: Tensor, p: number): Tensor => {
  const batchAxis = axisOf(x, p)
  const axis = (batchAxis + 1) % x.shape.length
  return loom.reverseSequence(x, known([x.shape[batchAxis]!], x.shape[axis]! + 1, p), { axis, batchAxis })
}

const isTaken = (x: Tensor): boolean => hasAxis(x) && isFull(x)
const isPlane = (x: Tensor): boolean => x.shape.length > 1 && isFull(x)

/** Rows or elements of x are those of its sine, or the larger of both, some of them more than once. */
const put = (x: Tensor, p: number, reduce: loom.ScatterReduction): Tensor => {
  const axis = axisOf(x, p)
  const below = x.shape[axis]!
  if (p % 3 === 0) {
    const at = known([1 + (p % 4)], below, p)
    return loom.scatter(x, at, loom.sin(loom.gather(x, known(at.shape, below, p + 1), { axis })), { axis, reduce })
  }
  return loom.putAlongAxis(x, known(x.shape, below, p), loom.sin(x), { axis, reduce })
}
/** What x holds at points of its first two axes. */
const picked = (x: Tensor, p: number): Tensor => {
  const columns = [0, 1].map((i) => known([5, 1], x.shape[i]!, p + i))
  return loom.gatherND(x, loom.concat(columns, { axis: 1 }))
}

/** Ops that move elements about; legal for every dtype. */
export const INDEXING_MOVES: readonly Grower[] = [
  unary({ op: taken, if: isTaken }),
  unary({ op: reversed, if: isPlane }),
  unary({ op: picked, if: isPlane }),
]

export const INDEXING: readonly Grower[] = [
  unary({ op: added, to: (b) => 40 * b, if: (x) => floats(x) && isTaken(x) }),
  unary({
    op: (x, p) => put(x, p, p % 2 === 0 ? 'set' : 'add'),
    to: (b) => 40 * b,
    if: (x) => floats(x) && isTaken(x),
  }),
]

/** Where values compete, and at indices that are computed. */
export const INDEXING_JUMPS: readonly Grower[] = [
  unary({ op: (x, p) => put(x, p, p % 2 === 0 ? 'max' : 'min'), to: (b) => b + 1, if: (x) => floats(x) && isTaken(x) }),
  (pool) => {
    const x = pool.find(isTaken)
    const whole = pool.find((t) => t.dtype === 'int32' && sizeOf(t.shape) <= 40, true)
    if (!x || !whole) return
    const axis = axisOf(x, pool.p)
    pool.add(loom.gather(x, loom.mod(whole, x.shape[axis]!) as Indices, { axis }), pool.bound(x))
  },
]
