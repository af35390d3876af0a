import { checkFlags, checkKeys } from '../ir/names-of'
import { calledAs } from '../ir/origin'
import type { Shape } from '../ir/shapes'
import { apply, explained, type Tensor } from '../ir/tensor'
import { broadcastShapes, showShape } from '../ir/type'
import { broadcastT } from '../ops/broadcast'
import { choleskyT } from '../ops/cholesky'
import { partsOfEigen, symmetricEigenT } from '../ops/eigen'
import { leastSquaresT } from '../ops/least-squares'
import { factorsOf, luFactorT } from '../ops/lu'
import { identityLike } from '../ops/matrix'
import { castTensor, promote } from '../ops/promote'
import { qrT } from '../ops/qr'
import { determinantOp, determinantSignOp, inverseT, logDeterminantOp, solveT } from '../ops/solve'
import { triangularSolveT } from '../ops/triangular'
import { reshapeT } from '../ops/view'
import { asFloat } from './build'
import type { Floating } from './signatures'

// Matrices are the last two axes of an operand, any axes before them a batch. Integers become float32.

type Same<X extends Tensor> = Tensor<X['shape'], Floating<X['dtype']>>
type Some<X extends Tensor> = Tensor<Shape, Floating<X['dtype']>>

/**
 * The lower triangular L [..., n, n] with L Lᵀ = A, for symmetric, positive definite A [..., n, n]; of any other A it takes
 * (A + Aᵀ) / 2, so that the gradient is symmetric. A matrix that is not positive definite is an error of the call that runs the graph; no
 * state has been written then. As `cholesky` in NumPy. Gradient: Murray 2016, arXiv:1602.07527.
 */
export const cholesky = <X extends Tensor>(a: X): Same<X> => choleskyT(asFloat('cholesky', a)) as never

/** Options of `triangularSolve`. */
export interface TriangularOptions {
  /** Whether the lower triangle is read (the default) or the upper one; the other is never looked at. */
  readonly lower?: boolean
  /** Solve with Aᵀ. */
  readonly transpose?: boolean
  /** Take the diagonal to be 1 without reading it. */
  readonly unitDiagonal?: boolean
}

/**
 * X with A X = B for triangular A [..., n, n]: B is [..., n, k], or [n] for one right-hand side, and batches broadcast. The
 * result has the shape of B (of the broadcast batch). A zero on the diagonal is an error of the call that runs the graph. As
 * `solve_triangular` in Keras and PyTorch.
 */
export function triangularSolve<A extends Tensor>(a: A, b: Tensor, options: TriangularOptions = {}): Some<A> {
  checkKeys('triangularSolve', options, ['lower', 'transpose', 'unitDiagonal'])
  checkFlags('triangularSolve', options, ['lower', 'transpose', 'unitDiagonal'])
  const { lower = true, transpose = false, unitDiagonal: unit = false } = options
  return solved('triangularSolve', a, b, (p, q) => triangularSolveT(p, q, { upper: !lower, transpose, unit })) as never
}

/** X with A X = B from the Cholesky factor L of A = L Lᵀ; shapes as in `triangularSolve`. */
export const choleskySolve = <L extends Tensor>(l: L, b: Tensor): Some<L> =>
  solved('choleskySolve', l, b, twice) as never

/** The inverse of A = L Lᵀ [..., n, n] from its Cholesky factor L. */
export function choleskyInverse<L extends Tensor>(l: L): Same<L> {
  const x = asFloat('choleskyInverse', l)
  return calledAs('choleskyInverse', () => twice(x, identityLike(x))) as never
}
const twice = (l: Tensor, b: Tensor): Tensor => triangularSolveT(l, triangularSolveT(l, b), { transpose: true })

/**
 * X with A X = B for square A [..., n, n]: B is [..., n, k], or [n] for one right-hand side, and batches broadcast. By L U
 * with partial pivoting, once for all that is asked of A, gradients included. A singular matrix is an error of the call that
 * runs the graph. As `solve` in NumPy.
 */
export const solve = <A extends Tensor>(a: A, b: Tensor): Some<A> => solved('solve', a, b, solveT) as never

/** The inverse of each square matrix [..., n, n]; a singular one is an error of the call that runs the graph. */
export const inverse = <X extends Tensor>(a: X): Same<X> => inverseT(asFloat('inverse', a)) as never

/**
 * The determinant [...] of each square matrix [..., n, n], by L U with partial pivoting; 0 for singular ones. Its gradient,
 * the determinant times the transposed inverse, needs the inverse: a singular matrix is then an error.
 */
