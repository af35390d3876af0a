import { GraphError } from '../ir/errors'
import type { Param, Stmt } from '../ir/loop'
import type { Op } from '../ir/op'
import { call, int, type Scalar } from '../ir/scalar'
import { countDown, name, when } from '../ir/statement'
import { apply, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { addT, negT } from './arith'
import { columnsOf, countOf, mirrorT, requireMatrices, rowsOf, timesT, triangleT } from './matrix'
import {
  below,
  between,
  cell,
  eachMatrix,
  type Grid,
  gridAt,
  gridOf,
  minus,
  next,
  over,
  plus,
  putCell,
  putGrid,
  real,
  rowOf,
  running,
  scaleOf,
  times,
  upTo,
} from './matrix-loops'
import { partT } from './pieces'
import { triangularSolveT } from './triangular'

/**
 * Orthonormal columns Q [m, n] with A = Q R, R upper triangular, for m of at least n, by Householder's reflections; signs are
 * those of LAPACK. Gradient: Walter and Lehmann 2010, arXiv:1009.6112, with R = Qᵀ A.
 */
export const orthonormalOp: Op<'orthonormal', Record<never, never>> = {
  name: 'orthonormal',
  kind: 'loops',
  infer: ([a]) => {
    const dtype = requireMatrices(a!)
    if (rowsOf(a!) < columnsOf(a!))
      throw new GraphError(`needs as many rows as columns or more, got ${showShape(a!.shape)}`)
    return { dtype, shape: a!.shape }
  },
  vjp: ({ inputs: [a], output: q, cotangent }) => {
    const r = upperOf(q, a!)
    const m = negT(timesT(mirrorT(cotangent), q))
    const lower = triangleT(m)
    const symmetric = addT(lower, mirrorT(triangleT(m, { offset: -1 })))
    const sum = addT(cotangent, timesT(q, symmetric))
    return [mirrorT(triangularSolveT(r, mirrorT(sum), { upper: true }))]
  },
  work: ([a]) => countOf(a!) * columnsOf(a!) ** 2 * (4 * rowsOf(a!) - (4 / 3) * columnsOf(a!)),
  // Columns of A, then those of Q, each as a row; then a factor for each reflection.
  workspace: ([a]) => ({ dtype: 'float64', shape: [2 * rowsOf(a!) * columnsOf(a!) + columnsOf(a!)] }),
  loops: ({ output, operands: [a], result, workspace }) => {
    const [m, n] = [rowsOf(output), columnsOf(output)]
    const columns: Grid = { param: workspace!, start: int(0), columns: m }
    const factors: Factors = { param: workspace!, start: 2 * m * n }
    const made: Grid = { param: workspace!, start: int(m * n), columns: m }
    return eachMatrix(output, (batch) => {
      const [from, to] = [gridOf(a!, output, batch), gridOf(result, output, batch)]
      const one = (i: Scalar, j: Scalar): Scalar => call('select', call('eq', i, j), real(1), real(0))
      return [
        // The size of a column does not matter to Q.
        ...upTo('j', n, (j) => {
          const scale = scaleOf(output.dtype, m, (i) => gridAt(from, i, j))
          const copied = (i: Scalar): Stmt[] => [
            putGrid(columns, j, i, times(gridAt(from, i, j), scale.value)),
            putGrid(made, j, i, one(i, j)),
          ]
          return [...scale.statements, ...upTo('i', m, copied)]
        }),
        ...upTo('j', n, (j) => [
          ...reflection(columns, factors, m, j),
          ...between('c', next(j), int(n), (c) => reflected(columns, columns, factors, [m, j, c])),
        ]),
        ...countDown('j', int(n - 1), int(0), (j) =>
          between('c', j.value, int(n), (c) => reflected(columns, made, factors, [m, j.value, c])),
        ),
        ...upTo('i', m, (i) => upTo('j', n, (j) => [putGrid(to, i, j, gridAt(made, j, i))])),
      ]
    })
  },
}

/** I - f v vᵀ takes what is below the diagonal from column j: v, whose first element is 1, stays there. */
interface Factors {
  readonly param: Param
  readonly start: number
}
const factorAt = ({ param, start }: Factors, j: Scalar): Scalar => cell(param, plus(int(start), j))

function reflection(columns: Grid, { param, start }: Factors, m: number, j: Scalar): Stmt[] {
  const column = rowOf(columns, j, 'v')
  const rest = running(real(0), [next(j), int(m)], (s, i) => plus(s, times(column.at(i), column.at(i))))
  const first = name('first', column.at(j))
  const size = name('size', call('sqrt', plus(times(first.value, first.value), rest.value)))
  const end = name('end', call('select', below(first.value, real(0)), size.value, call('neg', size.value)))
  const factor = (value: Scalar): Stmt => putCell(param, plus(int(start), j), value)
  return [
    column.set,
    ...rest.statements,
    factor(real(0)),
    when(call('ne', rest.value, real(0)), [
      first.set,
      size.set,
      end.set,
      factor(over(minus(end.value, first.value), end.value)),
      ...between('i', next(j), int(m), (i) => [column.put(i, over(column.at(i), minus(first.value, end.value)))]),
    ]),
  ]
}

/** Column c of a matrix after the reflection of column j. */
function reflected(
  columns: Grid,
  of: Grid,
  factors: Factors,
  [m, j, c]: readonly [number, Scalar, Scalar],
): readonly Stmt[] {
  const [v, x] = [rowOf(columns, j, 'v'), rowOf(of, c, 'x')]
  const s = running(x.at(j), [next(j), int(m)], (s, i) => plus(s, times(v.at(i), x.at(i))))
  const by = name('by', times(factorAt(factors, j), s.value))
  return [
    v.set,
    x.set,
    ...s.statements,
    by.set,
    x.put(j, minus(x.at(j), by.value)),
    ...between('i', next(j), int(m), (i) => [x.put(i, minus(x.at(i), times(by.value, v.at(i))))]),
  ]
}

const orthonormalT = (a: Tensor): Tensor => apply(orthonormalOp, [a], {})
const upperOf = (q: Tensor, a: Tensor): Tensor => triangleT(timesT(mirrorT(q), a), { upper: true })

/** Q [..., m, k] and R [..., k, n] with A = Q R, k being the smaller of m and n. */
export function qrT(a: Tensor): { readonly q: Tensor; readonly r: Tensor } {
  const k = Math.min(rowsOf(a), columnsOf(a))
  const q = orthonormalT(partT(a, a.shape.length - 1, 0, k))
  return { q, r: upperOf(q, a) }
}
