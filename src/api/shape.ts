import { GraphError } from '../ir/errors'
import type { Checked, MatMul, NamedAll, NamesIn, Permute, Reshaped, Reverse, ShapeOr } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { checkShape, resolveDims } from '../ir/trace'
import { type DType, showShape, sizeOf } from '../ir/type'
import { normalizeAxes } from '../ops/axes'
import { broadcastToOp } from '../ops/broadcast'
import { contractT } from '../ops/contract'
import { promote } from '../ops/promote'
import { flipOp, reshapeT, transposeT } from '../ops/view'
import type { DTypeOr, Promote } from './signatures'

/**
 * The same elements in row-major order under another shape. One extent may be -1 and follows from the others; dimensions
 * of the entry may be given by name. Costs nothing at run time where the operand has a buffer.
 */
export function reshape<X extends Tensor, const T extends readonly (number | string)[]>(
  x: X,
  shape: readonly [...T] & Checked<NamesIn<'reshape', X['shape'], T>, unknown>,
): Tensor<Reshaped<T>, X['dtype']> {
  requireTensor('reshape', x)
  const target = resolveDims('reshape', shape)
  const unknown = target.indexOf(-1)
  if (unknown >= 0) {
    const rest = sizeOf(target.filter((_, i) => i !== unknown))
    const extent = sizeOf(x.shape) / rest
    if (target.includes(-1, unknown + 1))
      throw explained('reshape', `one extent at most may be -1, got ${showShape(target)}`, [x])
    if (!Number.isInteger(extent))
      throw explained('reshape', `${showShape(x.shape)} does not fit ${showShape(target)}`, [x])
    target[unknown] = extent
  }
  checkShape('reshape', target)
  return reshapeT(x, target) as never
}

/** Dimensions in another order: all reversed, or dimension i of the result is dimension permutation[i] of x. */
export function transpose<X extends Tensor>(x: X): Tensor<Reverse<X['shape']>, X['dtype']>
export function transpose<X extends Tensor, const P extends readonly number[]>(
  x: X,
  permutation: readonly [...P] & Checked<Permute<X['shape'], P>, unknown>,
): Tensor<ShapeOr<Permute<X['shape'], P>>, X['dtype']>
export function transpose(x: Tensor, permutation?: readonly number[]): Tensor {
  requireTensor('transpose', x)
  if (permutation !== undefined && !Array.isArray(permutation))
    throw new GraphError(`transpose: the permutation is a list of axes, it is ${String(permutation)}`)
  const order = permutation ?? x.shape.map((_, i) => x.shape.length - 1 - i)
  return transposeT(x, order)
}

/** Repeats extents of 1 and missing leading dimensions to the given shape; the gradient is summed over them. */
export function broadcastTo<X extends Tensor, const S extends readonly (number | string)[]>(
  x: X,
  shape: readonly [...S],
): Tensor<NamedAll<S>, X['dtype']> {
  requireTensor('broadcastTo', x)
  const extents = resolveDims('broadcastTo', shape)
  checkShape('broadcastTo', extents)
  return apply(broadcastToOp, [x], { shape: extents }) as never
}

/** The order along one axis or several reversed; all axes if none is given. */
export function flip<X extends Tensor>(x: X, axis?: number | readonly number[]): Tensor<X['shape'], X['dtype']> {
  requireTensor('flip', x)
  return apply(flipOp, [x], { axes: normalizeAxes('flip', axis, x.shape) })
}

/**
 * Matrix product as in NumPy: [m, k] by [k, n] gives [m, n]; leading dimensions are batches and broadcast; a vector on the
 * left is a row, on the right a column, and loses that dimension in the result. int32 stays int32; uint8 and bool are errors, cast them.
 */
export function matmul<A extends Tensor, B extends Tensor>(
  a: A,
  b: Checked<MatMulChecked<A, B>, B>,
): Tensor<ShapeOr<MatMulChecked<A, B>>, DTypeOr<Promote<'matmul', A, B>>> {
  return matmulT(a, b as Tensor) as never
}
type MatMulChecked<A extends Tensor, B extends Tensor> =
  Promote<'matmul', A, B> extends infer D ? ([D] extends [DType] ? MatMul<A['shape'], B['shape']> : D) : never

function matmulT(first: Tensor, second: Tensor): Tensor {
  const [a, b] = promote('matmul', [first, second]) as [Tensor, Tensor]
  const fail = (why: string): GraphError => explained('matmul', why, [a, b])
  if (a.shape.length === 0 || b.shape.length === 0)
    throw fail('an operand is a scalar; matrices and vectors are multiplied, use mul to scale')
  const aVector = a.shape.length === 1
  const bVector = b.shape.length === 1
  const k = a.shape.at(-1)!
  const bk = bVector ? b.shape[0]! : b.shape.at(-2)!
  if (k !== bk)
    throw fail(`inner dimensions ${k} and ${bk} differ; ${showShape(a.shape)} needs [..., ${k}, n] on its right`)
  const aBatch = a.shape.slice(0, -2)
  const bBatch = b.shape.slice(0, -2)
  const rank = Math.max(aBatch.length, bBatch.length)
  // Labels: batch dimensions 0 to rank - 1 aligned from the right, then rows, inner, columns.
  const [row, inner, column] = [rank, rank + 1, rank + 2]
  const out: number[] = []
  const shape: number[] = []
  const batchOf = (batch: readonly number[], other: readonly number[]): number[] =>
    batch.flatMap((extent, i) => {
      const label = rank - batch.length + i
      const facing = other[other.length - batch.length + i]
      return extent === 1 && facing !== undefined && facing !== 1 ? [] : [label]
    })
  for (let i = 0; i < rank; i++) {
    const p = aBatch[aBatch.length - rank + i] ?? 1
    const q = bBatch[bBatch.length - rank + i] ?? 1
    if (p !== q && p !== 1 && q !== 1) throw fail(`batch dimensions ${p} and ${q} do not broadcast`)
    out.push(i)
    shape.push(p === 1 ? q : p)
  }
  const aLabels = batchOf(aBatch, bBatch)
  const bLabels = batchOf(bBatch, aBatch)
  const squeeze = (t: Tensor, labels: readonly number[], batch: readonly number[]): Tensor =>
    labels.length === batch.length
      ? t
      : reshapeT(t, [
          ...batch.filter((_, i) => labels.includes(rank - batch.length + i)),
          ...t.shape.slice(batch.length),
        ])
  return contractT(
    squeeze(a, aLabels, aBatch),
    squeeze(b, bLabels, bBatch),
    {
      a: [...aLabels, ...(aVector ? [] : [row]), inner],
      b: [...bLabels, inner, ...(bVector ? [] : [column])],
      out: [...out, ...(aVector ? [] : [row]), ...(bVector ? [] : [column])],
    },
    'matmul',
  )
}
