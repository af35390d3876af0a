import * as loom from 'gradloom'
import type { DType } from 'gradloom'
import { apply } from '../../src/ir/tensor'
import { indexAddOp, scatterAddOp } from '../../src/ops/gather'
import { ravelIndexOp } from '../../src/ops/ravel'
import { indexMaxOp, scatterMaxOp } from '../../src/ops/scatter-extreme'
import { indexSetOp, scatterSetOp } from '../../src/ops/scatter-set'
import type { INDEXING } from '../../src/ops/table-indexing'
import { type Build, type Domain, operand, type OpCase } from './operands'

type Name = keyof typeof INDEXING
type Indices = Parameters<typeof loom.gather>[1]

/** An operand, and indices below a bound; the second few are so many that some are repeated. */
const indexed = (
  x: readonly number[],
  indices: readonly number[],
  below: number,
  build: Build,
  { dtype = 'float', of = 'int32' }: { readonly dtype?: DType | 'float'; readonly of?: 'int32' | 'uint8' } = {},
): OpCase => {
  const domain: Domain = dtype === 'float' ? 'any' : dtype === 'bool' ? 'bool' : dtype === 'uint8' ? 256 : 'wide'
  return { inputs: [operand(x, domain, dtype), operand(indices, below, of)], build }
}

const gathers = (axis?: number): Build => {
  return (x, i) => loom.gather(x, i as Indices, axis === undefined ? {} : { axis })
}
const takes = (axis?: number): Build => {
  return (x, i) => loom.takeAlongAxis(x, i as Indices, axis === undefined ? {} : { axis })
}
const addsRows =
  (axis: number, extent: number): Build =>
  (x, i) =>
    apply(indexAddOp, [x, i], { axis, extent })
const adds =
  (axis: number, extent: number): Build =>
  (x, i) =>
    apply(scatterAddOp, [x, i], { axis, extent })
const reverses = (axis?: number, batchAxis?: number): Build => {
  const options = { ...(axis === undefined ? {} : { axis }), ...(batchAxis === undefined ? {} : { batchAxis }) }
  return (x, lengths) => loom.reverseSequence(x, lengths as Indices, options)
}

/** As `indexed`, with values that differ from each other: what is compared has no ties. */
const apart = (test: OpCase): OpCase => ({
  ...test,
  inputs: test.inputs.map((x, i) => (i === 0 && x.dtype === 'float' ? { ...x, domain: 'awayFromTies' as const } : x)),
})
const largestRows =
  (axis: number, extent: number, smallest = false): Build =>
  (x, i) =>
    apply(indexMaxOp, [x, i], { axis, extent, smallest })
const largest =
  (axis: number, extent: number, smallest = false): Build =>
  (x, i) =>
    apply(scatterMaxOp, [x, i], { axis, extent, smallest })
/** An operand, indices below a bound, and updates. */
const updated = (
  x: readonly number[],
  indices: readonly number[],
  below: number,
  updates: readonly number[],
  build: Build,
  { dtype = 'float', of = 'int32' }: { readonly dtype?: DType | 'float'; readonly of?: 'int32' | 'uint8' } = {},
): OpCase => {
  const domain: Domain = dtype === 'float' ? 'any' : dtype === 'bool' ? 'bool' : dtype === 'uint8' ? 256 : 'wide'
  return { inputs: [operand(x, domain, dtype), operand(indices, below, of), operand(updates, domain, dtype)], build }
}
const setsRows =
  (axis: number): Build =>
  (x, i, u) =>
    apply(indexSetOp, [x, i, u], { axis })
const sets =
  (axis: number): Build =>
  (x, i, u) =>
    apply(scatterSetOp, [x, i, u], { axis })
const ravels =
  (...shape: readonly number[]): Build =>
  (...indices) =>
    apply(ravelIndexOp, indices, { shape })

