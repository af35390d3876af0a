import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { apply } from '../../src/ir/tensor'
import { symmetricEigenT } from '../../src/ops/eigen'
import { luFactorT, luSolveT } from '../../src/ops/lu'
import { identityLike, mirrorT, timesT } from '../../src/ops/matrix'
import { orthonormalOp } from '../../src/ops/qr'
import { determinantOp, determinantSignOp, logDeterminantOp, solveT } from '../../src/ops/solve'
import type { LINEAR } from '../../src/ops/table-linear'
import { triangularSolveT, type TriangleAttrs } from '../../src/ops/triangular'
import { one, operand, type OpCase } from './operands'

// The op is the root of each graph; what stands before it makes matrices that are far from singular out of any numbers.

const scaled = (x: Tensor, by: number): Tensor => loom.mul(x, by)
/** x xᵀ + 2 */
export const positive = (x: Tensor): Tensor => loom.add(timesT(x, mirrorT(x)), scaled(identityLike(x), 2))
/** The largest elements lie on the diagonal. */
const dominant = (x: Tensor): Tensor => loom.add(x, scaled(identityLike(x), 2 * x.shape.at(-1)! + 2))
/** They lie on the other one, so that rows must change places. */
export const turned = (x: Tensor): Tensor => loom.flip(dominant(x), [-2])
/** Eigenvalues that differ. */
export const apart = (x: Tensor): Tensor =>
  loom.add(scaled(x, 0.5), loom.mul(identityLike(x), loom.constant(Array.from({ length: x.shape.at(-1)! }, (_, i) => 4 * i - 3), { dtype: x.dtype as 'float32' }))) // prettier-ignore
/** Columns that are independent. */
export const upright = (x: Tensor): Tensor => {
  const [m, n] = x.shape.slice(-2) as [number, number]
  const ones = Array.from({ length: m }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 5 : 0)))
  return loom.add(x, loom.constant(ones, { dtype: x.dtype as 'float32' }))
}

const SQUARES = [[1, 1], [2, 2], [3, 3], [5, 5], [2, 4, 4], [2, 1, 3, 3], [0, 3, 3]] // prettier-ignore
const squares = (build: (x: Tensor) => Tensor, more: readonly (readonly number[])[] = [[17, 17]]): OpCase[] =>
  [...SQUARES, ...more].map((shape) => one(shape, build))
const SIDES = [
  [[1, 1], [1, 1]], [[3, 3], [3, 1]], [[4, 4], [4, 5]], [[2, 3, 3], [2, 3, 2]], [[2, 1, 3, 3], [2, 1, 3, 2]],
  [[3, 3], [3, 0]], [[17, 17], [17, 3]],
] as const // prettier-ignore
const sides = (build: (a: Tensor, b: Tensor) => Tensor): OpCase[] =>
  SIDES.map(([a, b]) => ({ inputs: [operand(a), operand(b)], build }))
const triangles = (attrs: Partial<TriangleAttrs>): OpCase[] =>
  sides((a, b) => triangularSolveT(attrs.unit ? scaled(a, 0.3) : dominant(a), b, attrs))

export const LINEAR_CASES: { readonly [N in keyof typeof LINEAR]: readonly OpCase[] } = {
  cholesky: [...squares((x) => loom.cholesky(positive(x)))],
  triangularSolve: [
    ...triangles({}),
    ...triangles({ transpose: true }).slice(1, 5),
    ...triangles({ upper: true }).slice(1, 5),
    ...triangles({ upper: true, transpose: true }).slice(1, 4),
    ...triangles({ unit: true }).slice(0, 4),
    ...triangles({ unit: true, upper: true, transpose: true }).slice(1, 3),
  ],
  luFactor: [...squares((x) => luFactorT(turned(x))), one([4, 4], (x) => luFactorT(x))],
  luSolve: [false, true].flatMap((transpose) => sides((a, b) => luSolveT(luFactorT(turned(a)), b, transpose))),
  solve: [...sides((a, b) => solveT(turned(a), b)), ...sides((a, b) => solveT(dominant(a), b, true)).slice(1, 5)],
  inverse: squares((x) => loom.inverse(turned(x))),
  // Of one element the second gradient vanishes only as a difference.
  determinant: [
    ...squares((x) => apply(determinantOp, [turned(scaled(x, 0.5))], {}), []).slice(1),
    one([1, 1], (x) => apply(determinantOp, [x], {}), 'nonZero', 'float64'),
  ],
  logDeterminant: squares((x) => apply(logDeterminantOp, [turned(x)], {}), [[7, 7]]),
  determinantSign: [
    ...squares((x) => apply(determinantSignOp, [turned(x)], {}), []),
    one([4, 4], (x) => apply(determinantSignOp, [x], {})),
  ],
  orthonormal: [
    ...squares((x) => apply(orthonormalOp, [upright(x)], {})),
    ...[[3, 1], [5, 3], [2, 4, 3], [19, 4]].map((shape) => one(shape, (x) => apply(orthonormalOp, [upright(x)], {}))), // prettier-ignore
    one([3, 3], (x) => apply(orthonormalOp, [loom.neg(upright(x))], {})),
  ],
  leastSquares: [
    [[3, 3], [3, 2]], [[5, 3], [5, 2]], [[3, 5], [3, 2]], [[2, 4, 3], [2, 4, 1]], [[4, 1], [4, 1]], [[19, 4], [19, 2]],
  ].map(([a, b]) => ({ inputs: [operand(a!), operand(b!)], build: (x, y) => loom.leastSquares(upright(x), y) })), // prettier-ignore
  symmetricEigen: squares((x) => symmetricEigenT(apart(x)), [[7, 7]]),
}
