import * as loom from 'gradloom'
import { linearRecurrenceT } from '../../src/ops/cumulative'
import { cumArgMaxT } from '../../src/ops/cumulative-largest'
import { argsortT, argTopKT } from '../../src/ops/sort'
import type { DType } from '../../src/ir/type'
import type { SORTING } from '../../src/ops/table-sorting'
import { type Build, type Domain, one, operand, type OpCase } from './operands'

type Name = keyof typeof SORTING

/** Every dtype, each with values of which some are equal. */
const DTYPES: readonly (readonly [Domain, 'int32' | 'uint8' | 'bool'])[] = [
  ['integer', 'int32'],
  ['wide', 'int32'],
  [256, 'uint8'],
  ['bool', 'bool'],
]
const SHAPES = [[1], [7], [8], [9], [17], [40], [300], [3, 5], [0], [0, 3], [3, 0], [2, 1, 3], [3, 16, 33], [2, 1]]

const sorts = (descending: boolean): OpCase[] => {
  const build: Build = (x) => argsortT(x, descending)
  return [
    ...SHAPES.map((shape) => one(shape, build)),
    // Many are equal: they keep their order.
    ...[[40], [5, 150]].map((shape) => one(shape, build, 'integer')),
    ...DTYPES.map(([domain, dtype]) => one([3, 70], build, domain, dtype)),
  ]
}
const tops = (k: number): Build => {
  return (x) => argTopKT(x, k)
}

/** Lines along every axis, alone and side by side. */
const ALONG: readonly (readonly [shape: readonly number[], axis: number])[] = [
  [[1], 0],
  [[7], 0],
  [[3, 5], 1],
  [[3, 5], 0],
  [[2, 4, 3], 1],
  [[4, 1, 3], 0],
  [[1, 6], 0],
  [[6, 1], 0],
  [[0, 3], 0],
  [[3, 0], 0],
  [[0, 3], 1],
  [[17, 19], 0],
  [[5, 40], 1],
]
type Along = (x: loom.Tensor, options: loom.CumulativeOptions) => loom.Tensor
const runs = (op: Along, domain: Domain = 'any'): OpCase[] =>
  [false, true].flatMap((reverse) => ALONG.map(([shape, axis]) => one(shape, (x) => op(x, { axis, reverse }), domain)))
const wholeRuns = (op: Along): OpCase[] =>
  [0, 1].flatMap((axis) =>
    (['integer', 'wide'] as const).map((domain) => one([9, 5], (x) => op(x, { axis }), domain, 'int32')),
  )
const extremes: Along = (x, { axis = 0, reverse = false }) => cumArgMaxT(x, { axis, reverse, smallest: reverse })

const searches = (line: readonly number[], values: readonly number[], domain: Domain, dtype?: DType): OpCase[] =>
  (['left', 'right'] as const).map((side) => ({
    inputs: [operand(line, domain, dtype), operand(values, domain, dtype)],
    build: (a, b) => loom.searchSorted(loom.sort(a), b, { side }),
  }))
const counts = (shape: readonly number[], of: 'int32' | 'uint8', weights?: 'float' | 'int32'): OpCase => ({
  inputs: [operand(shape, 6, of), ...(weights ? [operand(shape, weights === 'float' ? 'any' : 'wide', weights)] : [])],
  build: (x, w) => loom.bincount(x as loom.Indices, { length: 6, ...(w ? { weights: w } : {}) }),
})

export const SORTING_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  argsort: [...sorts(false), ...sorts(true)],
  argTopK: [
    ...SHAPES.filter((shape) => shape.at(-1) !== 0).map((shape) => one(shape, tops(1))),
    ...[2, 5, 17].map((k) => one([3, 17], tops(k))),
    ...[2, 7].map((k) => one([4, 50], tops(k), 'integer')),
    ...DTYPES.map(([domain, dtype]) => one([3, 70], tops(4), domain, dtype)),
    one([0, 3], tops(2)),
  ],
  searchSorted: [
    ...[1, 2, 3, 4, 7, 8, 9, 33, 100].map((n) => searches([n], [3, 20], 'any')),
    ...[1, 5, 16].map((n) => searches([n], [40], 'integer')),
    searches([0], [4], 'any'),
    searches([5], [], 'any'),
    searches([5], [0, 2], 'any'),
    searches([3, 10], [3, 4], 'integer'),
    searches([2, 3, 7], [2, 3, 1], 'any'),
    searches([0, 4], [0, 2], 'any'),
    ...DTYPES.map(([domain, dtype]) => searches([19], [17, 19], domain, dtype)),
  ].flat(),
  bincount: [
    ...[[9], [3, 5], [2, 3, 4], [0], [0, 3], [3, 0], [17, 19]].map((shape) => counts(shape, 'int32')),
    counts([3, 20], 'uint8'),
    ...[[9], [3, 5], [2, 3, 4], [0, 3], [17, 19]].map((shape) => counts(shape, 'int32', 'float')),
    counts([3, 20], 'uint8', 'float'),
    counts([3, 20], 'int32', 'int32'),
  ],
  cumSum: [...runs(loom.cumSum), ...wholeRuns(loom.cumSum)],
  cumProd: [
    ...runs(loom.cumProd, 'nonZero'),
    // Zeros among them.
    ...[0, 1].flatMap((axis) => [one([4, 5], (x) => loom.cumProd(x, { axis }), 'integer')]),
    ...wholeRuns(loom.cumProd),
  ],
  linearRecurrence: ALONG.flatMap(([shape, axis]) =>
    [false, true].map((reverse) => ({
      inputs: [operand(shape, 'unit'), operand(shape)],
      build: (a, b) => linearRecurrenceT(a, b, { axis, reverse }),
    })),
  ),
  cumArgMax: [
    ...runs(extremes),
    ...runs(extremes, 'integer'),
    ...DTYPES.flatMap(([domain, dtype]) =>
      [0, 1].map((axis) => one([8, 7], (x) => extremes(x, { axis, reverse: axis === 1 }), domain, dtype)),
    ),
  ],
  logCumSumExp: runs(loom.logCumSumExp),
}
