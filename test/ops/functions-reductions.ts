import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { type FunctionRow, meaning } from './function-case'
import {
  type Domain,
  one,
  operand,
  type OpCase,
  reduction,
  REDUCTIONS,
  type ReduceOptions,
  SHAPES,
  unary,
} from './operands'
import { at, reduced, rowOf, tabulate, total, type Values } from './values'

type Reduce = (x: Tensor, options?: ReduceOptions) => Tensor
type Fold = (values: number[]) => number
/** Options as axes of a rank. */
const axesOf = ({ axis, keepDims = false }: ReduceOptions, rank: number) => {
  const list = axis === undefined ? Array.from({ length: rank }, (_, i) => i) : typeof axis === 'number' ? [axis] : axis
  return { axes: list.map((a) => (a + rank) % rank), keepDims }
}
const folded =
  (options: ReduceOptions, fold: Fold) =>
  (x: Values | undefined): Values =>
    reduced(x!, axesOf(options, x!.shape.length), x!.dtype, fold)
/** The cases of a reduction beside what it does with the elements; those that `isEmpty` are left out where it takes none. */
const over = (op: Reduce, fold: Fold, domain: Domain = 'any', takesNone = true) =>
  REDUCTIONS.filter(([shape]) => takesNone || !shape.includes(0)).flatMap(([shape, options]) =>
    meaning([one(shape, (x) => op(x, options), domain)], folded(options, fold)),
  )
const scalars = (op: Reduce, fold: Fold) => meaning([one([], (x) => op(x))], folded({}, fold))
const numbers = (values: number[]): number[] => values.filter((v) => !Number.isNaN(v))
const meanOf = (values: readonly number[]): number => total(values) / values.length
const least = (values: readonly number[]): number => (values.length === 0 ? NaN : Math.min(...values))
const most = (values: readonly number[]): number => (values.length === 0 ? NaN : Math.max(...values))

/** NaN in place of what is not above 0: most rows keep some elements, some keep none. */
const withNaN = (op: Reduce) => (x: Tensor, options?: ReduceOptions) =>
  op(loom.where(loom.less(x, 0.47), NaN, x), options)
const kept = (fold: Fold) => (values: number[]) => fold(numbers(values.map((v) => (v < 0.47 ? NaN : v))))

const covariance = (rows: readonly (readonly number[])[], correction: number): number[][] => {
  const apart = rows.map((row) => row.map((v) => v - meanOf(row)))
  return apart.map((p) => apart.map((q) => total(p.map((v, i) => v * q[i]!)) / (p.length - correction)))
}
const variablesOf = (x: Values, rowVariables: boolean): number[][] => {
  const [n, m] = x.shape.length === 1 ? [1, x.shape[0]!] : (x.shape as [number, number])
  const rows = Array.from({ length: n }, (_, i) => Array.from({ length: m }, (_, k) => x.data[i * m + k]!))
  return rowVariables || x.shape.length === 1 ? rows : rows[0]!.map((_, k) => rows.map((row) => row[k]!))
}
const matrix = (x: Values, values: number[][]): Values => ({
  dtype: x.dtype,
  shape: x.shape.length === 1 ? [] : [values.length, values.length],
  data: Float64Array.from(values.flat()),
})
const TABLES = [[7], [3, 8], [17, 19]]

/** A weighted mean over one axis, by a vector, or over all of x. */
const weighted = (shape: number[], axis: number | undefined): OpCase => ({
  inputs: [operand(shape), operand(axis === undefined ? shape : [shape[axis]!], 'positive')],
  build: (x, weights) => loom.average(x, axis === undefined ? { weights } : { weights, axis }),
})
const weightedMean =
  (axis: number | undefined) =>
  (x: Values | undefined, w: Values | undefined): Values => {
    const share = (p: readonly number[]): number => at(w!, axis === undefined ? p : [p[axis]!])
    const term = (f: (p: readonly number[]) => number): Values => reduced(tabulate(x!.shape, x!.dtype, f), axesOf(axis === undefined ? {} : { axis }, x!.shape.length), x!.dtype, total) // prettier-ignore
    const [above, below] = [term((p) => share(p) * at(x!, p)), term(share)]
    return { ...above, data: above.data.map((v, i) => v / below.data[i]!) }
  }
const differences =
  (n: number, axis: number) =>
  (x: Values | undefined): Values => {
    let now = x!
    const along = (axis + now.shape.length) % now.shape.length
    for (let i = 0; i < n; i++) {
      const last: Values = now
      const shape = last.shape.with(along, Math.max(0, last.shape[along]! - 1))
      now = tabulate(shape, last.dtype, (p) => at(last, p.with(along, p[along]! + 1)) - at({ ...last }, p))
    }
    return now
  }