export const INDEXING_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  gather: [
    indexed([5, 7], [4], 5, gathers()),
    indexed([5, 7], [2, 3], 5, gathers(0)),
    indexed([3, 5], [], 3, gathers()),
    indexed([7], [9], 7, gathers()),
    indexed([7], [], 7, gathers()),
    indexed([2, 5, 3], [2, 2], 5, gathers(1)),
    indexed([2, 5, 3], [6], 3, gathers(-1)),
    indexed([3, 4, 2, 3], [5], 2, gathers(2)),
    indexed([1, 6], [3], 1, gathers()),
    indexed([4, 1], [3], 4, gathers()),
    indexed([3, 2], [0], 3, gathers()),
    indexed([0, 3], [0, 2], 1, gathers()),
    indexed([0, 3, 2], [2], 3, gathers(1)),
    indexed([17, 19], [23], 17, gathers()),
    indexed([17, 19], [5, 3], 19, gathers(1)),
    indexed([5, 7], [6], 5, gathers(), { of: 'uint8' }),
    ...(['int32', 'uint8', 'bool'] as const).map((dtype) => indexed([5, 7], [2, 3], 5, gathers(), { dtype })),
    indexed([5, 7], [6], 7, gathers(1), { dtype: 'uint8', of: 'uint8' }),
    indexed([17, 19], [7], 17, gathers(), { dtype: 'bool' }),
  ],
  indexAdd: [
    indexed([4, 7], [4], 3, addsRows(0, 3)),
    indexed([2, 3, 7], [2, 3], 5, addsRows(0, 6)),
    indexed([5], [], 3, addsRows(0, 3)),
    indexed([], [], 3, addsRows(0, 3)),
    indexed([9], [9], 4, addsRows(0, 4)),
    indexed([2, 2, 3, 3], [2, 3], 4, addsRows(1, 5)),
    indexed([2, 5, 6], [6], 3, addsRows(2, 3)),
    indexed([3, 4, 5, 3], [5], 2, addsRows(2, 2)),
    indexed([0, 2], [0], 1, addsRows(0, 3)),
    indexed([2, 0, 3], [0], 1, addsRows(1, 3)),
    indexed([0, 2], [2], 1, addsRows(1, 3)),
    indexed([1, 1, 6], [1], 2, addsRows(1, 2)),
    indexed([23, 19], [23], 17, addsRows(0, 17)),
    indexed([6, 5], [6], 5, addsRows(0, 5), { of: 'uint8' }),
    indexed([6, 5], [6], 5, addsRows(0, 5), { dtype: 'int32' }),
    indexed([5, 6, 3], [6], 5, addsRows(1, 5), { dtype: 'int32' }),
  ],
  indexMax: [
    // Infinities where nothing falls would hide the gradient: so much falls that there is something everywhere.
    indexed([9, 7], [9], 2, largestRows(0, 2)),
    indexed([4, 5, 7], [4, 5], 2, largestRows(0, 2, true)),
    indexed([19], [19], 3, largestRows(0, 3)),
    indexed([5], [], 1, largestRows(0, 1)),
    indexed([2, 4, 5, 3], [4, 5], 2, largestRows(1, 2)),
    indexed([2, 5, 16], [16], 3, largestRows(2, 3, true)),
    indexed([60, 19], [60], 7, largestRows(0, 7)),
    indexed([0, 2], [0], 1, largestRows(0, 3), { dtype: 'int32' }),
    indexed([23, 19], [23], 17, largestRows(0, 19), { dtype: 'int32' }),
    ...(['int32', 'uint8'] as const).flatMap((dtype) =>
      [true, false].map((smallest) => indexed([6, 5], [6], 5, largestRows(0, 5, smallest), { dtype, of: 'uint8' })),
    ),
  ].map(apart),
  indexSet: [
    updated([4, 3], [5], 4, [5, 3], setsRows(0)),
    updated([4, 3], [2, 2], 4, [2, 2, 3], setsRows(0)),
    updated([2, 5, 3], [4], 5, [2, 4, 3], setsRows(1)),
    updated([2, 5], [7], 5, [2, 7], setsRows(1)),
    updated([6], [], 6, [], setsRows(0)),
    updated([6], [9], 6, [9], setsRows(0), { of: 'uint8' }),
    updated([3, 2], [0], 3, [0, 2], setsRows(0)),
    updated([3, 0], [2], 3, [2, 0], setsRows(0)),
    updated([17, 19], [12], 17, [12, 19], setsRows(0)),
    ...(['int32', 'uint8', 'bool'] as const).map((dtype) => updated([4, 3], [5], 4, [5, 3], setsRows(0), { dtype })),
  ],
  scatterMax: [
    indexed([3, 16], [3, 16], 2, largest(1, 2)),
    indexed([12, 3], [12, 1], 2, largest(0, 2, true)),
    indexed([2, 14, 3], [1, 14, 3], 2, largest(1, 2)),
    indexed([17], [17], 3, largest(0, 3)),
    indexed([17, 39], [17, 39], 2, largest(1, 2)),
    indexed([2, 0], [2, 0], 1, largest(1, 3), { dtype: 'int32' }),
    indexed([17, 19], [17, 19], 11, largest(1, 12), { dtype: 'int32' }),
    indexed([4, 5], [4, 5], 3, largest(1, 3), { dtype: 'int32' }),
  ].map(apart),
  scatterSet: [
    updated([3, 4], [3, 6], 4, [3, 6], sets(1)),
    updated([4, 3], [5, 1], 4, [5, 3], sets(0)),
    updated([2, 6, 3], [1, 4, 3], 6, [2, 4, 3], sets(1)),
    updated([7], [3], 7, [3], sets(0)),
    updated([2, 3], [2, 0], 3, [2, 0], sets(1)),
    updated([17, 11], [17, 19], 11, [17, 19], sets(1)),
    updated([3, 4], [3, 6], 4, [3, 6], sets(1), { dtype: 'int32', of: 'uint8' }),
    updated([3, 4], [3, 2], 4, [3, 2], sets(1), { dtype: 'bool' }),
  ],
  ravelIndex: [
    { inputs: [operand([5], 4), operand([5], 3)], build: ravels(4, 3) },
    { inputs: [operand([2, 3], 2), operand([2, 3], 5), operand([2, 3], 3)], build: ravels(2, 5, 3) },
    { inputs: [operand([], 4), operand([], 3)], build: ravels(4, 3) },
    { inputs: [operand([5, 1], 4), operand([2], 3)], build: ravels(4, 3) },
    { inputs: [operand([17, 19], 4), operand([17, 19], 3)], build: ravels(4, 3) },
    { inputs: [operand([6], 7, 'uint8'), operand([6], 3)], build: ravels(7, 3) },
    { inputs: [operand([0], 1), operand([0], 1)], build: ravels(4, 3) },
  ],
  takeAlongAxis: [
    indexed([5, 7], [4, 7], 5, takes(0)),
    indexed([5, 7], [5, 9], 7, takes()),
    indexed([7], [9], 7, takes()),
    indexed([2, 5, 3], [2, 4, 3], 5, takes(1)),
    // Others broadcast, either way.
    indexed([2, 5, 6], [2, 4, 1], 5, takes(1)),
    indexed([2, 5, 6], [1, 4, 1], 5, takes(1)),
    indexed([1, 5, 1], [2, 4, 3], 5, takes(1)),
    indexed([1, 5, 4], [3, 2, 1], 5, takes(1)),
    indexed([3, 4], [1, 4], 3, takes(0)),
    indexed([3, 4], [3, 1], 4, takes(1)),
    indexed([2, 3, 1], [2, 3, 2], 1, takes()),
    indexed([0, 3], [0, 2], 3, takes(1)),
    indexed([3, 2], [0, 2], 3, takes(0)),
    indexed([0, 2], [0, 2], 1, takes(0)),
    indexed([3, 17, 19], [3, 17, 1], 17, takes(1)),
    indexed([17, 19], [17, 19], 19, takes()),
    indexed([5, 7], [4, 7], 5, takes(0), { of: 'uint8' }),
    ...(['int32', 'uint8', 'bool'] as const).map((dtype) => indexed([2, 5, 6], [2, 4, 1], 5, takes(1), { dtype })),
    indexed([5, 7], [5, 9], 7, takes(), { dtype: 'uint8', of: 'uint8' }),
  ],
  scatterAdd: [
    indexed([4, 7], [4, 7], 5, adds(0, 5)),
    indexed([5, 9], [5, 9], 7, adds(1, 8)),
    indexed([9], [9], 4, adds(0, 4)),
    indexed([2, 4, 6], [2, 4, 1], 5, adds(1, 5)),
    indexed([2, 4, 6], [1, 4, 1], 5, adds(1, 5)),
    indexed([3, 1], [3, 1], 4, adds(1, 4)),
    indexed([2, 3, 2], [2, 3, 2], 1, adds(2, 1)),
    indexed([2, 3, 4, 5], [2, 3, 4, 5], 6, adds(3, 6)),
    indexed([0, 2], [0, 2], 1, adds(0, 3)),
    indexed([0, 2], [0, 2], 1, adds(1, 3)),
    indexed([3, 17, 19], [3, 17, 1], 17, adds(1, 17)),
    indexed([17, 19], [17, 19], 19, adds(1, 19)),
    indexed([5, 6], [5, 6], 4, adds(1, 4), { dtype: 'int32', of: 'uint8' }),
    indexed([2, 4, 6], [2, 4, 1], 5, adds(1, 5), { dtype: 'int32' }),
  ],
  reverseSequence: [
    indexed([3, 5], [3], 6, reverses()),
    indexed([3, 5, 4], [3], 6, reverses()),
    indexed([5, 3, 2], [3], 6, reverses(0, 1)),
    indexed([2, 3, 4, 5], [4], 4, reverses(1, -2)),
    indexed([2, 3, 4], [2], 5, reverses(-1)),
    indexed([0, 5, 2], [0], 6, reverses()),
    indexed([2, 0, 2], [2], 1, reverses()),
    indexed([1, 1], [1], 2, reverses()),
    indexed([6, 17, 19], [6], 18, reverses()),
    indexed([3, 5, 4], [3], 6, reverses(), { of: 'uint8' }),
    ...(['int32', 'uint8', 'bool'] as const).map((dtype) => indexed([3, 5, 4], [3], 6, reverses(), { dtype })),
  ],
}
