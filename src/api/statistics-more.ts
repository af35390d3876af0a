import { checkFlags, checkKeys } from '../ir/names-of'
import type { Op } from '../ir/op'
import type { Reduce, Shape, ShapeOr } from '../ir/shapes'
import { apply, explained, type Tensor } from '../ir/tensor'
import { isFloat, leastNormal, showShape } from '../ir/type'
import { divT, mulT, subT } from '../ops/arith'
import { keptShape, normalizeAxes, normalizeAxis, type ReduceAttrs } from '../ops/axes'
import { sumT } from '../ops/broadcast'
import { contractT } from '../ops/contract'
import { allOp, minOp } from '../ops/extrema'
import { isNaNOp, logicalNotOp } from '../ops/logic'
import { partT } from '../ops/pieces'
import { diagonalOp } from '../ops/products'
import { castTensor, promote } from '../ops/promote'
import { maxOp, meanT } from '../ops/reduce'
import { maximumOp, whereT } from '../ops/select'
import { centred } from '../ops/statistics'
import { like, sqrtT } from '../ops/unary'
import { reshapeT } from '../ops/view'
import { type AnyReduceOptions, asFloat, checkNumber, noBool, reduceAttrs } from './build'
import type { Floating, Reducer, ReduceOptions, SameRank } from './signatures'
import { norm } from './statistics'

type Axes = number | readonly number[] | undefined
type Extreme = (op: string, x: Tensor, attrs: ReduceAttrs) => Tensor
const extremeBy =
  (reduce: Op<string, ReduceAttrs>): Extreme =>
  (op, x, attrs) =>
    attrs.axes.length === 0 ? x : apply(reduce, [x], attrs, op)
const [largest, smallest] = [extremeBy(maxOp), extremeBy(minOp)]
const isNaNT = (x: Tensor): Tensor => apply(isNaNOp, [x], {})

/** Largest less smallest element over the given axes (all if none), same dtype; ties share the gradient equally. */
export const ptp = ((x: Tensor, options?: AnyReduceOptions) => {
  const attrs = reduceAttrs('ptp', noBool('ptp', x), options)
  return subT(largest('ptp', x, attrs), smallest('ptp', x, attrs))
}) as Reducer<'ptp', 'same'>

/** Sum of the elements that are not NaN over the given axes (all if none), 0 if there are none; otherwise as `sum`. */
export const nanSum = ((x: Tensor, options?: AnyReduceOptions) => {
  const attrs = reduceAttrs('nanSum', x, options)
  return sumT(withoutNaN(x, 0), attrs)
}) as Reducer<'nanSum', 'sum'>

/** Mean of the elements that are not NaN over the given axes (all if none), NaN if there are none; integers give float32. */
export const nanMean = ((x: Tensor, options?: AnyReduceOptions) => {
  const attrs = reduceAttrs('nanMean', x, options)
  const values = asFloat('nanMean', x)
  const isNumber = apply(logicalNotOp, [isNaNT(values)], {})
  return divT(sumT(withoutNaN(values, 0), attrs), sumT(castTensor(isNumber, values.dtype), attrs))
}) as Reducer<'nanMean', 'float'>

/** Largest of the elements that are not NaN over the given axes (all if none), NaN if there are none; otherwise as `max`. */
export const nanMax = ((x: Tensor, options?: AnyReduceOptions) =>
  extreme('nanMax', largest, -Infinity, x, options)) as Reducer<'nanMax', 'same'>

/** Smallest of the elements that are not NaN over the given axes (all if none), NaN if there are none; otherwise as `min`. */
export const nanMin = ((x: Tensor, options?: AnyReduceOptions) =>
  extreme('nanMin', smallest, Infinity, x, options)) as Reducer<'nanMin', 'same'>

const withoutNaN = (x: Tensor, value: number): Tensor => (isFloat(x.dtype) ? whereT(isNaNT(x), like(value, x), x) : x)

function extreme(op: string, reduce: Extreme, last: number, x: Tensor, options: AnyReduceOptions | undefined): Tensor {
  const attrs = reduceAttrs(op, x, options)
  if (!isFloat(x.dtype)) return reduce(op, x, attrs)
  const found = reduce(op, withoutNaN(x, last), attrs)
  return whereT(apply(allOp, [isNaNT(x)], attrs), like(NaN, x), found)
}

/**
 * The mean over the given axes (all if none), each element counted by its weight: sum(w x) / sum(w). `weights` has the shape
 * of x, or is a vector along the only axis; integers become float32.
 */
export function average<X extends Tensor, const A extends Axes = undefined, const K extends boolean = false>(
  x: X,
  options: ReduceOptions<A, K> & { readonly weights?: Tensor } = {},
): Tensor<ShapeOr<Reduce<'average', X['shape'], A, K>>, Floating<X['dtype']>> {
  const attrs = reduceAttrs('average', x, options, ['weights'])
  const { weights } = options
  if (!weights) return meanT(asFloat('average', x), attrs) as never
  const [values, counts] = promote('average', [asFloat('average', x), asFloat('average', weights)]) as [Tensor, Tensor]
  const { axes } = attrs
  const isVector = counts.shape.length === 1 && axes.length === 1 && counts.shape[0] === x.shape[axes[0]!]
  if (!isVector && showShape(counts.shape) !== showShape(x.shape))
    throw explained('average', `weights have the shape of x, or are a vector along one axis; x is ${showShape(x.shape)}, over axes ${showShape(axes)}`, [x, weights]) // prettier-ignore
  const each = isVector ? reshapeT(counts, x.shape.map((d, i) => (i === axes[0] ? d : 1))) : counts // prettier-ignore
  return divT(sumT(mulT(values, each), attrs), sumT(each, attrs)) as never
}

