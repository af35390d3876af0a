import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { luFactorT, luSolveT } from '../../src/ops/lu'
import { identityLike, mirrorT } from '../../src/ops/matrix'
import { type Grower, isSome, unary } from './pool'

const isMatrix = (x: Tensor): boolean => isSome(x) && x.shape.length > 1 && x.shape.at(-2)! <= 12
/** Symmetric and positive definite, of as many rows as x; its eigenvalues lie between 2 and twice the columns of x. */
function definite(x: Tensor): Tensor {
  // The mean of nothing is NaN, and no matrix that holds it is definite.
  const bounded = loom.tanh(loom.where(loom.isNaN(x), 0, x))
  const square = loom.matmul(bounded, mirrorT(bounded))
  return loom.add(square, loom.mul(identityLike(square), 2))
}
const isSquareOrTall = (x: Tensor): boolean => isMatrix(x) && x.shape.at(-2)! >= x.shape.at(-1)!
/** Columns that are independent. */
const upright = (x: Tensor): Tensor => {
  const [m, n] = x.shape.slice(-2) as [number, number]
  const ones = Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 2 * m : 0)))
  return loom.add(loom.tanh(x), loom.constant(ones, { dtype: x.dtype as 'float32' }))
}

/** Linear algebra on matrices that are far from singular. */
export const LINEAR_SMOOTH: readonly Grower[] = [
  unary({ op: (x) => loom.cholesky(definite(x)), to: () => 40, if: isMatrix }),
  unary({ op: (x) => loom.inverse(definite(x)), to: () => 1, if: isMatrix }),
  unary({ op: (x) => loom.solve(definite(x), x), if: isMatrix }),
  unary({ op: (x, p) => loom.triangularSolve(definite(x), x, { lower: p % 2 === 0, transpose: p % 3 === 0 }), to: (b) => 2 ** 12 * b, if: isMatrix }), // prettier-ignore
  unary({ op: (x) => loom.determinant(loom.mul(definite(x), 0.2)), to: () => 1e6, if: isMatrix }),
  unary({ op: (x) => loom.slogDet(definite(x)).logAbsDet, to: () => 60, if: isMatrix }),
  unary({ op: (x) => loom.qr(upright(x)).q, to: () => 1, if: isSquareOrTall }),
  unary({ op: (x) => loom.leastSquares(upright(x), x), if: isMatrix }),
  unary({ op: (x) => loom.eigh(definite(x)).values, to: () => 40, if: isMatrix }),
]

export const LINEAR_JUMPS: readonly Grower[] = [
  unary({ op: (x) => loom.luFactor(definite(x)).factors, to: () => 40, if: isMatrix }),
  unary({ op: (x) => luSolveT(luFactorT(definite(x)), x, false), if: isMatrix }),
  unary({ op: (x) => loom.slogDet(definite(x)).sign, to: () => 1, if: isMatrix }),
]
