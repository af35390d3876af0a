import type { AnyOp } from '../ir/op'
import type { Shape } from '../ir/shapes'
import { apply, type Arg, explained, requireTensor, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { addT } from '../ops/arith'
import { iotaT } from '../ops/iota'
import { scalarConstant, toTensor } from '../ops/leaf'
import { padT } from '../ops/pieces'
import { diagonalOp } from '../ops/products'
import { castTensor } from '../ops/promote'
import { andT, equalOp, lessEqualOp, lessT, whereT } from '../ops/select'
import { like } from '../ops/unary'
import { reshapeT } from '../ops/view'
import { checkNumber } from './build'

// Parts of matrices, told by the place of an element. Leading axes are batches.

export interface OffsetOption {
  /** How many columns above the main diagonal; negative ones lie below. */
  readonly offset?: number
}
export interface BandOptions extends OffsetOption {
  /** As many as rows by default. */
  readonly columns?: number
}

const whole = (value: number): Tensor => scalarConstant(value, 'int32')
/** Each row's number in a column, and each column's in a row. */
function places(rows: number, columns: number): { readonly row: Tensor; readonly column: Tensor } {
  return { row: reshapeT(iotaT(rows), [rows, 1]), column: iotaT(columns) }
}

/** Where `column` is at most `row + offset` (or another comparison), as bool [rows, columns]. */
export function band(op: string, rows: number, columns: number, offset: number, compare: AnyOp = lessEqualOp): Tensor {
  checkNumber(op, 'rows', rows, (v) => Number.isInteger(v) && v >= 0, 'a whole number from 0')
  checkNumber(op, 'columns', columns, (v) => Number.isInteger(v) && v >= 0, 'a whole number from 0')
  checkNumber(op, 'offset', offset, Number.isInteger, 'a whole number')
  const { row, column } = places(rows, columns)
  return apply<unknown>(compare, [column, addT(row, whole(offset))], {})
}

function matrixOf(op: string, x: Tensor): readonly [rows: number, columns: number] {
  requireTensor(op, x)
  if (x.shape.length < 2) throw explained(op, `a matrix is needed, got the shape ${showShape(x.shape)}`, [x])
  return x.shape.slice(-2) as [number, number]
}

/** x up to a diagonal of the last two axes, that included, and 0 above it; same shape and dtype. */
export function tril<X extends Tensor>(x: X, { offset = 0 }: OffsetOption = {}): Tensor<X['shape'], X['dtype']> {
  return whereT(band('tril', ...matrixOf('tril', x), offset), x, like(0, x))
}

/** x from a diagonal of the last two axes on, that included, and 0 below it; same shape and dtype. */
export function triu<X extends Tensor>(x: X, { offset = 0 }: OffsetOption = {}): Tensor<X['shape'], X['dtype']> {
  return whereT(band('triu', ...matrixOf('triu', x), offset - 1), like(0, x), x)
}

/**
 * x within a band of the last two axes, 0 outside: `lower` diagonals below the main one and `upper` above it, all of them
 * where the number is -1; same shape and dtype. As `bandPart` in TensorFlow.js.
 */
export function bandPart<X extends Tensor>(x: X, lower: number, upper: number): Tensor<X['shape'], X['dtype']> {
  for (const [name, value] of Object.entries({ lower, upper }))
    checkNumber('bandPart', name, value, (v) => Number.isInteger(v) && v >= -1, 'a whole number from 0, or -1')
  const [rows, columns] = matrixOf('bandPart', x)
  const above = band('bandPart', rows, columns, upper < 0 ? columns : upper)
  const { row, column } = places(rows, columns)
  const below = lower < 0 ? undefined : lessT(addT(row, whole(-lower - 1)), column)
  return whereT(below ? andT(below, above) : above, x, like(0, x))
}

/**
 * Of a vector the square matrix with it on a diagonal and 0 elsewhere, of a matrix the vector on that diagonal, as in
 * NumPy; for batches of matrices see `diagonal`.
 */
export function diag<X extends Tensor>(x: X, { offset = 0 }: OffsetOption = {}): Tensor<Shape, X['dtype']> {
  requireTensor('diag', x)
  checkNumber('diag', 'offset', offset, Number.isInteger, 'a whole number')
  if (x.shape.length === 2) return apply(diagonalOp, [x], { offset })
  if (x.shape.length !== 1)
    throw explained('diag', `a vector or a matrix is needed, got the shape ${showShape(x.shape)}`, [x])
  const apart = Math.abs(offset)
  const size = x.shape[0]! + apart
  const full = padT(x, [0], [apart], 0)
  const line = offset < 0 ? full : reshapeT(full, [size, 1])
  return whereT(band('diag', size, size, offset, equalOp), line, like(0, x))
}

/** x with a value (a number or a scalar, taken as the dtype of x) on a diagonal of the last two axes; same shape and dtype. */
export function fillDiagonal<X extends Tensor>(
  x: X,
  value: Arg,
  { offset = 0 }: OffsetOption = {},
): Tensor<X['shape'], X['dtype']> {
  const on = band('fillDiagonal', ...matrixOf('fillDiagonal', x), offset, equalOp)
  const scalar = toTensor('fillDiagonal', value, x.dtype)
  if (scalar.shape.length > 0)
    throw explained('fillDiagonal', `the value must be a scalar, it has the shape ${showShape(scalar.shape)}`, [x, scalar]) // prettier-ignore
  return whereT(on, castTensor(scalar, x.dtype), x)
}
