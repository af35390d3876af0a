import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { type FunctionRow, meaning } from './function-case'
import { operand, type OpCase } from './operands'
import { at, pointsOf, sizeOf, type Values } from './values'

type Point = readonly number[]
type Indices = loom.Indices

const position = (p: Point, shape: Point): number => p.reduce((n, k, i) => n * shape[i]! + k, 0)
const COMBINED = {
  set: (_: number, b: number) => b,
  add: (a: number, b: number) => a + b,
  max: Math.max,
  min: Math.min,
} as const
type How = keyof typeof COMBINED
const HOWS = Object.keys(COMBINED) as How[]

/** Updates of x in order, each at its point. */
function changed(x: Values, updates: Values, to: (p: Point) => Point, how: How): Values {
  const data = x.data.slice()
  for (const p of pointsOf(updates.shape)) {
    const i = position(to(p), x.shape)
    data[i] = COMBINED[how](data[i]!, at(updates, p))
  }
  return { shape: x.shape, dtype: x.dtype, data }
}
const filled = (shape: Point, of: Values, value: number): Values => ({
  shape,
  dtype: of.dtype,
  data: new Float64Array(sizeOf(shape)).fill(value),
})

/** x, updates and indices below a bound; the first two follow each other, so that nothing ties. */
const three = (x: Point, indices: readonly [Point, below: number], updates: Point, build: OpCase['build']): OpCase => ({
  inputs: [operand(x, 'awayFromTies'), operand(updates, 'awayFromTies'), operand(...indices)],
  build: (x, u, i) => build(x, i, u),
})
/** A point whose dimensions from `axis` on, as many as an index has, become that index. */
const rowsAt =
  (indices: Values, axis: number) =>
  (p: Point): number[] => {
    const rank = indices.shape.length
    return [...p.slice(0, axis), at(indices, p.slice(axis, axis + rank)), ...p.slice(axis + rank)]
  }
/** A point whose first dimensions name one of the points that are listed. */
const listed =
  (points: Values) =>
  (p: Point): number[] => {
    const rank = points.shape.length - 1
    const k = points.shape.at(-1)!
    const first = Array.from({ length: k }, (_, i) => at(points, [...p.slice(0, rank), i]))
    return [...first, ...p.slice(rank)]
  }

export const SCATTER_FUNCTIONS = {
  scatter: {
    cases: HOWS.flatMap((reduce) => [
      ...meaning(
        [three([4, 3], [[6], 4], [6, 3], (x, i, u) => loom.scatter(x, i as Indices, u, { reduce }))],
        (x, u, i) => changed(x, u, rowsAt(i, 0), reduce),
      ),
      ...meaning(
        [three([2, 5, 3], [[2, 2], 5], [2, 2, 2, 3], (x, i, u) => loom.scatter(x, i as Indices, u, { axis: 1, reduce }))], // prettier-ignore
        (x, u, i) => changed(x, u, rowsAt(i, 1), reduce),
      ),
    ]),
  },
  putAlongAxis: {
    cases: HOWS.flatMap((reduce) =>
      meaning(
        [three([3, 4], [[3, 7], 4], [3, 7], (x, i, u) => loom.putAlongAxis(x, i as Indices, u, { reduce }))],
        (x, u, i) => changed(x, u, (p) => p.with(1, at(i, p)), reduce),
      ),
    ),
  },
  gatherND: {
    cases: [
      ...meaning(
        [{ inputs: [operand([3, 3, 2]), operand([5, 2], 3)], build: (x, i) => loom.gatherND(x, i as Indices) }],
        (x, i) => ({ shape: [5, 2], dtype: x.dtype, data: Float64Array.from(pointsOf([5, 2]), (p) => at(x, listed(i)(p))) }), // prettier-ignore
      ),
      ...meaning(
        [{ inputs: [operand([3, 2]), operand([2, 4, 1], 3)], build: (x, i) => loom.gatherND(x, i as Indices) }],
        (x, i) => ({ shape: [2, 4, 2], dtype: x.dtype, data: Float64Array.from(pointsOf([2, 4, 2]), (p) => at(x, listed(i)(p))) }), // prettier-ignore
      ),
    ],
  },
  scatterUpdate: {
    cases: HOWS.flatMap((reduce) =>
      meaning(
        [three([3, 3, 2], [[7, 2], 3], [7, 2], (x, i, u) => loom.scatterUpdate(x, i as Indices, u, { reduce }))],
        (x, u, i) => changed(x, u, listed(i), reduce),
      ),
    ),
  },
  scatterND: {
    cases: (['add', 'set', 'max'] as const).flatMap((reduce) =>
      meaning(
        [{ inputs: [operand([6, 2], 3), operand([6, 4], 'awayFromTies')], build: (i, u) => loom.scatterND(i as Indices, u, [3, 3, 4], { reduce }) }], // prettier-ignore
        (i, u) => changed(filled([3, 3, 4], u, 0), u, listed(i), reduce),
      ),
    ),
  },
  sliceUpdate: {
    cases: meaning(
      [
        { inputs: [operand([4, 5]), operand([2, 3])], build: (x, u) => loom.sliceUpdate(x, [1, 2], u) },
        { inputs: [operand([4, 5]), operand([3, 3])], build: (x, u) => loom.sliceUpdate(x, [1, 2], u) },
      ],
      (x, u) => changed(x, u, ([i, j]) => [1 + i!, 2 + j!], 'set'),
    ),
  },
  segmentSum: segments(
    (x, ids) => loom.segmentSum(x, ids as Indices, 4),
    0,
    (s, v) => s + v,
    [3, 5],
  ),
  segmentMean: {
    cases: meaning(
      [{ inputs: [operand([7, 2]), operand([7], 3)], build: (x, ids) => loom.segmentMean(x, ids as Indices, 4) }],
      (x, ids) => {
        const counts = Array.from({ length: 4 }, (_, s) => ids.data.filter((id) => id === s).length)
        const sums = changed(filled([4, 2], x, 0), x, rowsAt(ids, 0), 'add')
        return { ...sums, data: sums.data.map((v, i) => v / Math.max(1, counts[i >> 1]!)) }
      },
    ),
  },
  segmentMax: segments((x, ids) => loom.segmentMax(x, ids as Indices, 2), -Infinity, Math.max),
  segmentMin: segments((x, ids) => loom.segmentMin(x, ids as Indices, 2), Infinity, Math.min),
} satisfies Record<string, FunctionRow>

/** Rows and matrices of ids; where the first value is infinite, so many that no segment is empty. */
function segments(
  build: (x: Tensor, ids: Tensor) => Tensor,
  first: number,
  combine: (a: number, b: number) => number,
  [count, extent]: readonly [number, number] = [2, 12],
): FunctionRow {
  const below = count
  return {
    cases: [[extent + 2], [extent, 2]].flatMap((shape) =>
      meaning(
        [
          {
            inputs: [operand([...shape, 3], 'awayFromTies'), operand(shape, below)],
            build: (x, ids) => build(x, ids),
          },
        ],
        (x, ids) => {
          const out = filled([Number.isFinite(first) ? 4 : 2, 3], x, first)
          for (const p of pointsOf(x.shape)) {
            const i = position(rowsAt(ids, 0)(p), out.shape)
            out.data[i] = combine(out.data[i]!, at(x, p))
          }
          return out
        },
      ),
    ),
  }
}
