import { checkKeys } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { type DType, showShape } from '../ir/type'
import { addT, divT, mulT, subT } from '../ops/arith'
import { normalizeAxis } from '../ops/axes'
import { clipT, hypotOp, minimumT } from '../ops/binary'
import { sumT } from '../ops/broadcast'
import { cumSumT } from '../ops/cumulative'
import { takeAlongAxisT } from '../ops/gather'
import { iotaT } from '../ops/iota'
import { checkValues } from '../ops/leaf'
import { isNaNOp } from '../ops/logic'
import { alongAxes } from '../ops/normalize'
import { partT } from '../ops/pieces'
import { castTensor } from '../ops/promote'
import { maxT, oneHotT } from '../ops/reduce'
import { lessEqualOp, lessT, reluOp, whereT } from '../ops/select'
import { argsortT } from '../ops/sort'
import { stopT } from '../ops/stop'
import { squareT } from '../ops/transcendental'
import { like, sigmoidT } from '../ops/unary'
import { alongLast } from '../ops/view'
import { asFloat, checkNumber, noBool } from './build'
import type { Floating, SameRank, UnaryFloat } from './signatures'

/** Options of `relu`. */
export interface ReluOptions {
  /** The slope below the threshold, 0 by default: negativeSlope (x - threshold). */
  readonly negativeSlope?: number
  /** The largest value, from 0; none by default. The gradient there is 0. */
  readonly maxValue?: number
  /** Up to it, and at it, x is damped; from 0, which is the default. */
  readonly threshold?: number
}

/**
 * max(x, 0), same shape and dtype; with options as in Keras: x above the threshold, but at most `maxValue`, a sloping line
 * below. NaN stays NaN; the gradient at the threshold is that below it. Throws for numbers that the dtype has not.
 */
export function relu<X extends Tensor>(x: X, options: ReluOptions = {}): Tensor<X['shape'], X['dtype']> {
  noBool('relu', x)
  checkKeys('relu', options, ['negativeSlope', 'maxValue', 'threshold'])
  const { negativeSlope = 0, maxValue = Infinity, threshold = 0 } = options
  const isBound = (v: number): boolean => v >= 0
  checkNumber('relu', 'negativeSlope', negativeSlope, Number.isFinite, 'a finite number')
  checkNumber('relu', 'maxValue', maxValue, isBound, 'a number from 0')
  checkNumber('relu', 'threshold', threshold, (v) => isBound(v) && v < Infinity, 'a finite number from 0')
  checkValues('relu', [negativeSlope, threshold, ...(maxValue < Infinity ? [maxValue] : [])], x.dtype)
  const isPlain = negativeSlope === 0 && threshold === 0
  const above = isPlain ? apply(reluOp, [x], {}) : x
  const capped = maxValue < Infinity ? minimumT(like(maxValue, x), above) : above
  if (isPlain) return capped
  const beyond = threshold === 0 ? x : subT(x, like(threshold, x))
  const below = negativeSlope === 0 ? like(0, x) : mulT(like(negativeSlope, x), beyond)
  return whereT(apply(lessEqualOp, [x, like(threshold, x)], {}), below, capped)
}

/** x above `at`, `value` elsewhere, same shape and dtype. The gradient is 0 where x was replaced, at `at` too. */
export function threshold<X extends Tensor>(x: X, at: number, value: number): Tensor<X['shape'], X['dtype']> {
  noBool('threshold', x)
  checkValues('threshold: at', [at], x.dtype)
  checkValues('threshold: the value', [value], x.dtype)
  return whereT(lessT(like(at, x), x), x, like(value, x))
}

/** 1 above 0, `alpha` (0 by default) elsewhere, NaN kept, same shape and dtype. No gradient. As `step` in TensorFlow.js. */
export function step<X extends Tensor>(
  x: X,
  options: { readonly alpha?: number } = {},
): Tensor<X['shape'], X['dtype']> {
  noBool('step', x)
  checkKeys('step', options, ['alpha'])
  const { alpha = 0 } = options
  checkValues('step: alpha', [alpha], x.dtype)
  const side = whereT(lessT(like(0, x), x), like(1, x), like(alpha, x))
  return whereT(apply(isNaNOp, [x], {}), like(NaN, x), side)
}

/** (x + sqrt(x² + b)) / 2, with all digits where it is small; b above 0, 4 by default. Source: Barron 2021, arXiv:2112.11687. */
export function squareplus<X extends Tensor>(
  x: X,
  options: { readonly b?: number } = {},
): Tensor<X['shape'], Floating<X['dtype']>> {
  checkKeys('squareplus', options, ['b'])
  const { b = 4 } = options
  checkNumber('squareplus', 'b', b, (v) => v > 0 && Number.isFinite(v), 'a positive number')
  const value = asFloat('squareplus', x)
  // Halves, for the sum may overflow where its half does not.
  const half = mulT(like(0.5, value), value)
  const root = mulT(like(0.5, value), apply(hypotOp, [value, like(Math.sqrt(b), value)], {}))
  const above = addT(half, root)
  const below = divT(like(b / 4, value), subT(root, half))
  return whereT(lessT(value, like(0, value)), below, above) as never
}

/**
 * The distribution along an axis, the last by default, that is nearest to x: max(x - τ, 0) with the τ that makes the sum 1, in
 * the shape of x. Many elements are 0, and no gradient goes to these. An empty axis is an error. Source: Martins and Astudillo
 * 2016, arXiv:1602.02068. Keras adds up sums where it looks for τ, so that what it gives need not be a distribution.
 */
export function sparsemax<X extends Tensor>(
  x: X,
  options: { readonly axis?: number } = {},
): Tensor<X['shape'], Floating<X['dtype']>> {
  const value = asFloat('sparsemax', x)
  checkKeys('sparsemax', options, ['axis'])
  const axis = normalizeAxis('sparsemax', options.axis, value.shape, -1)
  const along = { axes: [axis], keepDims: true }
  const extent = value.shape[axis]!
  if (extent === 0) throw explained('sparsemax', `axis ${axis} of ${showShape(value.shape)} has no elements`, [x])
  // Less the largest, so that sums keep their digits: τ moves with x.
  const z = subT(value, stopT(maxT(value, along)))
  const fixed = stopT(z)
  const order = alongLast(fixed, axis, (rows) => argsortT(rows, true))
  const sums = cumSumT(takeAlongAxisT(fixed, order, axis), { axis, reverse: false })
  const counts = alongAxes(addT(castTensor(iotaT(extent), value.dtype), like(1, value)), value.shape, [axis])
  // (s - 1) / k of the k largest, whose sum is s, grows until k is how many are above τ.
  const isAbove = lessT(maxT(divT(subT(sums, like(1, sums)), counts), along), fixed)
  const mass = sumT(whereT(isAbove, z, like(0, z)), along)
  const cut = divT(subT(mass, like(1, mass)), sumT(castTensor(isAbove, value.dtype), along))
  return apply(reluOp, [subT(z, cut)], {}) as never
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
  checkKeys('glu', options, ['axis'])
  const axis = normalizeAxis('glu', options.axis, value.shape, -1)
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
