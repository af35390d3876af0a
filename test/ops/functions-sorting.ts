import * as loom from 'gradloom'
import { type FunctionCase, type FunctionRow, meaning } from './function-case'
import { one } from './operands'
import { at, tabulate, type Values } from './values'

type Reference = FunctionCase['reference']
/** A reference that turns each line along an axis into another. */
const lines =
  (axis: number, f: (line: readonly number[]) => readonly number[]): Reference =>
  (x: Values) => {
    const along = axis < 0 ? axis + x.shape.length : axis
    const line = (p: readonly number[]): number[] =>
      Array.from({ length: x.shape[along]! }, (_, i) => at(x, p.with(along, i)))
    return tabulate(x.shape, x.dtype, (p) => f(line(p))[p[along]!]!)
  }
const LINES = [
  [[7], -1],
  [[3, 5], -1],
  [[5, 3], 0],
  [[2, 4, 3], 1],
] as const
const ascending = (line: readonly number[]): number[] => [...line].sort((a, b) => a - b)
const running =
  (pick: (a: number, b: number) => number) =>
  (line: readonly number[]): number[] =>
    line.map((_, i) => line.slice(0, i + 1).reduce((a, b) => pick(a, b)))
const backwards =
  (f: (line: readonly number[]) => readonly number[]) =>
  (line: readonly number[]): number[] =>
    [...f([...line].reverse())].reverse()

const extremes = (build: typeof loom.cumMax, pick: (a: number, b: number) => number): FunctionRow => ({
  cases: LINES.flatMap(([shape, axis]) => [
    ...meaning([one(shape, (x) => build(x, { axis }), 'awayFromTies')], lines(axis, running(pick))),
    ...meaning(
      [one(shape, (x) => build(x, { axis, reverse: true }), 'awayFromTies')],
      lines(axis, backwards(running(pick))),
    ),
  ]),
})

export const SORTING_FUNCTIONS = {
  sort: {
    cases: LINES.flatMap(([shape, axis]) => [
      ...meaning([one(shape, (x) => loom.sort(x, { axis }), 'awayFromTies')], lines(axis, ascending)),
      ...meaning(
        [one(shape, (x) => loom.sort(x, { axis, descending: true }), 'awayFromTies')],
        lines(axis, (line) => ascending(line).reverse()),
      ),
    ]),
  },
  cumMax: extremes(loom.cumMax, Math.max),
  cumMin: extremes(loom.cumMin, Math.min),
} satisfies Record<string, FunctionRow>
