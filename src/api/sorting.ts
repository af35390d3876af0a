import { checkFlags, checkKeys } from '../ir/names-of'
import { calledAs } from '../ir/origin'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { normalizeAxis } from '../ops/axes'
import { sumT } from '../ops/broadcast'
import { allOp } from '../ops/extrema'
import { takeAlongAxisT } from '../ops/gather'
import { isFiniteOp } from '../ops/logic'
import { partT } from '../ops/pieces'
import { castTensor } from '../ops/promote'
import { andT, lessT } from '../ops/select'
import { argsortT, argTopKT } from '../ops/sort'
import { like } from '../ops/unary'
import { alongLast, reshapeT } from '../ops/view'
import { checkNumber } from './build'
import type { Indices } from './indexing'
import type { SameRank } from './signatures'

/** Options of `sort` and `argsort`. */
export interface SortOptions {
  /** Along which axis, the last by default. */
  readonly axis?: number
  /** The largest first; the smallest by default. */
  readonly descending?: boolean
}

/**
 * The positions along an axis in the order of their values: int32 in the shape of x, any dtype. Stable: equal values keep
 * their order, in both directions (0 equals -0). NaN is larger than every number: it comes last, or first if `descending`, as
 * in JAX. Merge sort, n log n. No gradient. As `argsort` in NumPy with `kind='stable'`.
 */
export function argsort<X extends Tensor>(x: X, options: SortOptions = {}): Tensor<X['shape'], 'int32'> {
  requireTensor('argsort', x)
  return argsortAlong('argsort', x, options).indices as Tensor<X['shape'], 'int32'>
}

/**
 * The values along an axis in order, in shape and dtype of x: those at `argsort`, of which all that is said there holds. The
 * gradient of each goes to where it came from.
 */
export function sort<X extends Tensor>(x: X, options: SortOptions = {}): Tensor<X['shape'], X['dtype']> {
  requireTensor('sort', x)
  const { indices, axis } = argsortAlong('sort', x, options)
  return takeAlongAxisT(x, indices, axis)
}

function argsortAlong(op: string, x: Tensor, options: SortOptions) {
  checkKeys(op, options, ['axis', 'descending'])
  checkFlags(op, options, ['descending'])
  const { axis = -1, descending = false } = options
  const at = normalizeAxis(op, axis, x.shape)
  return { axis: at, indices: alongLast(x, at, (rows) => argsortT(rows, descending)) }
}

/** Above so many a sort costs less than insertion does at worst. */
const MOST_INSERTED = 64

/** Options of `topK`. */
export interface TopOptions {
  /** Along which axis, the last by default. */
  readonly axis?: number
}
/** What `topK` gives. */
export interface TopK<X extends Tensor> {
  readonly values: Tensor<SameRank<X['shape']>, X['dtype']>
  readonly indices: Tensor<SameRank<X['shape']>, 'int32'>
}

/**
 * The k largest elements along an axis and their positions, the largest first, of equal ones the one that stands first; NaN is
 * larger than every number, as in JAX. k is from 1 to the extent of the axis. The gradient of each value goes to where it came
 * from. As `top_k` in TensorFlow.
 */
export function topK<X extends Tensor>(x: X, k: number, options: TopOptions = {}): TopK<X> {
  requireTensor('topK', x)
  checkKeys('topK', options, ['axis'])
  const { axis = -1 } = options
  const at = normalizeAxis('topK', axis, x.shape)
  const extent = x.shape[at]!
  if (!Number.isInteger(k) || k < 1 || k > extent)
    throw explained('topK', `k must be a whole number from 1 to ${extent}, the extent of axis ${at}; it is ${k}`, [x])
  const indices = alongLast(x, at, (rows) => {
    if (k <= MOST_INSERTED) return argTopKT(rows, k)
    return partT(argsortT(rows, true), rows.shape.length - 1, 0, k)
  })
  return { values: takeAlongAxisT(x, indices, at) as never, indices: indices as never }
}

/**
 * Whether the class of each sample, targets [n] (int32 or uint8), is among the k to which its predictions [n, classes] give most:
 * bool[n]. Of those that tie with the k-th all are among them; where a prediction is not finite the answer is no. As `in_top_k` in
 * TensorFlow. A class out of range is an error, as in `gather`.
 */
export function inTopK<T extends Indices, P extends Tensor>(
  targets: T,
  predictions: P,
  k: number,
): Tensor<T['shape'], 'bool'> {
  requireTensor('inTopK', targets)
  requireTensor('inTopK', predictions)
  const operands = [targets, predictions]
  if (predictions.shape.length !== 2 || targets.shape.length !== 1 || targets.shape[0] !== predictions.shape[0])
    throw explained('inTopK', 'needs targets [n] and predictions [n, classes]', operands)
  checkNumber('inTopK', 'k', k, (v) => Number.isInteger(v) && v > 0, 'a whole number from 1')
  const columns = reshapeT(targets, [...targets.shape, 1])
  const own = calledAs('inTopK', () => takeAlongAxisT(predictions, columns, 1))
  const along = { axes: [1], keepDims: false }
  const better = sumT(castTensor(lessT(own, predictions), 'int32'), along)
  const isFinite = apply(allOp, [apply(isFiniteOp, [predictions], {})], along)
  return andT(lessT(better, like(k, better)), isFinite) as never
}
