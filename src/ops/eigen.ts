import type { Stmt } from '../ir/loop'
import type { Op } from '../ir/op'
import { call, int, type Scalar } from '../ir/scalar'
import { changing, name, when, whilst } from '../ir/statement'
import { apply, type Tensor } from '../ir/tensor'
import { addT, divT, mulT, subT } from './arith'
import { columnsOf, countOf, mirrorT, requireSquare, rowsOf, spreadDiagonalT, timesT } from './matrix'
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
  plus,
  putGrid,
  real,
  rowOf,
  type Scale,
  scaleOf,
  times,
  upTo,
} from './matrix-loops'
import { swapped } from './lu'
import { partT } from './pieces'
import { isZero, whereT } from './select'
import { like } from './unary'
import { reshapeT } from './view'

/** Sweeps after which Jacobi's method gives up; it takes about ten. */
const SWEEPS = 60
/** What is smaller than this beside the whole matrix is zero: half a unit in the last place, and room. */
const TINY = 2 ** -56

/**
 * Eigenvalues and eigenvectors of (A + Aᵀ) / 2 as one matrix [n + 1, n]: values in ascending order in the first row, the
 * vector of each below it, with its largest element positive. By Jacobi's cyclic method (Golub and Van Loan, section 8.5). The
 * gradient by the vectors exists where values differ; between equal values it is taken to be zero. A matrix that is not finite
 * has NaN throughout.
 */
export const symmetricEigenOp: Op<'symmetricEigen', Record<never, never>> = {
  name: 'symmetricEigen',
  kind: 'loops',
  infer: ([a]) => {
    const { dtype, shape } = requireSquare(a!)
    return { dtype, shape: [...shape.slice(0, -2), shape.at(-2)! + 1, shape.at(-1)!] }
  },
  vjp: ({ output, cotangent }) => {
    const [{ values, vectors: v }, g] = [partsOfEigen(output), partsOfEigen(cotangent)]
    const gaps = subT(
      reshapeT(values, [...values.shape.slice(0, -1), 1, values.shape.at(-1)!]),
      reshapeT(values, [...values.shape, 1]),
    )
    const isSame = isZero(gaps)
    const slopes = whereT(isSame, like(0, gaps), divT(like(1, gaps), whereT(isSame, like(1, gaps), gaps)))
    const turned = mulT(slopes, timesT(mirrorT(v), g.vectors))
    const inside = addT(spreadDiagonalT(g.values), turned)
    const whole = timesT(v, timesT(inside, mirrorT(v)))
    return [mulT(addT(whole, mirrorT(whole)), like(0.5, whole))]
  },
  // About ten sweeps of n²/2 rotations of two rows each.
  work: ([a]) => countOf(a!) * 60 * columnsOf(a!) ** 3,
  workspace: ([a]) => ({ dtype: 'float64', shape: [2 * columnsOf(a!), columnsOf(a!)] }),
  loops: ({ inputs: [a], output, operands, result, workspace }) => {
    const n = columnsOf(output)
    const matrix: Grid = { param: workspace!, start: int(0), columns: n }
    const vectors: Grid = { param: workspace!, start: int(n * n), columns: n }
    return eachMatrix(output, (batch) => {
      const [from, to] = [gridOf(operands[0]!, a!, batch), gridOf(result, output, batch)]
      const one = (i: Scalar, j: Scalar): Scalar => call('select', call('eq', i, j), real(1), real(0))
      const scale = scaleOf(output.dtype, n * n, (p) => gridAt(from, int(0), p))
      const scaled = (i: Scalar, j: Scalar): Scalar => times(gridAt(from, i, j), scale.value)
      const mean = (i: Scalar, j: Scalar): Scalar => times(real(0.5), plus(scaled(i, j), scaled(j, i)))
      const total = changing('total', real(0))
      const turns = changing('turns', int(1))
      const sweep = changing('sweep', int(0))
      const least = name('least', times(real(TINY), call('sqrt', total.value)))
      const isFinite = below(total.value, real(Infinity))
      return [
        ...scale.statements,
        total.set,
        ...upTo('i', n, (i) =>
          upTo('j', n, (j) => {
            const own = name('a', mean(i, j))
            return [
              own.set,
              total.to(plus(total.value, times(own.value, own.value))),
              putGrid(matrix, i, j, own.value),
              putGrid(vectors, i, j, one(i, j)),
            ]
          }),
        ),
        least.set,
        turns.set,
        sweep.set,
        whilst(call('and', below(int(0), turns.value), below(sweep.value, int(SWEEPS))), [
          turns.to(int(0)),
          sweep.to(next(sweep.value)),
          ...upTo('p', n, (p) =>
            between('q', next(p), int(n), (q) => {
              const off = name('off', gridAt(matrix, p, q))
              return [
                off.set,
                when(below(least.value, call('abs', off.value)), [
                  turns.to(next(turns.value)),
                  ...rotated(matrix, vectors, n, [p, q, off.value]),
                ]),
              ]
            }),
          ),
        ]),
        ...upTo('i', n, (i) => [...sorted(matrix, vectors, n, i), ...written(matrix, vectors, to, [n, i, scale])]),
        when(
          call('not', isFinite),
          upTo('p', n * (n + 1), (p) => [putGrid(to, int(0), p, real(NaN))]),
        ),
      ]
    })
  },
}

