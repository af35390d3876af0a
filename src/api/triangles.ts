import { checkKeys } from '../ir/names-of'
import type { AnyOp } from '../ir/op'
import type { Shape } from '../ir/shapes'
import { apply, type Arg, explained, requireTensor, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { scalarConstant, toTensor } from '../ops/leaf'
import { bandMaskT, triangleT } from '../ops/matrix'
import { padT } from '../ops/pieces'
import { diagonalOp } from '../ops/products'
import { castTensor } from '../ops/promote'
import { equalOp, lessEqualOp, whereT } from '../ops/select'
import { like } from '../ops/unary'
import { reshapeT } from '../ops/view'
import { checkNumber } from './build'

// Parts of matrices, told by the place of an element. Leading axes are batches.

/** Which diagonal. */
export interface OffsetOption {
  /** How many columns above the main diagonal; negative ones lie below. */
  readonly offset?: number
}
/** Options of `tri`. */
export interface BandOptions extends OffsetOption {
  /** As many as rows by default. */
  readonly columns?: number
}

/** `bandMaskT` of numbers that were given. */
export function band(op: string, rows: number, columns: number, offset: number, compare: AnyOp = lessEqualOp): Tensor {
  checkNumber(op, 'rows', rows, (v) => Number.isInteger(v) && v >= 0, 'a whole number from 0')
  checkNumber(op, 'columns', columns, (v) => Number.isInteger(v) && v >= 0, 'a whole number from 0')
  checkNumber(op, 'offset', offset, Number.isInteger, 'a whole number')
  return bandMaskT(rows, columns, offset, compare)
}

function matrixOf(op: string, x: Tensor): readonly [rows: number, columns: number] {
  requireTensor(op, x)
  if (x.shape.length < 2) throw explained(op, `a matrix is needed, got the shape ${showShape(x.shape)}`, [x])
  return x.shape.slice(-2) as [number, number]
}

/** x up to a diagonal of the last two axes, that included, and 0 above it; same shape and dtype. */
export function tril<X extends Tensor>(x: X, options: OffsetOption = {}): Tensor<X['shape'], X['dtype']> {
  checkKeys('tril', options, ['offset'])
  const { offset = 0 } = options
  matrixOf('tril', x)
  checkNumber('tril', 'offset', offset, Number.isInteger, 'a whole number')
  return triangleT(x, { offset })
}

/** x from a diagonal of the last two axes on, that included, and 0 below it; same shape and dtype. */
export function triu<X extends Tensor>(x: X, options: OffsetOption = {}): Tensor<X['shape'], X['dtype']> {
  checkKeys('triu', options, ['offset'])
  const { offset = 0 } = options
  matrixOf('triu', x)
  checkNumber('triu', 'offset', offset, Number.isInteger, 'a whole number')
  return triangleT(x, { upper: true, offset })
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
  const below = lower < 0 ? undefined : band('bandPart', rows, columns, -lower - 1)
  const inside = below ? whereT(below, scalarConstant(0, 'bool'), above) : above
  return whereT(inside, x, like(0, x))
}

/**
 * Of a vector the square matrix with it on a diagonal and 0 elsewhere, of a matrix the vector on that diagonal, as in
 * NumPy; for batches of matrices see `diagonal`.
 */
export function diag<X extends Tensor>(x: X, options: OffsetOption = {}): Tensor<Shape, X['dtype']> {
  requireTensor('diag', x)
  checkKeys('diag', options, ['offset'])
  const { offset = 0 } = options
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
  options: OffsetOption = {},
): Tensor<X['shape'], X['dtype']> {
  checkKeys('fillDiagonal', options, ['offset'])
  const { offset = 0 } = options
  const on = band('fillDiagonal', ...matrixOf('fillDiagonal', x), offset, equalOp)
  const scalar = toTensor('fillDiagonal', value, x.dtype)
  if (scalar.shape.length > 0)
    throw explained('fillDiagonal', `the value must be a scalar, it has the shape ${showShape(scalar.shape)}`, [x, scalar]) // prettier-ignore
  return whereT(on, castTensor(scalar, x.dtype), x)
}
