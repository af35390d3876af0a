import * as loom from 'gradloom'
import type { DType, Tensor } from 'gradloom'
import { type FunctionCase, type FunctionRow, meaning } from './function-case'
import { fixed, one, operand, two, unary } from './operands'
import { at, tabulate, type Values } from './values'

type Of = (point: readonly number[]) => number
/** What is made of nothing, beside its values. */
const made = (shape: readonly number[], dtype: DType, build: () => Tensor, value: Of): FunctionCase[] =>
  meaning([fixed(build)], () => tabulate(shape, dtype, value))
const line = (values: readonly number[], build: () => Tensor, dtype: DType = 'float64'): FunctionCase[] =>
  made([values.length], dtype, build, ([i]) => values[i!]!)
const spaced = (start: number, stop: number, count: number, steps = count - 1): number[] =>
  Array.from({ length: count }, (_, i) => start + ((stop - start) * i) / Math.max(1, steps))
const cosines = (n: number, mean: number, period: number): number[] =>
  Array.from({ length: n }, (_, i) => (n === 1 ? 1 : mean + (mean - 1) * Math.cos((2 * Math.PI * i) / period)))
const float64 = { dtype: 'float64' } as const

const MATRICES = [[1, 1], [4, 4], [3, 5], [5, 3], [2, 3, 4], [0, 3], [17, 19]] // prettier-ignore
/** Elements of the last two axes by their distance above the diagonal. */
const masked = (build: (x: Tensor, offset: number) => Tensor, isKept: (apart: number, offset: number) => boolean, other = 0) =>
  [-2, 0, 1].flatMap((offset) =>
    MATRICES.flatMap((shape) =>
      meaning([one(shape, (x) => build(x, offset))], (x) =>
        tabulate(shape, x.dtype, (p) => (isKept(p.at(-1)! - p.at(-2)!, offset) ? at(x, p) : other)),
      ),
    ),
  ) // prettier-ignore
const banded = (lower: number, upper: number): FunctionCase[] =>
  masked((x) => loom.bandPart(x, lower, upper), (apart) => (lower < 0 || -apart <= lower) && (upper < 0 || apart <= upper)).slice(0, MATRICES.length) // prettier-ignore
/** The element of x that each place of the result takes. */
const moved = (shape: readonly number[], build: (x: Tensor) => Tensor, to: readonly number[], from: (p: readonly number[]) => readonly number[]) =>
  meaning([one(shape, build)], (x) => tabulate(to, x.dtype, (p) => at(x, from(p)))) // prettier-ignore
const likes = (value: number, build: (x: Tensor) => Tensor): FunctionCase[] =>
  meaning(unary(build), (x) => tabulate(x.shape, x.dtype, () => value))