export const REDUCTION_FUNCTIONS = {
  ptp: {
    cases: [
      ...over(loom.ptp, (v) => most(v) - least(v), 'awayFromTies', false),
      ...scalars(loom.ptp, () => 0),
      ...meaning([reduction(loom.ptp, 'integer').at(-2)!], folded({ axis: 0 }, (v) => most(v) - least(v))), // prettier-ignore
    ],
  },
  nanSum: { cases: [...over(loom.nanSum, total), ...over(withNaN(loom.nanSum), kept(total))] },
  nanMean: {
    cases: [
      ...over(loom.nanMean, meanOf),
      ...over(withNaN(loom.nanMean), kept(meanOf), 'positive'),
      ...meaning([one([6, 4], (x) => loom.nanMean(x, { axis: 1 }), 'special')], folded({ axis: 1 }, (v) => meanOf(numbers(v)))), // prettier-ignore
    ],
  },
  nanMax: {
    cases: [
      ...over(withNaN(loom.nanMax), kept(most), 'awayFromTies', false),
      ...scalars(loom.nanMax, most),
      ...meaning([one([9, 3], (x) => loom.nanMax(x, { axis: 1 }), 'special')], folded({ axis: 1 }, (v) => most(numbers(v)))), // prettier-ignore
    ],
  },
  nanMin: {
    cases: [
      ...over(withNaN(loom.nanMin), kept(least), 'awayFromTies', false),
      ...meaning([one([9, 3], (x) => loom.nanMin(x, { axis: 1 }), 'special')], folded({ axis: 1 }, (v) => least(numbers(v)))), // prettier-ignore
    ],
  },
  average: {
    cases: [
      ...over((x, options) => loom.average(x, options), meanOf),
      ...([[[5, 7], undefined], [[5, 7], 0], [[5, 7], 1], [[2, 3, 4], 1]] as const).flatMap(([shape, axis]) =>
        meaning([weighted([...shape], axis)], weightedMean(axis)),
      ), // prettier-ignore
    ],
  },
  diff: {
    cases: [
      ...SHAPES.slice(1).flatMap((shape) => meaning([one(shape, (x) => loom.diff(x))], differences(1, -1))),
      ...[0, 2, 3].flatMap((n) => meaning([one([5, 7], (x) => loom.diff(x, { n, axis: 0 }))], differences(n, 0))),
      ...meaning([one([5, 7], (x) => loom.diff(x), 'wide', 'int32')], differences(1, -1)),
    ],
  },
  cov: {
    cases: TABLES.flatMap((shape) =>
      [{}, { rowVariables: false, correction: 0 }].flatMap((options: { rowVariables?: boolean; correction?: number }) =>
        meaning([one(shape, (x) => loom.cov(x, options))], (x) =>
          matrix(x, covariance(variablesOf(x, options.rowVariables ?? true), options.correction ?? 1)),
        ),
      ),
    ),
  },
  corrcoef: {
    cases: TABLES.flatMap((shape) =>
      [true, false].flatMap((rowVariables) =>
        meaning([one(shape, (x) => loom.corrcoef(x, { rowVariables }))], (x) => {
          const c = covariance(variablesOf(x, rowVariables), 0)
          return matrix(x, c.map((row, i) => row.map((v, k) => v / Math.sqrt(c[i]![i]! * c[k]![k]!)))) // prettier-ignore
        }),
      ),
    ),
  },
  lpNormalize: {
    cases: [1, 2, 3, Infinity].flatMap((ord) => {
      // All above 0, so that absolute values have no kinks; for the largest of them without ties.
      const [domain, shift] = ord === Infinity ? (['awayFromTies', 30] as const) : (['positive', 0] as const)
      // A single number divided by itself is 1: its gradient is what rounding leaves.
      const cases = unary((x) => loom.lpNormalize(loom.add(x, shift), { ord }), domain).filter(
        ({ inputs }) => (inputs[0]!.shape.at(-1) ?? 1) > 1,
      )
      return meaning(cases, (x) =>
        tabulate(x.shape, x.dtype, (p) => {
          const row = rowOf(x, x.shape.length - 1, p).map((v) => v + shift)
          const length = ord === Infinity ? most(row) : total(row.map((v) => v ** ord)) ** (1 / ord)
          return (at(x, p) + shift) / length
        }),
      )
    }),
  },
} satisfies Record<string, FunctionRow>
