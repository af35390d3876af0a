import { argsortT, argTopKT } from '../../src/ops/sort'
import type { SORTING } from '../../src/ops/table-sorting'
import { type Build, type Domain, one, type OpCase } from './operands'

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

export const SORTING_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  argsort: [...sorts(false), ...sorts(true)],
  argTopK: [
    ...SHAPES.filter((shape) => shape.at(-1) !== 0).map((shape) => one(shape, tops(1))),
    ...[2, 5, 17].map((k) => one([3, 17], tops(k))),
    ...[2, 7].map((k) => one([4, 50], tops(k), 'integer')),
    ...DTYPES.map(([domain, dtype]) => one([3, 70], tops(4), domain, dtype)),
    one([0, 3], tops(2)),
  ],
}
