import * as loom from 'gradloom'
import { apart, positive, turned, upright } from './cases-linear'
import { type FunctionCase, type FunctionRow, meaning } from './function-case'
import { columnsOf, determinant, each, eachNumber, eigen, gauss, identity, type Matrix, mirrored, orthonormal, product, rowsOf, table } from './matrices' // prettier-ignore
import { one, operand } from './operands'

// What stands before a function in a case (`cases-linear.ts`), once more on numbers.
const positiveOf = (x: Matrix): Matrix =>
  product(x, mirrored(x)).map((row, i) => row.map((v, j) => v + (i === j ? 2 : 0)))
const turnedOf = (x: Matrix): Matrix =>
  x.map((row, i) => row.map((v, j) => v + (i === j ? 2 * x.length + 2 : 0))).reverse()
const apartOf = (x: Matrix): Matrix => x.map((row, i) => row.map((v, j) => v / 2 + (i === j ? 4 * i - 3 : 0)))
const uprightOf = (x: Matrix): Matrix => x.map((row, i) => row.map((v, j) => v + (i === j ? 5 : 0)))

type Reference = FunctionCase['reference']
const square =
  (f: (m: Matrix) => Matrix): Reference =>
  (x) =>
    each([x], [rowsOf(x), columnsOf(x)], f)
const SQUARES = [[1, 1], [3, 3], [2, 4, 4]] // prettier-ignore
const TALL = [[3, 3], [5, 3], [2, 4, 2]] // prettier-ignore

/** R of a matrix [m, n], k being the smaller of m and n. */
function upperOf(a: Matrix): Matrix {
  const k = Math.min(a.length, a[0]!.length)
  const r = product(mirrored(orthonormal(a, k)), a)
  return table(k, a[0]!.length, (i, j) => (i <= j ? r[i]![j]! : 0))
}

export const LINEAR_FUNCTIONS = {
  choleskySolve: {
    cases: meaning(
      [[[3, 3], [3, 2]], [[2, 2, 2], [2, 2, 1]]].map(([a, b]) => ({ inputs: [operand(a!), operand(b!)], build: (x, y) => loom.choleskySolve(loom.cholesky(positive(x)), y) })), // prettier-ignore
      (a, b) => each([a, b], [rowsOf(b), columnsOf(b)], (m, sides) => gauss(positiveOf(m), sides)),
    ),
  },
  choleskyInverse: {
    cases: meaning(
      SQUARES.map((shape) => one(shape, (x) => loom.choleskyInverse(loom.cholesky(positive(x))))),
      square((m) => gauss(positiveOf(m), identity(m.length))),
    ),
  },
  slogDet: {
    cases: [
      ...meaning(
        SQUARES.slice(1).map((shape) => one(shape, (x) => loom.slogDet(turned(x)).logAbsDet)),
        (a) => eachNumber(a, (m) => Math.log(Math.abs(determinant(turnedOf(m))))),
      ),
      ...meaning(
        SQUARES.map((shape) => one(shape, (x) => loom.slogDet(turned(x)).sign)),
        (a) => eachNumber(a, (m) => Math.sign(determinant(turnedOf(m)))),
      ),
    ],
  },
  qr: {
    cases: [
      ...meaning(
        TALL.map((shape) => one(shape, (x) => loom.qr(upright(x)).q)),
        (a) => each([a], [rowsOf(a), columnsOf(a)], (m) => orthonormal(uprightOf(m), columnsOf(a))),
      ),
      ...meaning(
        [...TALL, [3, 5], [2, 2, 3]].map((shape) => one(shape, (x) => loom.qr(upright(x)).r)),
        (a) => each([a], [Math.min(rowsOf(a), columnsOf(a)), columnsOf(a)], (m) => upperOf(uprightOf(m))),
      ),
    ],
  },
  eigh: {
    cases: [
      ...meaning(
        SQUARES.map((shape) => one(shape, (x) => loom.expandDims(loom.eigh(apart(x)).values, -1))),
        (a) => each([a], [rowsOf(a), 1], (m) => eigen(apartOf(m))[0]!.map((v) => [v])),
      ),
      ...meaning(
        SQUARES.map((shape) => one(shape, (x) => loom.eigh(apart(x)).vectors)),
        square((m) => eigen(apartOf(m)).slice(1)),
      ),
    ],
  },
} satisfies Record<string, FunctionRow>
