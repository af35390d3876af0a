import { GraphError } from '../ir/errors'
import type { AnyOp } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { type DType, isFloat, sameShape, showShape, showType, sizeOf, type TensorType } from '../ir/type'
import { addT } from './arith'
import { broadcastT, sumT } from './broadcast'
import { contractT } from './contract'
import { anyOp } from './extrema'
import { iotaT } from './iota'
import { scalarConstant } from './leaf'
import { castTensor } from './promote'
import { equalOp, lessEqualOp, lessT, whereT } from './select'
import { like } from './unary'
import { reshapeT, transposeT } from './view'

// Matrices are the last two axes; what comes before is a batch.

/** Float matrices. */
export function requireMatrices(x: TensorType): DType {
  if (!isFloat(x.dtype)) throw new GraphError(`needs floats, got ${showType(x)}; cast it`)
  if (x.shape.length < 2) throw new GraphError(`needs matrices, got ${showShape(x.shape)}`)
  return x.dtype
}

/** Float matrices with as many rows as columns, not empty. */
export function requireSquare(x: TensorType): TensorType {
  const dtype = requireMatrices(x)
  const [rows, columns] = x.shape.slice(-2)
  if (rows !== columns) throw new GraphError(`needs square matrices, got ${showShape(x.shape)}`)
  return { dtype, shape: x.shape }
}

/** The right-hand sides of equations: matrices of the same batch with a row for each row of a. */
export function requireSides(a: TensorType, b: TensorType): TensorType {
  if (b.dtype !== a.dtype) throw new GraphError(`${showType(a)} and ${showType(b)} differ in dtype; cast one of them`)
  const isFit = b.shape.length === a.shape.length && sameShape(a.shape.slice(0, -1), b.shape.slice(0, -1))
  if (!isFit) {
    const rows = [...a.shape.slice(0, -1), 'k'].join(', ')
    throw new GraphError(`right-hand sides must be [${rows}] for ${showShape(a.shape)}, got ${showShape(b.shape)}`)
  }
  return b
}

export const batchOf = ({ shape }: TensorType): readonly number[] => shape.slice(0, -2)
export const countOf = ({ shape }: TensorType): number => sizeOf(shape.slice(0, -2))
export const rowsOf = ({ shape }: TensorType): number => shape.at(-2)!
export const columnsOf = ({ shape }: TensorType): number => shape.at(-1)!

/** Rows become columns. */
export function mirrorT(x: Tensor): Tensor {
  const rank = x.shape.length
  const permutation = x.shape.map((_, i) => (i < rank - 2 ? i : 2 * rank - 3 - i))
  return transposeT(x, permutation)
}

/** Matrix by matrix, batches being equal. */
export function timesT(a: Tensor, b: Tensor): Tensor {
  const rank = a.shape.length
  const batch = batchOf(a).map((_, i) => i)
  const [row, inner, column] = [rank, rank + 1, rank + 2]
  return contractT(a, b, { a: [...batch, row, inner], b: [...batch, inner, column], out: [...batch, row, column] })
}

/** Where `column` is at most `row + offset` (or another comparison), as bool [rows, columns]. */
export function bandMaskT(rows: number, columns: number, offset: number, compare: AnyOp = lessEqualOp): Tensor {
  const row = reshapeT(iotaT(rows), [rows, 1])
  const border = offset === 0 ? row : addT(row, scalarConstant(offset, 'int32'))
  return apply<unknown>(compare, [iotaT(columns), border], {})
}

/** The elements on and below a diagonal (on and above it where `upper`), `offset` columns above the main one; else 0. */
export function triangleT(x: Tensor, { upper = false, offset = 0 } = {}): Tensor {
  const mask = bandMaskT(rowsOf(x), columnsOf(x), upper ? offset - 1 : offset)
  return upper ? whereT(mask, like(0, x), x) : whereT(mask, x, like(0, x))
}

/** Vectors [..., n] on the diagonal of matrices [..., n, n]. */
export function spreadDiagonalT(d: Tensor): Tensor {
  const n = d.shape.at(-1)!
  return whereT(bandMaskT(n, n, 0, equalOp), reshapeT(d, [...d.shape, 1]), like(0, d))
}

/** Ones on the diagonal, for square matrices. */
export const identityLike = (a: Tensor): Tensor => spreadDiagonalT(broadcastT(like(1, a), a.shape.slice(0, -1)))

/** How many matrices have an element [..., n] that is true, int32 of rank 0. */
export function matricesWhereT(condition: Tensor): Tensor {
  const any = apply(anyOp, [condition], { axes: [condition.shape.length - 1], keepDims: false })
  const axes = any.shape.map((_, i) => i)
  const ones = castTensor(any, 'int32')
  return axes.length === 0 ? ones : sumT(ones, { axes, keepDims: false })
}

/** Whether elements are not above zero, NaN included. */
export const isNotPositive = (x: Tensor): Tensor =>
  whereT(lessT(like(0, x), x), scalarConstant(0, 'bool'), scalarConstant(1, 'bool'))
