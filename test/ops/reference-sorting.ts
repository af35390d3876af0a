import type { SORTING } from '../../src/ops/table-sorting'
import { alongAxis, at, largest, type Reference, rowOf, tabulate, times, total, type Values } from './values'

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

interface Run {
  readonly axis: number
  readonly reverse: boolean
}
/** At each place a function of the elements up to it, the last of them first. */
const run = (x: Values, { axis, reverse }: Run, f: (passed: readonly number[]) => number): Values =>
  alongAxis(x, axis, (row) => row.map((_, k) => f(reverse ? row.slice(k) : row.slice(0, k + 1).reverse())))

export const SORTING_REFERENCE: { readonly [N in keyof typeof SORTING]: Reference<N> } = {
  argsort: ([x], { descending }) => {
    const axis = x!.shape.length - 1
    return tabulate(x!.shape, 'int32', (p) => argsorted(rowOf(x!, axis, p), descending)[p[axis]!]!)
  },
  argTopK: ([x], { k }) => {
    const axis = x!.shape.length - 1
    return tabulate(x!.shape.with(axis, k), 'int32', (p) => argsorted(rowOf(x!, axis, p), true)[p[axis]!]!)
  },
  searchSorted: ([sorted, values], { right }) =>
    tabulate(values!.shape, 'int32', (p) => {
      const line = rowOf(sorted!, sorted!.shape.length - 1, sorted!.shape.length === 1 ? [0] : p)
      const order = (v: number): number => compare(v, at(values!, p))
      return line.filter((v) => (right ? order(v) <= 0 : order(v) < 0)).length
    }),
  bincount: ([x, weights], { length }) => {
    const axis = x!.shape.length - 1
    const dtype = weights?.dtype ?? 'int32'
    return tabulate(x!.shape.with(axis, length), dtype, (p) => {
      const row = rowOf(x!, axis, p)
      const each = weights ? rowOf(weights, axis, p) : row.map(() => 1)
      return total(row.map((v, i) => (v === p[axis] ? each[i]! : 0)))
    })
  },
  cumSum: ([x], attrs) => run(x!, attrs, total),
  cumProd: ([x], attrs) => run(x!, attrs, (row) => row.reduceRight((a, b) => times(a, b, x!.dtype), 1)),
  linearRecurrence: ([a, b], attrs) => {
    const { axis, reverse } = attrs
    return tabulate(b!.shape, b!.dtype, (p) => {
      const [factors, terms] = [a!, b!].map((x) => rowOf(x, axis, p)) as [number[], number[]]
      const from = reverse ? factors.length - 1 : 0
      let s = 0
      for (let k = from; k !== p[axis]! + (reverse ? -1 : 1); k += reverse ? -1 : 1) s = factors[k]! * s + terms[k]!
      return s
    })
  },
  cumArgMax: ([x], { axis, reverse, smallest }) =>
    tabulate(x!.shape, 'int32', (p) => {
      const row = rowOf(x!, axis, p).map((v) => (smallest ? -v : v))
      const end = row.length - 1
      // As it goes on, the other way is this one from the end.
      const way = (reverse ? row.toReversed() : row).slice(0, (reverse ? end - p[axis]! : p[axis]!) + 1)
      const most = largest(way)
      const found = way.findIndex((v) => (most !== most ? v !== v : v === most))
      return reverse ? end - found : found
    }),
  logCumSumExp: ([x], attrs) => run(x!, attrs, (row) => Math.log(total(row.map(Math.exp)))),
}
