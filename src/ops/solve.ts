import { callF, transposeF } from '../ir/formula'
import type { Check, Op } from '../ir/op'
import { apply, describe, type Tensor } from '../ir/tensor'
import { mulT, negT } from './arith'
import { sumT } from './broadcast'
import { prodT } from './extrema'
import { iotaT } from './iota'
import { factorsOf, luFactorT, luSolveT } from './lu'
import {
  batchOf,
  matricesWhereT,
  isNotPositive,
  mirrorT,
  requireSides,
  requireSquare,
  rowsOf,
  identityLike,
  timesT,
} from './matrix'
import { diagonalOp } from './products'
import { castTensor } from './promote'
import { absOp, signOp } from './rounding'
import { equalOp, whereT } from './select'
import { like, logT } from './unary'
import { reshapeT } from './view'

const absT = (x: Tensor): Tensor => apply(absOp, [x], {})
/** The diagonal of U, of P A = L U. */
const diagonalOf = (a: Tensor): Tensor => apply(diagonalOp, [factorsOf(luFactorT(a)).factors], { offset: 0 })

/** A matrix of which a factor has a zero on its diagonal has no inverse. */
const singular =
  (op: string) =>
  ({ inputs: [a] }: Tensor): Check[] => [
    { count: matricesWhereT(isNotPositive(absT(diagonalOf(a!)))), message: `${op}: ${describe(a!)} is singular` },
  ]

/** X with A X = B, or Aᵀ X = B. */
export const solveOp: Op<'solve', { readonly transpose: boolean }> = {
  name: 'solve',
  kind: 'composite',
  keepsFormula: true,
  infer: ([a, b]) => requireSides(requireSquare(a!), b!),
  vjp: ({ inputs: [a], output: x, cotangent, attrs: { transpose } }) => {
    const g = solveT(a!, cotangent, !transpose)
    return [negT(transpose ? timesT(x, mirrorT(g)) : timesT(g, mirrorT(x))), g]
  },
  checks: singular('solve'),
  expand: ([a, b], { transpose }) => luSolveT(luFactorT(a!), b!, transpose),
  formula: ([a, b], { transpose }) => callF('solve', [transpose ? transposeF(a!) : a!, b!]),
}
export const solveT = (a: Tensor, b: Tensor, transpose = false): Tensor => apply(solveOp, [a, b], { transpose })

/** The inverse of each matrix. */
export const inverseOp: Op<'inverse', Record<never, never>> = {
  name: 'inverse',
  kind: 'composite',
  keepsFormula: true,
  infer: ([a]) => requireSquare(a!),
  vjp: ({ output: y, cotangent }) => [negT(timesT(mirrorT(y), timesT(cotangent, mirrorT(y))))],
  checks: singular('inverse'),
  expand: ([a]) => luSolveT(luFactorT(a!), identityLike(a!), false),
}
export const inverseT = (a: Tensor): Tensor => apply(inverseOp, [a], {})

/** Numbers [...] in front of matrices. */
const before = (s: Tensor): Tensor => reshapeT(s, [...s.shape, 1, 1])
const along = (x: Tensor) => ({ axes: [x.shape.length - 1], keepDims: false })

/** -1 for each pair of rows that changed places, as a product over each matrix. */
function parityOf(a: Tensor): Tensor {
  const { pivots } = factorsOf(luFactorT(a))
  const rows = castTensor(iotaT(rowsOf(a)), a.dtype)
  const isStill = apply(equalOp, [reshapeT(pivots, a.shape.slice(0, -1)), rows], {})
  const signs = whereT(isStill, like(1, a), like(-1, a))
  return prodT(signs, along(signs))
}

/** The determinant of each matrix [...]; its gradient needs the inverse. */
export const determinantOp: Op<'determinant', Record<never, never>> = {
  name: 'determinant',
  kind: 'composite',
  keepsFormula: true,
  infer: ([a]) => ({ dtype: requireSquare(a!).dtype, shape: batchOf(a!) }),
  vjp: ({ inputs: [a], output, cotangent }) => [mulT(before(mulT(cotangent, output)), mirrorT(inverseT(a!)))],
  expand: ([a]) => {
    const diagonal = diagonalOf(a!)
    return mulT(parityOf(a!), prodT(diagonal, along(diagonal)))
  },
}

/** The logarithm of the size of each determinant, which itself may overflow; -infinity for a singular matrix. */
export const logDeterminantOp: Op<'logDeterminant', Record<never, never>> = {
  name: 'logDeterminant',
  kind: 'composite',
  keepsFormula: true,
  infer: ([a]) => ({ dtype: requireSquare(a!).dtype, shape: batchOf(a!) }),
  vjp: ({ inputs: [a], cotangent }) => [mulT(before(cotangent), mirrorT(inverseT(a!)))],
  expand: ([a]) => {
    const logs = logT(absT(diagonalOf(a!)))
    return sumT(logs, along(logs))
  },
}

/** -1, 0 or 1, the sign of each determinant. */
export const determinantSignOp: Op<'determinantSign', Record<never, never>> = {
  name: 'determinantSign',
  kind: 'composite',
  keepsFormula: true,
  infer: ([a]) => ({ dtype: requireSquare(a!).dtype, shape: batchOf(a!) }),
  vjp: null,
  expand: ([a]) => {
    const signs = apply(signOp, [diagonalOf(a!)], {})
    return mulT(parityOf(a!), prodT(signs, along(signs)))
  },
}