/** Turns rows and columns p and q so that the element where they meet vanishes. */
function rotated(
  matrix: Grid,
  vectors: Grid,
  n: number,
  [p, q, off]: readonly [Scalar, Scalar, Scalar],
): readonly Stmt[] {
  const [first, second] = [name('a_pp', gridAt(matrix, p, p)), name('a_qq', gridAt(matrix, q, q))]
  const ratio = name('ratio', over(minus(second.value, first.value), times(real(2), off)))
  const size = over(
    real(1),
    plus(call('abs', ratio.value), call('sqrt', plus(times(ratio.value, ratio.value), real(1)))),
  )
  const tangent = name('tangent', call('select', below(ratio.value, real(0)), call('neg', size), size))
  const cosine = name('cosine', over(real(1), call('sqrt', plus(times(tangent.value, tangent.value), real(1)))))
  const sine = name('sine', times(tangent.value, cosine.value))
  const turn = (x: Scalar, y: Scalar): readonly [Scalar, Scalar] => [
    minus(times(cosine.value, x), times(sine.value, y)),
    plus(times(sine.value, x), times(cosine.value, y)),
  ]
  const turnRows = (grid: Grid, after: (r: Scalar, x: Scalar, y: Scalar) => readonly Stmt[]): readonly Stmt[] => {
    const [a, b] = [rowOf(grid, p, 'row_p'), rowOf(grid, q, 'row_q')]
    return [
      a.set,
      b.set,
      ...upTo('r', n, (r) => {
        const [x, y] = [name('x', a.at(r)), name('y', b.at(r))]
        const [u, v] = turn(x.value, y.value)
        const [newX, newY] = [name('u', u), name('v', v)]
        return [
          ...[x, y, newX, newY].map((s) => s.set),
          a.put(r, newX.value),
          b.put(r, newY.value),
          ...after(r, newX.value, newY.value),
        ]
      }),
    ]
  }
  const moved = times(tangent.value, off)
  return [
    ...[first, second, ratio, tangent, cosine, sine].map((s) => s.set),
    ...turnRows(matrix, (r, x, y) => [putGrid(matrix, r, p, x), putGrid(matrix, r, q, y)]),
    ...[
      [p, p, minus(first.value, moved)],
      [q, q, plus(second.value, moved)],
      [p, q, real(0)],
      [q, p, real(0)],
    ].map(([i, j, value]) => putGrid(matrix, i!, j!, value!)),
    ...turnRows(vectors, () => []),
  ]
}

/** Brings the least value that is left to place i of the diagonal, and its vector along. */
function sorted(matrix: Grid, vectors: Grid, n: number, i: Scalar): Stmt[] {
  const least = changing('least', i)
  const value = name('value', gridAt(matrix, i, i))
  return [
    least.set,
    ...between('j', next(i), int(n), (j) => [
      when(below(gridAt(matrix, j, j), gridAt(matrix, least.value, least.value)), [least.to(j)]),
    ]),
    when(call('ne', least.value, i), [
      value.set,
      putGrid(matrix, i, i, gridAt(matrix, least.value, least.value)),
      putGrid(matrix, least.value, least.value, value.value),
      ...swapped(vectors, [i, least.value], n),
    ]),
  ]
}

/** Value i, and its vector as a column whose largest element is positive. */
function written(matrix: Grid, vectors: Grid, to: Grid, [n, i, scale]: readonly [number, Scalar, Scale]): Stmt[] {
  const vector = rowOf(vectors, i, 'vector')
  const largest = changing('largest', real(0))
  const sign = name('sign', call('select', below(largest.value, real(0)), real(-1), real(1)))
  return [
    putGrid(to, int(0), i, times(gridAt(matrix, i, i), scale.inverse)),
    vector.set,
    largest.set,
    ...upTo('r', n, (r) => {
      const own = name('size', call('abs', vector.at(r)))
      return [own.set, when(below(call('abs', largest.value), own.value), [largest.to(vector.at(r))])]
    }),
    sign.set,
    ...upTo('r', n, (r) => [putGrid(to, next(r), i, times(sign.value, vector.at(r)))]),
  ]
}

/** Values [..., n] and vectors [..., n, n] as columns. */
export function partsOfEigen(packed: Tensor): { readonly values: Tensor; readonly vectors: Tensor } {
  const [axis, n] = [packed.shape.length - 2, rowsOf(packed) - 1]
  const first = partT(packed, axis, 0, 1)
  return {
    values: reshapeT(first, [...packed.shape.slice(0, -2), n]),
    vectors: partT(packed, axis, 1, n),
  }
}

export const symmetricEigenT = (a: Tensor): Tensor => apply(symmetricEigenOp, [a], {})
