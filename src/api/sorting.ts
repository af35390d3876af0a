import { requireTensor, type Tensor } from '../ir/tensor'
import { normalizeAxis } from '../ops/axes'
import { takeAlongAxisT } from '../ops/gather'
import { argsortT } from '../ops/sort'
import { alongLast } from '../ops/view'

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

function argsortAlong(op: string, x: Tensor, { axis = -1, descending = false }: SortOptions) {
  const at = normalizeAxis(op, axis, x.shape)
  return { axis: at, indices: alongLast(x, at, (rows) => argsortT(rows, descending)) }
}
