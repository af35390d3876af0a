import type { AnyOp } from '../ir/op'
import { choleskyOp } from './cholesky'
import { symmetricEigenOp } from './eigen'
import { leastSquaresOp } from './least-squares'
import { luFactorOp, luSolveOp } from './lu'
import { orthonormalOp } from './qr'
import { determinantOp, determinantSignOp, inverseOp, logDeterminantOp, solveOp } from './solve'
import { triangularSolveOp } from './triangular'

/** Linear algebra. */
export const LINEAR = {
  cholesky: choleskyOp,
  triangularSolve: triangularSolveOp,
  luFactor: luFactorOp,
  luSolve: luSolveOp,
  solve: solveOp,
  inverse: inverseOp,
  determinant: determinantOp,
  logDeterminant: logDeterminantOp,
  determinantSign: determinantSignOp,
  orthonormal: orthonormalOp,
  leastSquares: leastSquaresOp,
  symmetricEigen: symmetricEigenOp,
} as const satisfies { readonly [N in string]: AnyOp & { readonly name: N } }
