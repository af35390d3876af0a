import { constant, entry, max, maximum, mul, relu, tensor } from 'gradloom'
import { type Case, numeric, pending } from '../case'

// Long enough for every form of loop, with one NaN where each of its parts may be.
const LONG = 67
const long = (at: number): number[] => Array.from({ length: LONG }, (_, i) => (i === at ? NaN : i % 7))

export const cases: readonly Case[] = [
  numeric('NAN-1', {
    build: (dtype) =>
      entry(
        {
          x: tensor([3], dtype),
          z: tensor([3], dtype),
          n: tensor([], dtype),
          one: tensor([], dtype),
          rows: tensor([LONG, LONG], dtype),
        },
        ({ x, z, n, one, rows }) => ({
          outputs: {
            relu: relu(x),
            max: max(z),
            left: maximum(n, one),
            right: maximum(one, n),
            constant: maximum(n, 1),
            rows: max(rows, { axis: 1 }),
            columns: max(rows, { axis: 0 }),
          },
        }),
      ),
    feeds: {
      x: [NaN, -1, 2],
      z: [1, NaN, 3],
      n: NaN,
      one: 1,
      rows: Array.from({ length: LONG }, (_, i) => long(i)),
    },
    expected: {
      relu: [NaN, 0, 2],
      max: NaN,
      left: NaN,
      right: NaN,
      constant: NaN,
      rows: new Array<number>(LONG).fill(NaN),
      columns: new Array<number>(LONG).fill(NaN),
    },
  }),
  numeric('NAN-2', {
    build: (dtype) =>
      entry({ x: tensor([3], dtype) }, ({ x }) => ({
        outputs: { right: mul(x, 0), left: mul(0, x), constant: mul(x, constant([0, 0, 0], { dtype })) },
      })),
    feeds: { x: [1, NaN, Infinity] },
    expected: { right: [0, NaN, NaN], left: [0, NaN, NaN], constant: [0, NaN, NaN] },
  }),
  pending('NAN-5', 'the guard mode'),
]
