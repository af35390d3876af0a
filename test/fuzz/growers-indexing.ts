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

/** Ops that move elements about; legal for every dtype. */
export const INDEXING_MOVES: readonly Grower[] = [
  unary({ op: taken, if: isTaken }),
  unary({ op: reversed, if: isPlane }),
]

export const INDEXING: readonly Grower[] = [unary({ op: added, to: (b) => 40 * b, if: (x) => floats(x) && isTaken(x) })]

/** At indices that are computed. */
export const INDEXING_JUMPS: readonly Grower[] = [
  (pool) => {
    const x = pool.find(isTaken)
    const whole = pool.find((t) => t.dtype === 'int32' && sizeOf(t.shape) <= 40, true)
    if (!x || !whole) return
    const axis = axisOf(x, pool.p)
    pool.add(loom.gather(x, loom.mod(whole, x.shape[axis]!) as Indices, { axis }), pool.bound(x))
  },
]
