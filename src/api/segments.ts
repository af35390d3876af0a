import { calledAs } from '../ir/origin'
import type { Shape } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { sameShape, showShape } from '../ir/type'
import { divT } from '../ops/arith'
import { broadcastT } from '../ops/broadcast'
import { indexAddT } from '../ops/gather'
import { castTensor, toFloat } from '../ops/promote'
import { indexMaxT } from '../ops/scatter-extreme'
import { maximumOp } from '../ops/select'
import { like } from '../ops/unary'
import { reshapeT } from '../ops/view'
import { checkNumber, noBool } from './build'
import { type Indices, requireIndices } from './indexing'
import type { Floating, Summed } from './signatures'

// Rows [...ids, ...rest] of one segment become one row of [segments, ...rest]; ids need no order.

function checked(
  op: string,
  x: Tensor,
  ids: Tensor,
  segments: number,
): { readonly axis: number; readonly extent: number } {
  requireTensor(op, x)
  requireIndices(op, ids)
  checkNumber(op, 'the number of segments', segments, (n) => Number.isInteger(n) && n >= 0, 'a whole number from 0')
  if (!sameShape(x.shape.slice(0, ids.shape.length), ids.shape))
    throw explained(op, `${showShape(x.shape)} must begin with ${showShape(ids.shape)}, a row for each id`, [x, ids])
  return { axis: 0, extent: segments }
}

/**
 * The sum of the rows of each segment: x `[...ids, ...rest]`, ids (int32 or uint8) from 0 to `segments` - 1, which are checked, in any order; the
 * result is `[segments, ...rest]`, 0 where a segment is empty. bool and uint8 give int32. As `segment_sum` in Keras,
 * `unsorted_segment_sum` in TensorFlow.
 */
export function segmentSum<X extends Tensor>(x: X, ids: Indices, segments: number): Tensor<Shape, Summed<X['dtype']>> {
  const attrs = checked('segmentSum', x, ids, segments)
  const numbers = x.dtype === 'bool' || x.dtype === 'uint8' ? castTensor(x, 'int32') : x
  return calledAs('segmentSum', () => indexAddT(numbers, ids, attrs)) as never
}

/** The mean of the rows of each segment, in floats; 0 where a segment is empty. Shapes and ids as in `segmentSum`. */
export function segmentMean<X extends Tensor>(
  x: X,
  ids: Indices,
  segments: number,
): Tensor<Shape, Floating<X['dtype']>> {
  const attrs = checked('segmentMean', x, ids, segments)
  const [sums, counts] = calledAs('segmentMean', () => {
    const floats = toFloat(x)
    return [indexAddT(floats, ids, attrs), indexAddT(broadcastT(like(1, floats), ids.shape), ids, attrs)] as const
  })
  const least = apply(maximumOp, [counts, like(1, counts)], {})
  return divT(sums, reshapeT(least, [segments, ...sums.shape.slice(1).map(() => 1)])) as never
}

/**
 * The largest element of the rows of each segment, in the dtype of x (numbers); -Infinity, or the lowest integer, where a
 * segment is empty. Ties share the gradient. Shapes and ids as in `segmentSum`.
 */
export function segmentMax<X extends Tensor>(x: X, ids: Indices, segments: number): Tensor<Shape, X['dtype']> {
  const attrs = checked('segmentMax', noBool('segmentMax', x), ids, segments)
  return calledAs('segmentMax', () => indexMaxT(x, ids, { ...attrs, smallest: false }))
}

/** The smallest element of the rows of each segment, as `segmentMax`; Infinity, or the highest integer, where one is empty. */
export function segmentMin<X extends Tensor>(x: X, ids: Indices, segments: number): Tensor<Shape, X['dtype']> {
  const attrs = checked('segmentMin', noBool('segmentMin', x), ids, segments)
  return calledAs('segmentMin', () => indexMaxT(x, ids, { ...attrs, smallest: true }))
}