export const ARRAY_FUNCTIONS = {
  zerosLike: {
    differentiable: false,
    cases: [
      ...likes(0, (x) => loom.zerosLike(x)),
      ...meaning([one([3], (x) => loom.zerosLike(x, { dtype: 'int32' }))], () => tabulate([3], 'int32', () => 0)),
    ],
  },
  onesLike: { differentiable: false, cases: likes(1, (x) => loom.onesLike(x)) },
  fullLike: { differentiable: false, cases: likes(-2.5, (x) => loom.fullLike(x, -2.5)) },
  eye: {
    cases: [
      ...made([3, 3], 'float64', () => loom.eye(3, float64), ([i, k]) => Number(i === k)), // prettier-ignore
      ...made([2, 5], 'int32', () => loom.eye(2, { columns: 5, offset: 1, dtype: 'int32' }), ([i, k]) => Number(k! - i! === 1)), // prettier-ignore
      ...made([0, 0], 'float32', () => loom.eye(0), () => 1), // prettier-ignore
    ],
  },
  tri: {
    cases: [
      ...made([3, 3], 'float32', () => loom.tri(3), ([i, k]) => Number(k! <= i!)), // prettier-ignore
      ...made([4, 3], 'bool', () => loom.tri(4, { columns: 3, offset: -1, dtype: 'bool' }), ([i, k]) => Number(k! <= i! - 1)), // prettier-ignore
    ],
  },
  linspace: {
    cases: [
      ...line(spaced(-1, 2, 7), () => loom.linspace(-1, 2, 7, float64)),
      ...line(spaced(-1, 2, 7).map(Math.fround), () => loom.linspace(-1, 2, 7), 'float32'),
      ...line(spaced(0, 1, 10, 10), () => loom.linspace(0, 1, 10, { ...float64, endpoint: false })),
      ...line([3], () => loom.linspace(3, 4, 1, float64)),
      ...line([], () => loom.linspace(3, 4, 0, float64)),
    ],
  },
  logspace: {
    cases: [
      ...line(spaced(-2, 3, 9).map((v) => 10 ** v), () => loom.logspace(-2, 3, 9, float64)), // prettier-ignore
      ...line(spaced(0, 4, 5).map((v) => 2 ** v), () => loom.logspace(0, 4, 5, { base: 2 }), 'float32'), // prettier-ignore
    ],
  },
  range: {
    cases: [
      ...line([2, 3, 4, 5], () => loom.range(2, 6), 'int32'),
      ...line([9, 6, 3, 0], () => loom.range(9, -1, { step: -3 }), 'int32'),
      ...line([0, 0.25, 0.5, 0.75], () => loom.range(0, 1, { step: 0.25, ...float64 })),
      ...line([0, 0.1, 0.2].map(Math.fround), () => loom.range(0, 0.25, { step: 0.1, dtype: 'float32' }), 'float32'),
      ...line([1, 3], () => loom.range(1, 5, { step: 2, dtype: 'uint8' }), 'uint8'),
      ...line([], () => loom.range(5, 1), 'int32'),
    ],
  },
  meshgrid: {
    cases: (['xy', 'ij'] as const).flatMap((indexing) =>
      [0, 1].flatMap((which) =>
        meaning(
          [two([3], [4], (a, b) => loom.meshgrid([a, b], { indexing })[which]!)],
          (a, b) =>
          tabulate(indexing === 'xy' ? [4, 3] : [3, 4], a.dtype, (p) => at([a, b][which]!, [p[indexing === 'xy' ? 1 - which : which]!])), // prettier-ignore
        ),
      ),
    ),
  },
  hannWindow: {
    cases: [
      ...line(cosines(8, 0.5, 8), () => loom.hannWindow(8, float64)),
      ...line(cosines(7, 0.5, 6), () => loom.hannWindow(7, { ...float64, periodic: false })),
      ...line([1], () => loom.hannWindow(1, float64)),
    ],
  },
  hammingWindow: {
    cases: [
      ...line(cosines(8, 0.54, 8), () => loom.hammingWindow(8, float64)),
      ...line(cosines(9, 0.54, 8).map(Math.fround), () => loom.hammingWindow(9, { periodic: false }), 'float32'),
    ],
  },
  tril: { cases: masked((x, offset) => loom.tril(x, { offset }), (apart, offset) => apart <= offset) }, // prettier-ignore
  triu: { cases: masked((x, offset) => loom.triu(x, { offset }), (apart, offset) => apart >= offset) }, // prettier-ignore
  bandPart: { cases: [...banded(1, 0), ...banded(-1, 1), ...banded(0, -1), ...banded(2, 2)] },
  fillDiagonal: {
    cases: [
      ...masked((x, offset) => loom.fillDiagonal(x, 7, { offset }), (apart, offset) => apart !== offset, 7), // prettier-ignore
      ...meaning([two([3, 4], [], (x, v) => loom.fillDiagonal(x, v))], (x, v) =>
        tabulate([3, 4], x.dtype, (p) => (p[0] === p[1] ? at(v, []) : at(x, p))),
      ),
    ],
  },
  diag: {
    cases: [-2, 0, 1].flatMap((offset) => [
      ...[1, 4].flatMap((n) =>
        meaning(
          [one([n], (x) => loom.diag(x, { offset }))],
          (x) =>
          tabulate([n + Math.abs(offset), n + Math.abs(offset)], x.dtype, ([i, k]) => k! - i! === offset ? at(x, [Math.min(i!, k!)]) : 0), // prettier-ignore
        ),
      ),
      ...moved([4, 5], (x) => loom.diag(x, { offset }), [offset < 0 ? 2 : 4], ([i]) => [i! + Math.max(0, -offset), i! + Math.max(0, offset)]), // prettier-ignore
    ]),
  },
  flatten: {
    cases: unary(loom.flatten).flatMap((test) => meaning([test], (x) => ({ ...x, shape: [x.data.length] }))),
  },
  swapAxes: {
    cases: [
      ...moved([2, 3, 4], (x) => loom.swapAxes(x, 0, -1), [4, 3, 2], ([i, k, l]) => [l!, k!, i!]), // prettier-ignore
      ...moved([5, 7], (x) => loom.swapAxes(x, 1, 1), [5, 7], (p) => p), // prettier-ignore
    ],
  },
  moveAxis: {
    cases: [
      ...moved([2, 3, 4], (x) => loom.moveAxis(x, 0, -1), [3, 4, 2], ([i, k, l]) => [l!, i!, k!]), // prettier-ignore
      ...moved([2, 3, 4, 5], (x) => loom.moveAxis(x, [3, 0], [0, 2]), [5, 3, 2, 4], ([i, k, l, m]) => [l!, k!, m!, i!]), // prettier-ignore
    ],
  },
  rot90: {
    cases: [
      ...moved([2, 3], (x) => loom.rot90(x), [3, 2], ([i, k]) => [k!, 2 - i!]), // prettier-ignore
      ...moved([2, 3], (x) => loom.rot90(x, { times: 2 }), [2, 3], ([i, k]) => [1 - i!, 2 - k!]), // prettier-ignore
      ...moved([2, 3], (x) => loom.rot90(x, { times: -1 }), [3, 2], ([i, k]) => [1 - k!, i!]), // prettier-ignore
      ...moved([2, 3], (x) => loom.rot90(x, { times: 4 }), [2, 3], (p) => p), // prettier-ignore
      ...moved([4, 2, 3], (x) => loom.rot90(x, { axes: [2, 1] }), [4, 3, 2], ([b, i, k]) => [b!, 1 - k!, i!]), // prettier-ignore
    ],
  },
  rgbToGrayscale: {
    cases: [
      ...([['channelsLast', [2, 4, 5, 3]], ['channelsFirst', [2, 3, 4, 5]], ['channelsLast', [4, 5, 3]]] as const).flatMap(([dataFormat, shape]) =>
        meaning([one([...shape], (x) => loom.rgbToGrayscale(x, { dataFormat }))], (x) => grey(x, dataFormat === 'channelsLast' ? shape.length - 1 : 1)),
      ), // prettier-ignore
      ...meaning([{ inputs: [operand([4, 5, 3], 256, 'uint8')], build: (x) => loom.rgbToGrayscale(x) }], (x) => ({ ...grey(x, 2, 'float32') })), // prettier-ignore
    ],
  },
} satisfies Record<string, FunctionRow>

function grey(x: Values, axis: number, dtype: DType = x.dtype): Values {
  return tabulate(x.shape.with(axis, 1), dtype, (p) =>
    [0.2989, 0.587, 0.114].map((w, c) => w * at({ ...x }, p.with(axis, c))).reduce((a, b) => a + b),
  )
}
