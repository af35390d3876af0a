import type { Shape } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { type DType, showShape } from '../ir/type'
import { addT, divT, mulT, subT } from '../ops/arith'
import { normalizeAxis } from '../ops/axes'
import { clipT } from '../ops/binary'
import { checkValues } from '../ops/leaf'
import { isNaNOp } from '../ops/logic'
import { partT } from '../ops/pieces'
import { maxT, oneHotT } from '../ops/reduce'
import { lessT, whereT } from '../ops/select'
import { squareT } from '../ops/transcendental'
import { like, sigmoidT, sqrtT } from '../ops/unary'
import { asFloat, checkNumber, noBool } from './build'
import type { Floating, SameRank, UnaryFloat } from './signatures'

/** x above `at`, `value` elsewhere, same shape and dtype. The gradient is 0 where x was replaced, at `at` too. */
export function threshold<X extends Tensor>(x: X, at: number, value: number): Tensor<X['shape'], X['dtype']> {
  noBool('threshold', x)
  checkValues('threshold', [at, value], x.dtype)
  return whereT(lessT(like(at, x), x), x, like(value, x))
}

/** 1 above 0, `alpha` (0 by default) elsewhere, NaN kept, same shape and dtype. No gradient. As `step` in TensorFlow.js. */
export function step<X extends Tensor>(
  x: X,
  { alpha = 0 }: { readonly alpha?: number } = {},
): Tensor<X['shape'], X['dtype']> {
  noBool('step', x)
  checkValues('step: alpha', [alpha], x.dtype)
  const side = whereT(lessT(like(0, x), x), like(1, x), like(alpha, x))
  return whereT(apply(isNaNOp, [x], {}), like(NaN, x), side)
}

/** (x + sqrt(x² + b)) / 2, with all digits where it is small; b above 0, 4 by default. Source: Barron 2021, arXiv:2112.11687. */
export function squareplus<X extends Tensor>(
  x: X,
  { b = 4 }: { readonly b?: number } = {},
): Tensor<X['shape'], Floating<X['dtype']>> {
  checkNumber('squareplus', 'b', b, (v) => v > 0 && Number.isFinite(v), 'a positive number')
  const value = asFloat('squareplus', x)
  const root = sqrtT(addT(squareT(value), like(b, value)))
  const above = mulT(like(0.5, value), addT(value, root))
  const below = divT(like(b / 2, value), subT(root, value))
  return whereT(lessT(value, like(0, value)), below, above) as never
}

/** 0 up to -1, x from 1 on, ((x + 1) / 2)² between. Source: Keras 3. */
export const sparsePlus = ((x: Tensor) => {
  const value = asFloat('sparsePlus', x)
  const half = mulT(like(0.5, value), addT(value, like(1, value)))
  return whereT(lessT(value, like(1, value)), squareT(clipT(half, 0, 1)), value)
}) as UnaryFloat

/** (x + 1) / 2 within [0, 1]; the gradient at both ends is 1/2. */
export const sparseSigmoid = ((x: Tensor) => {
  const value = asFloat('sparseSigmoid', x)
  return clipT(mulT(like(0.5, value), addT(value, like(1, value))), 0, 1)
}) as UnaryFloat

/** a sigmoid(b) with a and b the halves of x along an axis, the last by default. Source: Dauphin et al. 2016, arXiv:1612.08083. */
export function glu<X extends Tensor>(
  x: X,
  options: { readonly axis?: number } = {},
): Tensor<SameRank<X['shape']>, Floating<X['dtype']>> {
  const value = asFloat('glu', x)
  const axis = normalizeAxis('glu', options.axis ?? -1, value.shape)
  const extent = value.shape[axis]!
  if (extent % 2 !== 0)
    throw explained('glu', `axis ${axis} of ${showShape(value.shape)} has no two halves: its extent must be even`, [x])
  const [a, b] = [0, extent / 2].map((from) => partT(value, axis, from, extent / 2)) as [Tensor, Tensor]
  return mulT(a, sigmoidT(b)) as never
}

/**
 * A row of the given depth with 1 at each of the indices (int32 or uint8) along the last axis, 0 elsewhere: [..., n] gives
 * [..., depth]. An index outside 0 to depth - 1 sets nothing. No gradient.
 */
export function multiHot<X extends Tensor, const D extends DType = 'float32'>(
  indices: X,
  depth: number,
  dtype?: D,
): Tensor<Shape, D> {
  requireTensor('multiHot', indices)
  checkNumber('multiHot', 'depth', depth, (v) => Number.isInteger(v) && v >= 1, 'a whole number from 1')
  if (indices.shape.length === 0 || indices.shape.at(-1) === 0)
    throw explained('multiHot', `the last axis of ${showShape(indices.shape)} holds no indices`, [indices])
  const each = oneHotT(indices, depth, dtype ?? 'float32', false)
  return maxT(each, { axes: [indices.shape.length - 1], keepDims: false }) as never
}
