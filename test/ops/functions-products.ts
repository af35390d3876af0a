import * as loom from 'gradloom'
import { type FunctionRow, meaning } from './function-case'
import { one, two } from './operands'
import { at, stretched, tabulate, total, type Values } from './values'

type Pairs = readonly (readonly [readonly number[], readonly number[]])[]
/** Sums of products over the last axes. */
const innerOf = (a: Values, b: Values): Values => {
  const [p, q] = [a.shape.length, b.shape.length]
  if (p === 0 || q === 0)
    return tabulate([...a.shape, ...b.shape], a.dtype, (i) => at(a, i.slice(0, p)) * at(b, i.slice(p)))
  return tabulate([...a.shape.slice(0, -1), ...b.shape.slice(0, -1)], a.dtype, (i) => {
    const [left, right] = [i.slice(0, p - 1), i.slice(p - 1)]
    return total(Array.from({ length: a.shape.at(-1)! }, (_, k) => at(a, [...left, k]) * at(b, [...right, k])))
  })
}
/** Products of the last two axes, the rows and columns of matrices. */
const product = (a: Values, b: Values): Values =>
  tabulate([...a.shape.slice(0, -1), b.shape.at(-1)!], a.dtype, (p) => {
    const [batch, row, column] = [p.slice(0, -2), p.at(-2)!, p.at(-1)!]
    return total(
      Array.from({ length: a.shape.at(-1)! }, (_, k) => at(a, [...batch, row, k]) * at(b, [...batch, k, column])),
    )
  })
const identity = (x: Values): Values => tabulate(x.shape, x.dtype, (p) => Number(p.at(-1) === p.at(-2)))
const reshaped = (x: Values, shape: readonly number[]): Values => ({ ...x, shape })

const INNER: Pairs = [[[], [3]], [[4], [4]], [[2, 4], [4]], [[2, 4], [3, 4]], [[2, 3, 4], [5, 4]], [[17, 19], [18, 19]]] // prettier-ignore
const VECTORS: Pairs = [[[5], [5]], [[2, 5], [2, 5]], [[2, 5], [5]], [[3, 1, 5], [4, 5]], [[17, 19], [17, 19]]] // prettier-ignore
const CROSS: Pairs = [[[3], [3]], [[4, 3], [4, 3]], [[4, 3], [3]], [[2, 1, 3], [5, 3]]] // prettier-ignore
const CHAINS: readonly (readonly (readonly number[])[])[] = [[[2, 3], [3, 4]], [[5, 2], [2, 7], [7, 3]], [[4], [4, 3], [3, 6], [6]], [[3, 2], [2, 5], [5]]] // prettier-ignore

export const PRODUCT_FUNCTIONS = {
  inner: {
    cases: INNER.flatMap(([a, b]) => meaning([two(a, b, loom.inner)], (p, q) => innerOf(p, q))),
  },
  vdot: {
    cases: ([[[5], [5]], [[2, 3], [3, 2]], [[17, 19], [323]], [[], [1]]] as const).flatMap(([a, b]) =>
      meaning([two(a, b, loom.vdot)], (p, q) => ({ shape: [], dtype: p.dtype, data: Float64Array.of(total([...p.data].map((v, i) => v * q.data[i]!))) })), // prettier-ignore
    ), // prettier-ignore
  },
  vecdot: {
    cases: [
      ...VECTORS.flatMap(([a, b]) =>
        meaning([two(a, b, (x, y) => loom.vecdot(x, y))], (p, q) => {
          const shape = stretched([p.shape, q.shape])
          const sum = (i: readonly number[]): number => total(Array.from({ length: shape.at(-1)! }, (_, k) => at(p, [...i, k]) * at(q, [...i, k]))) // prettier-ignore
          return tabulate(shape.slice(0, -1), p.dtype, sum)
        }),
      ),
      ...meaning([two([4, 3], [4, 3], (x, y) => loom.vecdot(x, y, { axis: 0 }))], (p, q) =>
        tabulate([3], p.dtype, ([k]) => total([0, 1, 2, 3].map((i) => at(p, [i, k!]) * at(q, [i, k!])))),
      ),
    ],
  },
  cross: {
    cases: [
      ...CROSS.flatMap(([a, b]) =>
        meaning([two(a, b, (x, y) => loom.cross(x, y))], (p, q) =>
          tabulate(stretched([p.shape, q.shape]), p.dtype, (i) => {
            const of = (x: Values, shift: number): number => at(x, [...i.slice(0, -1), (i.at(-1)! + shift) % 3])
            return of(p, 1) * of(q, 2) - of(p, 2) * of(q, 1)
          }),
        ),
      ),
      ...meaning([two([3, 2], [3, 2], (x, y) => loom.cross(x, y, { axis: 0 }))], (p, q) =>
        tabulate([3, 2], p.dtype, ([i, k]) => {
          const of = (x: Values, shift: number): number => at(x, [(i! + shift) % 3, k!])
          return of(p, 1) * of(q, 2) - of(p, 2) * of(q, 1)
        }),
      ),
    ],
  },
  matrixPower: {
    cases: [[3, 3], [2, 4, 4], [1, 1]].flatMap((shape) =>
      [0, 1, 2, 3, 5, 6].flatMap((n) =>
        meaning([one(shape, (x) => loom.matrixPower(x, n), 'unit')], (x) =>
          Array.from({ length: n }).reduce<Values>((power) => product(power, x), identity(x)),
        ),
      ),
    ), // prettier-ignore
  },
  multiDot: {
    cases: CHAINS.flatMap(
      (shapes) =>
      meaning([{ inputs: shapes.map((shape) => ({ shape, domain: 'any', dtype: 'float' })), build: (...xs) => loom.multiDot(xs) }], (...xs) => {
        const [first, last] = [xs[0]!.shape.length === 1, xs.at(-1)!.shape.length === 1]
        const matrices = xs.map((x, i) => (x.shape.length === 2 ? x : reshaped(x, i === 0 ? [1, ...x.shape] : [...x.shape, 1])))
        const y = matrices.reduce(product)
        return reshaped(y, y.shape.filter((_, i) => !(i === 0 ? first : last)))
      }), // prettier-ignore
    ),
  },
} satisfies Record<string, FunctionRow>
