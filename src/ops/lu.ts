import { callF, transposeF } from '../ir/formula'
import type { Stmt } from '../ir/loop'
import type { Op } from '../ir/op'
import { call, castTo, int, type Scalar } from '../ir/scalar'
import { changing, countDown, name, when } from '../ir/statement'
import { apply, type Tensor } from '../ir/tensor'
import type { TensorType } from '../ir/type'
import { columnsOf, countOf, requireSides, requireSquare, rowsOf } from './matrix'
import {
  below,
  between,
  eachMatrix,
  type Grid,
  gridAt,
  gridOf,
  minus,
  next,
  over,
  putGrid,
  real,
  rowOf,
  running,
  times,
  upTo,
} from './matrix-loops'
import { partT } from './pieces'
import { substitution } from './triangular'

const square = ({ dtype, shape }: TensorType): TensorType => ({ dtype, shape: [...shape.slice(0, -1), shape.at(-2)!] })

/**
 * P A = L U with the pivots of partial pivoting, in one matrix [n, n + 1]: U on and above the diagonal, L without its ones
 * below it, and in the last column the row that each row changed places with, in order. By columns, so that each element is
 * one sum. Source: Crout's method, Golub and Van Loan, section 3.4.
 */
export const luFactorOp: Op<'luFactor', Record<never, never>> = {
  name: 'luFactor',
  kind: 'loops',
  infer: ([a]) => {
    const { dtype, shape } = requireSquare(a!)
    return { dtype, shape: [...shape.slice(0, -1), shape.at(-1)! + 1] }
  },
  vjp: null,
  work: ([a]) => countOf(a!) * (2 / 3) * columnsOf(a!) ** 3,
  loops: ({ inputs: [a], output, operands, result }) => {
    const n = rowsOf(output)
    return eachMatrix(output, (batch) => {
      const [from, lu] = [gridOf(operands[0]!, a!, batch), gridOf(result, output, batch)]
      return [
        ...upTo('i', n, (i) => upTo('j', n, (j) => [putGrid(lu, i, j, gridAt(from, i, j))])),
        ...upTo('j', n, (j) => eliminated(lu, n, j)),
      ]
    })
  },
}

/** Finishes a column: its sums, then the largest of those below the diagonal onto it. */
function eliminated(lu: Grid, n: number, j: Scalar): Stmt[] {
  const pivot = changing('pivot', j)
  const largest = changing('largest', real(0))
  const column = (i: Scalar, terms: Scalar, candidate: boolean): Stmt[] => {
    const row = rowOf(lu, i, 'row')
    const s = running(row.at(j), [int(0), terms], (s, k) => minus(s, times(row.at(k), gridAt(lu, k, j))))
    const size = name('size', call('abs', s.value))
    const isLarger = when(below(largest.value, size.value), [largest.to(size.value), pivot.to(i)])
    return [row.set, ...s.statements, row.put(j, s.value), ...(candidate ? [size.set, isLarger] : [])]
  }
  const top = name('top', gridAt(lu, j, j))
  return [
    pivot.set,
    largest.set,
    ...between('i', int(0), j, (i) => column(i, i, false)),
    ...between('i', j, int(n), (i) => column(i, j, true)),
    putGrid(lu, j, int(n), castTo('float64', pivot.value)),
    when(call('ne', pivot.value, j), swapped(lu, [j, pivot.value], n)),
    top.set,
    when(
      call('ne', top.value, real(0)),
      between('i', next(j), int(n), (i) => [putGrid(lu, i, j, over(gridAt(lu, i, j), top.value))]),
    ),
  ]
}

/** Two rows change places. */
export const swapped = (grid: Grid, [p, q]: readonly [Scalar, Scalar], columns: number): Stmt[] =>
  upTo('c', columns, (c) => {
    const kept = name('kept', gridAt(grid, p, c))
    return [kept.set, putGrid(grid, p, c, gridAt(grid, q, c)), putGrid(grid, q, c, kept.value)]
  })

/** X with A X = B, or Aᵀ X = B, from what `luFactor` makes of A. */
export const luSolveOp: Op<'luSolve', { readonly transpose: boolean }> = {
  name: 'luSolve',
  kind: 'loops',
  infer: ([lu, b]) => requireSides(square(lu!), b!),
  vjp: null,
  work: ([lu, b]) => countOf(lu!) * 2 * rowsOf(lu!) ** 2 * columnsOf(b!),
  loops: ({ inputs: [lu], output, attrs: { transpose }, operands, result }) => {
    const [n, sides] = [rowsOf(output), columnsOf(output)]
    return eachMatrix(output, (batch) => {
      const [factors, b, x] = [
        gridOf(operands[0]!, lu!, batch),
        gridOf(operands[1]!, output, batch),
        gridOf(result, output, batch),
      ]
      const swap = (i: Scalar): Stmt[] => {
        const pivot = name('pivot', castTo('int32', gridAt(factors, i, int(n))))
        return [pivot.set, when(call('ne', pivot.value, i), swapped(x, [i, pivot.value], sides))]
      }
      const solves = [
        substitution(factors, x, [n, sides], { upper: transpose, transpose, unit: !transpose }),
        substitution(factors, x, [n, sides], { upper: !transpose, transpose, unit: transpose }),
      ]
      return [
        ...upTo('p', n * sides, (p) => [putGrid(x, int(0), p, gridAt(b, int(0), p))]),
        ...(transpose ? [] : upTo('i', n, swap)),
        ...solves.flat(),
        ...(transpose ? countDown('i', int(n - 1), int(0), (i) => swap(i.value)) : []),
      ]
    })
  },
  formula: ([lu, b], { transpose }) => callF('luSolve', [transpose ? transposeF(lu!) : lu!, b!]),
}

export const luFactorT = (a: Tensor): Tensor => apply(luFactorOp, [a], {})
export const luSolveT = (lu: Tensor, b: Tensor, transpose: boolean): Tensor => apply(luSolveOp, [lu, b], { transpose })

/** L and U in one square, and the pivots [..., n]. */
export function factorsOf(lu: Tensor): { readonly factors: Tensor; readonly pivots: Tensor } {
  const n = rowsOf(lu)
  const axis = lu.shape.length - 1
  return { factors: partT(lu, axis, 0, n), pivots: partT(lu, axis, n, 1) }
}
