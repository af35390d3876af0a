import type { SORTING } from '../../src/ops/table-sorting'
import { type Reference, rowOf, tabulate } from './values'

/** NaN is the largest. */
const compare = (a: number, b: number): number => {
  if (a !== a || b !== b) return Number(a !== a) - Number(b !== b)
  return a < b ? -1 : a > b ? 1 : 0
}
/** Positions of a row in the order of its values; equal ones keep theirs. */
function argsorted(row: readonly number[], descending: boolean): number[] {
  const sign = descending ? -1 : 1
  return [...row.keys()].sort((i, j) => sign * compare(row[i]!, row[j]!) || i - j)
}

export const SORTING_REFERENCE: { readonly [N in keyof typeof SORTING]: Reference<N> } = {
  argsort: ([x], { descending }) => {
    const axis = x!.shape.length - 1
    return tabulate(x!.shape, 'int32', (p) => argsorted(rowOf(x!, axis, p), descending)[p[axis]!]!)
  },
  argTopK: ([x], { k }) => {
    const axis = x!.shape.length - 1
    return tabulate(x!.shape.with(axis, k), 'int32', (p) => argsorted(rowOf(x!, axis, p), true)[p[axis]!]!)
  },
}
