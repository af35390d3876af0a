import { checkKeys } from '../ir/names-of'
import type { Reduce, ShapeOr } from '../ir/shapes'
import { apply, type Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { powConstant } from '../ops/arith'
import { normalizeAxes } from '../ops/axes'
import { sumT } from '../ops/broadcast'
import { allOp, anyOp } from '../ops/extrema'
import { castTensor } from '../ops/promote'
import { isZero, whereT } from '../ops/select'
import { maxT, meanT } from '../ops/reduce'
import { absT } from '../ops/rounding'
import { like } from '../ops/unary'
import { countNonZeroOp, l2NormalizeOp, logSumExpOp, normT, stdOp, varianceT } from '../ops/statistics'
import { type AnyReduceOptions, asFloat, checkNumber, reduceAttrs } from './build'
import type { Floating, Reducer, ReduceOptions } from './signatures'

type Axes = number | readonly number[] | undefined

/** Whether any element over the given axes (all if none) is not 0, as bool; of none it is false. No gradient. */
export const any = ((x: Tensor, options?: AnyReduceOptions) => {
  const attrs = reduceAttrs('any', x, options)
  return apply(anyOp, [castTensor(x, 'bool')], attrs)
}) as Reducer<'any', 'bool'>

/** Whether all elements over the given axes (all if none) are not 0, as bool; of none it is true. No gradient. */
export const all = ((x: Tensor, options?: AnyReduceOptions) => {
  const attrs = reduceAttrs('all', x, options)
  return apply(allOp, [castTensor(x, 'bool')], attrs)
}) as Reducer<'all', 'bool'>

/** How many elements over the given axes (all if none) differ from 0, as int32. No gradient. */
export const countNonZero = ((x: Tensor, options?: AnyReduceOptions) =>
  apply(countNonZeroOp, [x], reduceAttrs('countNonZero', x, options))) as Reducer<'countNonZero', 'int'>

/**
 * log(sum(exp(x))) over the given axes (all if none), from exponents less the largest one: it does not overflow. Of
 * -Infinity alone it is -Infinity, with gradient 0. An empty axis is an error.
 */
export const logSumExp = ((x: Tensor, options?: AnyReduceOptions) =>
  apply(logSumExpOp, [asFloat('logSumExp', x)], reduceAttrs('logSumExp', x, options))) as Reducer<'logSumExp', 'float'>

type Spread<Op extends string> = <X extends Tensor, const A extends Axes = undefined, const K extends boolean = false>(
  x: X,
  options?: ReduceOptions<A, K> & { readonly correction?: number },
) => Tensor<ShapeOr<Reduce<Op, X['shape'], A, K>>, Floating<X['dtype']>>
type SpreadOptions = AnyReduceOptions & { readonly correction?: number }

function spreadAttrs(op: string, x: Tensor, options: SpreadOptions = {}) {
  const attrs = reduceAttrs(op, x, options, ['correction'])
  const count = sizeOf(attrs.axes.map((i) => x.shape[i]!))
  const { correction = 0 } = options
  const isLegal = (c: number): boolean => c >= 0 && (count === 0 || c < count)
  checkNumber(op, 'correction', correction, isLegal, `from 0 up to the ${count} elements (not ${count})`)
  return { ...attrs, correction }
}

/**
 * Mean squared distance from the mean over the given axes (all if none), in two passes. `correction` is taken from the
 * count in the divisor: 0 (the default) for a population, 1 for a sample. Of no elements it is NaN.
 */
export const variance = ((x: Tensor, options?: SpreadOptions) =>
  varianceT(asFloat('variance', x), spreadAttrs('variance', x, options))) as Spread<'variance'>

/** Square root of `variance`; its gradient where all elements are equal is 0. */
export const std = ((x: Tensor, options?: SpreadOptions) =>
  apply(stdOp, [asFloat('std', x)], spreadAttrs('std', x, options))) as Spread<'std'>

/** Mean and variance over the given axes (all if none). */
export function moments<X extends Tensor, const A extends Axes = undefined, const K extends boolean = false>(
  x: X,
  options?: ReduceOptions<A, K>,
): {
  readonly mean: Tensor<ShapeOr<Reduce<'moments', X['shape'], A, K>>, Floating<X['dtype']>>
  readonly variance: Tensor<ShapeOr<Reduce<'moments', X['shape'], A, K>>, Floating<X['dtype']>>
} {
  const attrs = reduceAttrs('moments', x, options)
  const values = asFloat('moments', x)
  return { mean: meanT(values, attrs), variance: varianceT(values, { ...attrs, correction: 0 }) } as never
}

/**
 * The length of vectors over the given axes (all if none): sum(|x|^ord)^(1/ord). `ord` is 2 by default; 1 is the sum and
 * Infinity the largest of absolute values. The gradient at the origin is 0 where `ord` is 1 or more.
 */
export function norm<X extends Tensor, const A extends Axes = undefined, const K extends boolean = false>(
  x: X,
  options: ReduceOptions<A, K> & { readonly ord?: number } = {},
): Tensor<ShapeOr<Reduce<'norm', X['shape'], A, K>>, Floating<X['dtype']>> {
  const attrs = reduceAttrs('norm', x, options, ['ord'])
  const { ord = 2 } = options
  checkNumber('norm', 'ord', ord, (v) => v > 0, 'a number above 0 or Infinity')
  const values = asFloat('norm', x)
  if (ord === 2) return normT(values, attrs) as never
  const size = absT(values)
  if (ord === 1) return sumT(size, attrs) as never
  if (ord === Infinity) return (attrs.axes.length === 0 ? size : maxT(size, attrs)) as never
  const total = sumT(powConstant(size, ord), attrs)
  // The root of 0 has no slope: it is taken of 1 there.
  const isNone = isZero(total)
  return whereT(isNone, total, powConstant(whereT(isNone, like(1, total), total), 1 / ord)) as never
}

/** x / sqrt(max(sum(x²), epsilon)) along axes, the last by default, same shape. */
export function l2Normalize<X extends Tensor>(
  x: X,
  options: { readonly axis?: number | readonly number[]; readonly epsilon?: number } = {},
): Tensor<X['shape'], Floating<X['dtype']>> {
  const values = asFloat('l2Normalize', x)
  checkKeys('l2Normalize', options, ['axis', 'epsilon'])
  const { axis = -1, epsilon = 1e-12 } = options
  checkNumber('l2Normalize', 'epsilon', epsilon, (v) => v > 0, 'a positive number')
  return apply(l2NormalizeOp, [values], { axes: normalizeAxes('l2Normalize', axis, values.shape), epsilon }) as never
}
