import type { LINEAR } from '../../src/ops/table-linear'
import { cholesky, columnsOf, determinant, each, eachNumber, eigen, factored, gauss, identity, mirrored, orthonormal, product, rowsOf, table, unfactored } from './matrices' // prettier-ignore
import type { Reference } from './values'

export const LINEAR_REFERENCE: { readonly [N in keyof typeof LINEAR]: Reference<N> } = {
  cholesky: ([a]) => each([a!], [rowsOf(a), columnsOf(a)], cholesky),
  triangularSolve: ([a, b], { upper, transpose, unit }) =>
    each([a!, b!], [rowsOf(b), columnsOf(b)], (m, sides) => {
      const isRead = (i: number, j: number): boolean => (upper ? i <= j : i >= j)
      const own = table(m.length, m.length, (i, j) => (i === j && unit ? 1 : isRead(i, j) ? m[i]![j]! : 0))
      return gauss(transpose ? mirrored(own) : own, sides)
    }),
  luFactor: ([a]) =>
    each([a!], [rowsOf(a), columnsOf(a) + 1], (m) => {
      const { lu, pivots } = factored(m)
      return lu.map((row, i) => [...row, pivots[i]!])
    }),
  luSolve: ([lu, b], { transpose }) =>
    each([lu!, b!], [rowsOf(b), columnsOf(b)], (m, sides) => {
      const a = unfactored(m)
      return gauss(transpose ? mirrored(a) : a, sides)
    }),
  solve: ([a, b], { transpose }) =>
    each([a!, b!], [rowsOf(b), columnsOf(b)], (m, sides) => gauss(transpose ? mirrored(m) : m, sides)),
  inverse: ([a]) => each([a!], [rowsOf(a), columnsOf(a)], (m) => gauss(m, identity(m.length))),
  determinant: ([a]) => eachNumber(a!, determinant),
  logDeterminant: ([a]) => eachNumber(a!, (m) => Math.log(Math.abs(determinant(m)))),
  determinantSign: ([a]) => eachNumber(a!, (m) => Math.sign(determinant(m))),
  orthonormal: ([a]) => each([a!], [rowsOf(a), columnsOf(a)], (m) => orthonormal(m, columnsOf(a))),
  leastSquares: ([a, b]) =>
    each([a!, b!], [columnsOf(a), columnsOf(b)], (m, sides) => {
      const t = mirrored(m)
      return m.length < t.length ? product(t, gauss(product(m, t), sides)) : gauss(product(t, m), product(t, sides))
    }),
  symmetricEigen: ([a]) => each([a!], [rowsOf(a) + 1, columnsOf(a)], eigen),
}
