import * as loom from 'gradloom'
import { each, type FunctionRow, meaning } from './function-case'
import { integers, one, operand, unary } from './operands'
import { at, tabulate } from './values'

const shifted = (x: loom.Tensor): loom.Tensor => loom.sub(loom.mul(x, 0.4), 2)

/** Where numbers reach 1 together above it, by halving: what is above falls as it rises. */
function cutOf(values: readonly number[]): number {
  let [low, high] = [Math.min(...values) - 1, Math.max(...values)]
  for (let i = 0; i < 100; i++) {
    const middle = (low + high) / 2
    if (values.reduce((sum, v) => sum + Math.max(v - middle, 0), 0) > 1) low = middle
    else high = middle
  }
  return low
}

export const ACTIVATION_FUNCTIONS = {
  threshold: {
    cases: [
      ...meaning(
        unary((x) => loom.threshold(x, 0.1, -7), 'nonZero'),
        each((x) => (x > 0.1 ? x : -7)),
      ),
      ...meaning(
        integers((x) => loom.threshold(x, 2, 1), 1),
        each((x) => (x > 2 ? x : 1)),
      ),
    ],
  },
  step: {
    differentiable: false,
    cases: [
      ...meaning(
        unary((x) => loom.step(x, { alpha: -0.5 }), 'special'),
        each((x) => (x > 0 ? 1 : Number.isNaN(x) ? NaN : -0.5)),
      ),
      ...meaning(
        integers((x) => loom.step(x), 1),
        each((x) => Number(x > 0)),
      ),
    ],
  },
  squareplus: {
    cases: [
      ...meaning(
        unary((x) => loom.squareplus(x)),
        each((x) => (x + Math.sqrt(x * x + 4)) / 2),
      ),
      ...meaning(
        // Far below 0 it is b / (4 |x|), of which the difference in the formula keeps no digits.
        unary((x) => loom.squareplus(loom.sub(loom.mul(x, 0.5), 1e4), { b: 1 }), 'unit'),
        each((x) => 0.5 / (Math.sqrt((x / 2 - 1e4) ** 2 + 1) - (x / 2 - 1e4))),
      ),
    ],
  },
  sparsePlus: {
    cases: [
      // Up to -1, between, and from 1 on.
      ...meaning(
        unary((x) => loom.sparsePlus(shifted(x)), 'unit'),
        each(() => 0),
      ),
      ...meaning(
        unary(loom.sparsePlus, 'unit'),
        each((x) => (x + 1) ** 2 / 4),
      ),
      ...meaning(
        unary(loom.sparsePlus, 'aboveOne'),
        each((x) => x),
      ),
    ],
  },
  sparseSigmoid: { cases: meaning(unary(loom.sparseSigmoid, 'unit'), each((x) => (x + 1) / 2)) }, // prettier-ignore
  sparsemax: {
    // Of multiples of 27 / 512 none is at the kink: their sum less 1 is no multiple.
    cases: (
      [
        [[6], -1],
        [[1], 0],
        [[3, 4], 1],
        [[4, 3], 0],
        [[2, 6, 3], 1],
        [[17, 19], -1],
      ] as const
    ).flatMap(([shape, axis]) =>
      [1, 1e3].flatMap((far) =>
        meaning(
          [one([...shape], (x) => loom.sparsemax(loom.add(loom.mul(x, 27 / 32), far), { axis }), 'awayFromTies')],
          (x) => {
            const along = (axis + shape.length) % shape.length
            const line = (p: readonly number[]): number[] =>
              Array.from({ length: x.shape[along]! }, (_, i) => (at(x, p.with(along, i)) * 27) / 32)
            return tabulate(x.shape, x.dtype, (p) => Math.max((at(x, p) * 27) / 32 - cutOf(line(p)), 0))
          },
        ),
      ),
    ),
  },
  glu: {
    cases: ([[[6], -1], [[3, 4], 1], [[4, 3], 0], [[2, 6, 3], 1], [[17, 18], -1]] as const).flatMap(([shape, axis]) =>
      meaning([one([...shape], (x) => loom.glu(x, { axis }))], (x) => {
        const along = (axis + shape.length) % shape.length
        const half = x.shape[along]! / 2
        return tabulate(x.shape.with(along, half), x.dtype, (p) => at(x, p) / (1 + Math.exp(-at(x, p.with(along, p[along]! + half))))) // prettier-ignore
      }),
    ), // prettier-ignore
  },
  multiHot: {
    cases: [[1], [3], [5, 2], [2, 3, 4]].flatMap((shape) =>
      meaning([{ inputs: [operand(shape, 9)], build: (x) => loom.multiHot(x, 6, 'float64') }], (x) =>
        tabulate([...shape.slice(0, -1), 6], 'float64', (p) =>
          Number(Array.from({ length: shape.at(-1)! }, (_, i) => at(x, [...p.slice(0, -1), i])).includes(p.at(-1)!)),
        ),
      ),
    ),
  },
} satisfies Record<string, FunctionRow>
