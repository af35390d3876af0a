import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { axisOf, floats, type Grower, hasAxis, isFull, isRow, unary, binary } from './pool'

const { tanh } = loom
const order = (x: Tensor, p: number): loom.SortOptions => ({ axis: axisOf(x, p), descending: p % 2 === 0 })
const way = (x: Tensor, p: number): loom.CumulativeOptions => ({
  axis: axisOf(x, p),
  reverse: p % 2 === 0,
  exclusive: p % 3 === 0,
})
const isWhole = (x: Tensor): boolean => hasAxis(x) && !floats(x)
const isLine = (x: Tensor): boolean => hasAxis(x) && isFull(x)

const top = (x: Tensor, p: number) => {
  const axis = axisOf(x, p)
  return loom.topK(x, 1 + (p % x.shape[axis]!), { axis })
}

/** Where one stands among what the other holds, in order. */
const searched = (a: Tensor, b: Tensor): Tensor =>
  loom.searchSorted(loom.sort(loom.reshape(b, [-1])), a, { side: a.shape.length % 2 === 0 ? 'left' : 'right' })
const counted = (x: Tensor, p: number): Tensor => {
  const below = loom.mod(loom.argsort(x), 3) as loom.Indices
  return loom.bincount(below, { length: 3, ...(p % 2 === 0 && floats(x) ? { weights: x } : {}) })
}

/** Ops that have derivatives of all orders. */
export const SORTING: readonly Grower[] = [
  unary({ op: (x, p) => loom.cumSum(x, way(x, p)), to: (b) => 20 * b, if: isRow }),
  unary({ op: (x, p) => loom.cumProd(tanh(x), way(x, p)), to: () => 1, if: isRow }),
  // Of no elements it is infinite.
  unary({ op: (x, p) => loom.logCumSumExp(x, { ...way(x, p), exclusive: false }), to: (b) => b + 4, if: isRow }),
]

export const SORTING_JUMPS: readonly Grower[] = [
  unary({ op: (x, p) => loom.argsort(x, order(x, p)), to: () => 20, if: hasAxis }),
  unary({ op: (x, p) => loom.sort(x, order(x, p)), if: hasAxis }),
  binary((a: Tensor, b: Tensor) => searched(a, b), () => 20, isLine), // prettier-ignore
  unary({ op: (x, p) => counted(x, p), to: () => 40, if: isLine }),
  unary({ op: (x, p) => top(x, p).values, if: isLine }),
  unary({ op: (x, p) => top(x, p).indices, to: () => 20, if: isLine }),
  unary({ op: (x, p) => loom.cumSum(x, way(x, p)), if: isWhole }),
  unary({ op: (x, p) => loom.cumProd(x, way(x, p)), if: isWhole }),
  unary({ op: (x, p) => loom.cumMax(x, { ...way(x, p), exclusive: false }), if: isLine }),
  unary({ op: (x, p) => loom.cumMin(x, { ...way(x, p), exclusive: false }), if: isLine }),
]
