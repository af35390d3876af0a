import type { Gathered, TakenAlong } from '../ir/indexed-shapes'
import { checkKeys } from '../ir/names-of'
import type { Checked, Shape, ShapeOr } from '../ir/shapes'
import { explained, requireTensor, type Tensor } from '../ir/tensor'
import { showType } from '../ir/type'
import { normalizeAxis } from '../ops/axes'
import { gatherT, takeAlongAxisT } from '../ops/gather'
import { reverseSequenceT } from '../ops/reverse-sequence'

/** Whole numbers that say where to look. */
export type Indices<S extends Shape = Shape> = Tensor<S, 'int32' | 'uint8'>

export function requireIndices(op: string, x: Tensor): void {
  requireTensor(op, x)
  if (x.dtype !== 'int32' && x.dtype !== 'uint8')
    throw explained(op, `indices must be int32 or uint8, they are ${showType(x)}; cast them`, [x])
}

/**
 * What lies along an axis (the first by default) at each of the indices (int32 or uint8, of any shape): x
 * `[...before, n, ...after]` gives `[...before, ...indices, ...after]` in the dtype of x. With a table of rows this is the
 * lookup of an embedding. The gradient of what is taken several times adds up. As `take` in NumPy, `gather` in TensorFlow.
 *
 * Legal are 0 to n - 1; negative indices do not count from the end. One that is out of range is an error of the call that
 * runs the graph: indices that are fed are named with their position, those that are computed are counted, and no state
 * has been written.
 */
export function gather<X extends Tensor, I extends Indices, const A extends number = 0>(
  x: X,
  indices: I,
  options: { readonly axis?: Checked<Gathered<'gather', X['shape'], I['shape'], A>, A> } = {},
): Tensor<ShapeOr<Gathered<'gather', X['shape'], I['shape'], A>>, X['dtype']> {
  requireTensor('gather', x)
  requireTensor('gather', indices)
  checkKeys('gather', options, ['axis'])
  return gatherT(x, indices, normalizeAxis('gather', options.axis as number | undefined, x.shape, 0)) as never
}

/**
 * Elements along an axis (the last by default) at indices (int32 or uint8) that differ from row to row: x and indices have
 * one rank, their other dimensions broadcast, and along the axis the result is as long as the indices. With
 * `expandDims(argMax(x), -1)` it takes the largest of each row. As `take_along_axis` in NumPy. Indices are checked, and the
 * gradient adds up, as in `gather`.
 */
export function takeAlongAxis<X extends Tensor, I extends Indices, const A extends number = -1>(
  x: X,
  indices: Checked<TakenAlong<'takeAlongAxis', X['shape'], I['shape'], A>, I>,
  options: { readonly axis?: A } = {},
): Tensor<ShapeOr<TakenAlong<'takeAlongAxis', X['shape'], I['shape'], A>>, X['dtype']> {
  requireTensor('takeAlongAxis', x)
  requireTensor('takeAlongAxis', indices)
  checkKeys('takeAlongAxis', options, ['axis'])
  return takeAlongAxisT(x, indices, normalizeAxis('takeAlongAxis', options.axis, x.shape, -1)) as never
}

/** Options of `reverseSequence`. */
export interface ReverseSequenceOptions {
  /** Along which sequences run, 1 by default. */
  readonly axis?: number
  /** Along which one sequence follows the other, 0 by default. */
  readonly batchAxis?: number
}

/**
 * Each sequence with its first `lengths[b]` elements along `axis` in reverse order and the rest, which is padding, where it
 * was; same shape and dtype. lengths (int32 or uint8) is `[batch]`, each from 0 to the extent of the axis: others are
 * errors, as in `gather`. As `reverse_sequence` in TensorFlow.
 */
export function reverseSequence<X extends Tensor>(
  x: X,
  lengths: Indices,
  options: ReverseSequenceOptions = {},
): Tensor<X['shape'], X['dtype']> {
  requireTensor('reverseSequence', x)
  requireTensor('reverseSequence', lengths)
  checkKeys('reverseSequence', options, ['axis', 'batchAxis'])
  const { axis = 1, batchAxis = 0 } = options
  return reverseSequenceT(x, lengths, {
    axis: normalizeAxis('reverseSequence', axis, x.shape),
    batchAxis: normalizeAxis('reverseSequence', batchAxis, x.shape),
  })
}
