import { checkKeys } from '../ir/names-of'
import type { Checked, DropAxis, ExpandLast, ShapeOr } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { checkDType, type DType } from '../ir/type'
import { normalizeAxis } from '../ops/axes'
import { sumT } from '../ops/broadcast'
import { argMinOp, minOp, prodT } from '../ops/extrema'
import { argMaxOp, maxT, meanT, oneHotT } from '../ops/reduce'
import { type AnyReduceOptions, reduceAttrs } from './build'
import type { Reducer } from './signatures'

/**
 * Sum over the given axes (all if none). bool and uint8 give int32. Accurate: float32 sums are accumulated wider, 1e7 times
 * 0.1 is right to 1e-6. An empty sum is 0.
 */
export const sum = ((x: Tensor, options?: AnyReduceOptions) => sumT(x, reduceAttrs('sum', x, options))) as Reducer<
  'sum',
  'sum'
>

/** Mean over the given axes (all if none); integers give float32. The mean of no elements is NaN. */
export const mean = ((x: Tensor, options?: AnyReduceOptions) => meanT(x, reduceAttrs('mean', x, options))) as Reducer<
  'mean',
  'float'
>

/**
 * Largest element over the given axes (all if none), NaN if one of them is NaN. Ties share the gradient equally. An empty
 * axis is an error.
 */
export const max = ((x: Tensor, options?: AnyReduceOptions) => {
  const attrs = reduceAttrs('max', x, options)
  return attrs.axes.length === 0 ? x : maxT(x, attrs)
}) as Reducer<'max', 'same'>

/** Smallest element over the given axes (all if none), as `max` is the largest. */
export const min = ((x: Tensor, options?: AnyReduceOptions) => {
  const attrs = reduceAttrs('min', x, options)
  return attrs.axes.length === 0 ? x : apply(minOp, [x], attrs)
}) as Reducer<'min', 'same'>

/**
 * Product over the given axes (all if none). bool and uint8 give int32. An empty product is 1. The gradient is right at
 * zeros too.
 */
export const prod = ((x: Tensor, options?: AnyReduceOptions) => prodT(x, reduceAttrs('prod', x, options))) as Reducer<
  'prod',
  'sum'
>

/** Position (int32) of the first largest element along one axis, the last by default. NaN counts as largest. No gradient. */
export function argMax<X extends Tensor, const A extends number = -1>(
  x: X,
  options: { readonly axis?: Checked<DropAxis<'argMax', X['shape'], A>, A> } = {},
): Tensor<ShapeOr<DropAxis<'argMax', X['shape'], A>>, 'int32'> {
  requireTensor('argMax', x)
  checkKeys('argMax', options, ['axis'])
  const axis = normalizeAxis('argMax', options.axis as number | undefined, x.shape, -1)
  return apply(argMaxOp, [x], { axes: [axis], keepDims: false }) as never
}

/** Position (int32) of the first smallest element along one axis, the last by default. NaN counts as smallest. No gradient. */
export function argMin<X extends Tensor, const A extends number = -1>(
  x: X,
  options: { readonly axis?: Checked<DropAxis<'argMin', X['shape'], A>, A> } = {},
): Tensor<ShapeOr<DropAxis<'argMin', X['shape'], A>>, 'int32'> {
  requireTensor('argMin', x)
  checkKeys('argMin', options, ['axis'])
  const axis = normalizeAxis('argMin', options.axis as number | undefined, x.shape, -1)
  return apply(argMinOp, [x], { axes: [axis], keepDims: false }) as never
}

/**
 * A new last axis of the given depth with 1 at the index (int32 or uint8) and 0 elsewhere. An index outside 0 to
 * depth - 1 gives a row of zeros, as in Keras.
 */
export function oneHot<X extends Tensor, const N extends number, const D extends DType = 'float32'>(
  indices: X,
  depth: N,
  dtype: D = 'float32' as D,
): Tensor<ExpandLast<X['shape'], N>, D> {
  requireTensor('oneHot', indices)
  if (!Number.isInteger(depth) || depth < 1)
    throw explained('oneHot', `the depth must be a whole number from 1, it is ${depth}`, [indices])
  checkDType('oneHot', dtype)
  return oneHotT(indices, depth, dtype, false) as never
}
