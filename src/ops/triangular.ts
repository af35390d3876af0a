import { callF, transposeF } from '../ir/formula'
import type { Stmt } from '../ir/loop'
import type { Op } from '../ir/op'
import { int, type Scalar } from '../ir/scalar'
import { countDown } from '../ir/statement'
import { apply, describe, type Tensor } from '../ir/tensor'
import { negT } from './arith'
import {
  columnsOf,
  countOf,
  matricesWhereT,
  mirrorT,
  requireSides,
  requireSquare,
  rowsOf,
  timesT,
  triangleT,
} from './matrix'
import {
  eachMatrix,
  type Grid,
  gridAt,
  gridOf,
  minus,
  next,
  over,
  putGrid,
  rowOf,
  running,
  times,
  upTo,
} from './matrix-loops'
import { diagonalOp } from './products'
import { isZero } from './select'

export interface TriangleAttrs {
  /** The upper triangle is read instead of the lower one. */
  readonly upper: boolean
  /** The matrix is read with rows for columns. */
  readonly transpose: boolean
  /** The diagonal is taken to be 1 and not read. */
  readonly unit: boolean
}

/** Equations that have one unknown more from row to row, for all columns of right-hand sides, in place. */
export function substitution(a: Grid, x: Grid, [n, sides]: readonly [number, number], attrs: TriangleAttrs): Stmt[] {
  const { upper, transpose, unit } = attrs
  const isForward = upper === transpose
  const row = (i: Scalar): readonly Stmt[] => {
    const own = rowOf(a, i, 'a_i')
    const at = (j: Scalar): Scalar => (transpose ? gridAt(a, j, i) : own.at(j))
    return [
      ...(transpose ? [] : [own.set]),
      ...upTo('c', sides, (c) => {
        const known = isForward ? ([int(0), i] as const) : ([next(i), int(n)] as const)
        const s = running(gridAt(x, i, c), known, (s, k) => minus(s, times(at(k), gridAt(x, k, c))))
        return [...s.statements, putGrid(x, i, c, unit ? s.value : over(s.value, at(i)))]
      }),
    ]
  }
  return isForward ? upTo('i', n, row) : countDown('i', int(n - 1), int(0), (i) => row(i.value))
}

/** X with A X = B or Aᵀ X = B, of whose A one triangle is read. */
export const triangularSolveOp: Op<'triangularSolve', TriangleAttrs> = {
  name: 'triangularSolve',
  kind: 'loops',
  infer: ([a, b]) => requireSides(requireSquare(a!), b!),
  vjp: ({ inputs: [a], output: x, cotangent, attrs }) => {
    const g = apply(triangularSolveOp, [a!, cotangent], { ...attrs, transpose: !attrs.transpose })
    const pair = attrs.transpose ? timesT(x, mirrorT(g)) : timesT(g, mirrorT(x))
    const { upper, unit } = attrs
    return [triangleT(negT(pair), { upper, offset: unit ? (upper ? 1 : -1) : 0 }), g]
  },
  checks: ({ inputs: [a] }, { unit }) =>
    unit
      ? []
      : [
          {
            count: matricesWhereT(isZero(apply(diagonalOp, [a!], { offset: 0 }))),
            message: `triangularSolve: ${describe(a!)} is singular, there is a 0 on its diagonal`,
          },
        ],
  work: ([a, b]) => countOf(a!) * columnsOf(a!) ** 2 * columnsOf(b!),
  loops: ({ inputs: [a], output, attrs, operands, result }) =>
    eachMatrix(output, (batch) => {
      const [matrix, sides, x] = [
        gridOf(operands[0]!, a!, batch),
        gridOf(operands[1]!, output, batch),
        gridOf(result, output, batch),
      ]
      return [
        ...upTo('p', rowsOf(output) * columnsOf(output), (p) => [copied(sides, x, p)]),
        ...substitution(matrix, x, [rowsOf(output), columnsOf(output)], attrs),
      ]
    }),
  formula: ([a, b], { transpose }) => callF('triangularSolve', [transpose ? transposeF(a!) : a!, b!]),
}

const copied = (from: Grid, to: Grid, position: Scalar): Stmt =>
  putGrid(to, int(0), position, gridAt(from, int(0), position))

export const triangularSolveT = (a: Tensor, b: Tensor, attrs: Partial<TriangleAttrs> = {}): Tensor =>
  apply(triangularSolveOp, [a, b], { upper: false, transpose: false, unit: false, ...attrs })
