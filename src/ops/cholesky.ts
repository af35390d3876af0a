import type { Op } from '../ir/op'
import { call, int } from '../ir/scalar'
import { apply, describe, type Tensor } from '../ir/tensor'
import { addT, mulT } from './arith'
import { columnsOf, countOf, matricesWhereT, isNotPositive, mirrorT, requireSquare, timesT, triangleT } from './matrix'
import {
  below,
  eachMatrix,
  gridAt,
  gridOf,
  minus,
  next,
  over,
  plus,
  real,
  rowOf,
  running,
  times,
  upTo,
  between,
} from './matrix-loops'
import { diagonalOp } from './products'
import { triangularSolveT } from './triangular'
import { like } from './unary'

/**
 * The lower triangular L with L Lᵀ = (A + Aᵀ) / 2, row by row. Where there is none, NaN stands on the diagonal from there on.
 * Gradient: Murray 2016, arXiv:1602.07527, equation 8.
 */
export const choleskyOp: Op<'cholesky', Record<never, never>> = {
  name: 'cholesky',
  kind: 'loops',
  infer: ([a]) => requireSquare(a!),
  vjp: ({ output: l, cotangent }) => {
    const product = triangleT(timesT(mirrorT(l), triangleT(cotangent)))
    const half = triangleT(product, { offset: -1 })
    // Half of the diagonal: what is below it counts for both triangles.
    const phi = mulT(addT(product, half), like(0.5, half))
    const left = triangularSolveT(l, phi, { transpose: true })
    const s = triangularSolveT(l, mirrorT(left), { transpose: true })
    return [mulT(addT(s, mirrorT(s)), like(0.5, s))]
  },
  checks: (l) => [
    {
      count: matricesWhereT(isNotPositive(apply(diagonalOp, [l], { offset: 0 }))),
      message: `cholesky: ${describe(l.inputs[0]!)} is not positive definite`,
    },
  ],
  work: ([a]) => countOf(a!) * (columnsOf(a!) ** 3 / 3),
  loops: ({ output, operands: [a], result }) => {
    const n = columnsOf(output)
    return eachMatrix(output, (batch) => {
      const [from, to] = [gridOf(a!, output, batch), gridOf(result, output, batch)]
      return upTo('i', n, (i) => {
        const [own, row] = [rowOf(from, i, 'a_i'), rowOf(to, i, 'l_i')]
        const square = running(own.at(i), [int(0), i], (s, k) => minus(s, times(row.at(k), row.at(k))))
        return [
          own.set,
          row.set,
          ...between('j', int(0), i, (j) => {
            const other = rowOf(to, j, 'l_j')
            const mean = times(real(0.5), plus(own.at(j), gridAt(from, j, i)))
            const s = running(mean, [int(0), j], (s, k) => minus(s, times(row.at(k), other.at(k))))
            return [other.set, ...s.statements, row.put(j, over(s.value, other.at(j)))]
          }),
          ...square.statements,
          // The root of -1 is NaN.
          row.put(i, call('sqrt', call('select', below(real(0), square.value), square.value, real(-1)))),
          ...between('j', next(i), int(n), (j) => [row.put(j, real(0))]),
        ]
      })
    })
  },
}

export const choleskyT = (a: Tensor): Tensor => apply(choleskyOp, [a], {})