export const determinant = <X extends Tensor>(a: X): Some<X> =>
  apply(determinantOp, [asFloat('determinant', a)], {}) as never

/**
 * The sign and the logarithm of the size of each determinant, [...] both, where the determinant itself might overflow: of a
 * singular matrix 0 and -Infinity. The sign has no gradient. As `slogdet` in NumPy.
 */
export function slogDet<X extends Tensor>(a: X): { readonly sign: Some<X>; readonly logAbsDet: Some<X> } {
  const x = asFloat('slogDet', a)
  return calledAs('slogDet', () => {
    return { sign: apply(determinantSignOp, [x], {}) as never, logAbsDet: apply(logDeterminantOp, [x], {}) as never }
  })
}

/**
 * P A = L U of each square matrix by partial pivoting: `factors` [..., n, n] holds U on and above the diagonal and L without
 * its ones below it, `pivots` int32[..., n] the row with which each row changed places, in order. As `lu_factor` in SciPy,
 * Keras and PyTorch (which counts pivots from 1). No gradient: `solve`, `inverse` and `determinant` have one.
 */
export function luFactor<X extends Tensor>(
  a: X,
): { readonly factors: Same<X>; readonly pivots: Tensor<Shape, 'int32'> } {
  const { factors, pivots } = factorsOf(luFactorT(asFloat('luFactor', a)))
  return { factors: factors as never, pivots: reshapeT(castTensor(pivots, 'int32'), a.shape.slice(0, -1)) as never }
}

/**
 * A = Q R of each matrix [..., m, n] with k = min(m, n): Q [..., m, k] has orthonormal columns, R [..., k, n] is upper
 * triangular, with the signs that LAPACK gives. By Householder's reflections. As `qr` in NumPy, whose mode is 'reduced'. The
 * gradient (Walter and Lehmann 2010, arXiv:1009.6112) needs the first k columns to be independent.
 */
export function qr<X extends Tensor>(a: X): { readonly q: Some<X>; readonly r: Some<X> } {
  const x = asFloat('qr', a)
  if (x.shape.length < 2) throw explained('qr', `needs matrices, got ${showShape(x.shape)}`, [x])
  return qrT(x) as never
}

/**
 * Eigenvalues [..., n] in ascending order and eigenvectors [..., n, n], as columns, of symmetric matrices [..., n, n]; of any
 * other A it takes (A + Aᵀ) / 2, so that the gradient is symmetric. The largest element of each vector is positive. By
 * Jacobi's method. The gradient through values always exists; through vectors it exists where values differ, and
 * counts nothing between equal ones. As `eigh` in NumPy.
 */
export function eigh<X extends Tensor>(a: X): { readonly values: Some<X>; readonly vectors: Same<X> } {
  const x = asFloat('eigh', a)
  return partsOfEigen(calledAs('eigh', () => symmetricEigenT(x))) as never
}

/**
 * The X [..., n, k] of least |A X - B| for A [..., m, n] of full rank and B [..., m, k] (or [m]); where n is larger than m,
 * the least of all that solve A X = B. By Q R. A matrix that is not of full rank, to its dtype's precision, is an error of
 * the call that runs the graph. As the first result of `lstsq` in NumPy.
 */
export const leastSquares = <A extends Tensor>(a: A, b: Tensor): Some<A> =>
  solved('leastSquares', a, b, leastSquaresT) as never

type Solver = (a: Tensor, b: Tensor) => Tensor
/** Brings both sides to one dtype and one batch; a vector is a matrix of one column. */
function solved(op: string, first: Tensor, second: Tensor, by: Solver): Tensor {
  const [a, b] = promote(op, [asFloat(op, first), asFloat(op, second)]) as [Tensor, Tensor]
  if (a.shape.length < 2 || b.shape.length < 1)
    throw explained(op, `needs matrices and right-hand sides, got ${showShape(a.shape)} and ${showShape(b.shape)}`, [a, b]) // prettier-ignore
  const isVector = b.shape.length === 1
  const sides = isVector ? reshapeT(b, [...b.shape, 1]) : b
  const batch = broadcastShapes(a.shape.slice(0, -2), sides.shape.slice(0, -2))
  if (!batch) throw explained(op, `batches of ${showShape(a.shape)} and ${showShape(b.shape)} do not broadcast`, [a, b])
  const spread = (t: Tensor): Tensor => broadcastT(t, [...batch, ...t.shape.slice(-2)])
  const x = by(spread(a), spread(sides))
  return isVector ? reshapeT(x, x.shape.slice(0, -1)) : x
}