/** Differences of neighbours along an axis (the last by default), `n` times over: [n] gives [n - 1], in the same dtype. */
export function diff<X extends Tensor>(
  x: X,
  options: { readonly n?: number; readonly axis?: number } = {},
): Tensor<SameRank<X['shape']>, X['dtype']> {
  checkKeys('diff', options, ['n', 'axis'])
  const { n = 1, axis = -1 } = options
  const at = normalizeAxis('diff', axis, noBool('diff', x).shape)
  checkNumber('diff', 'n', n, (v) => Number.isInteger(v) && v >= 0, 'a whole number from 0')
  let now: Tensor = x
  for (let i = 0; i < n; i++) {
    const count = Math.max(0, now.shape[at]! - 1)
    now = subT(partT(now, at, Math.min(1, now.shape[at]!), count), partT(now, at, 0, count))
  }
  return now as never
}

/** Options of `cov`. */
export interface CovarianceOptions {
  /** Whether each row is a variable and each column an observation (the default), or the other way round. */
  readonly rowVariables?: boolean
}

/**
 * The covariances of variables: [variables, observations] gives [variables, variables], a vector is one variable and gives
 * its variance. `correction` is taken from the number of observations in the divisor, 1 by default. As `cov` in NumPy.
 */
export function cov<X extends Tensor>(
  x: X,
  options: CovarianceOptions & { readonly correction?: number } = {},
): Tensor<Shape, Floating<X['dtype']>> {
  checkKeys('cov', options, ['rowVariables', 'correction'])
  checkFlags('cov', options, ['rowVariables'])
  const { rowVariables = true, correction = 1 } = options
  return covariance('cov', x, rowVariables, correction) as never
}

/** The correlations of variables: covariances by the product of their deviations, 1 on the diagonal. As `corrcoef` in NumPy. */
export function corrcoef<X extends Tensor>(x: X, options: CovarianceOptions = {}): Tensor<Shape, Floating<X['dtype']>> {
  checkKeys('corrcoef', options, ['rowVariables'])
  checkFlags('corrcoef', options, ['rowVariables'])
  const { rowVariables = true } = options
  const c = covariance('corrcoef', x, rowVariables, 0)
  if (c.shape.length === 0) return divT(c, c) as never
  const deviation = sqrtT(apply(diagonalOp, [c], { offset: 0 }))
  const count = deviation.shape[0]!
  return divT(divT(c, reshapeT(deviation, [count, 1])), deviation) as never
}

function covariance(op: string, x: Tensor, rowVariables: boolean, correction: number): Tensor {
  const values = asFloat(op, x)
  const rank = values.shape.length
  if (rank !== 1 && rank !== 2)
    throw explained(op, `a vector or a matrix is needed, got the shape ${showShape(values.shape)}`, [x])
  const axis = rank === 1 ? 0 : rowVariables ? 1 : 0
  const count = values.shape[axis]!
  checkNumber(op, 'correction', correction, (c) => c >= 0 && c < count, `from 0 up to the ${count} observations (not ${count})`) // prettier-ignore
  const apart = centred(values, [axis])
  const labels = rank === 1 ? [[2], [2]] : rowVariables ? [[0, 2], [1, 2]] : [[2, 0], [2, 1]] // prettier-ignore
  const total = contractT(apart, apart, { a: labels[0]!, b: labels[1]!, out: rank === 1 ? [] : [0, 1] })
  return divT(total, like(count - correction, total))
}

/**
 * x divided by its length along axes (the last by default), same shape: x / max(norm(x, ord), epsilon). `ord` is 2 by
 * default, see `norm`; for `ord` 2 with a bound under the root see `l2Normalize`.
 */
export function lpNormalize<X extends Tensor>(
  x: X,
  options: { readonly axis?: number | readonly number[]; readonly ord?: number; readonly epsilon?: number } = {},
): Tensor<X['shape'], Floating<X['dtype']>> {
  const values = asFloat('lpNormalize', x)
  checkKeys('lpNormalize', options, ['axis', 'ord', 'epsilon'])
  const { axis = -1, ord = 2, epsilon = 1e-12 } = options
  checkNumber('lpNormalize', 'ord', ord, (v) => v > 0, 'a number above 0 or Infinity')
  checkNumber('lpNormalize', 'epsilon', epsilon, (v) => v > 0, 'a positive number')
  const axes = normalizeAxes('lpNormalize', axis, values.shape)
  const length = reshapeT(norm(values, { axis: axes, ord }), keptShape(values.shape, axes))
  const least = like(Math.max(epsilon, leastNormal(length.dtype)), length)
  return divT(values, apply(maximumOp, [length, least], {})) as never
}
