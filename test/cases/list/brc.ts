import { add, entry, grad, mean, meanSquaredError, mul, square, sum, tensor } from 'gradloom'
import { type Case, numeric } from '../case'

export const cases: readonly Case[] = [
  numeric('BRC-1', {
    build: (dtype) =>
      entry({ x: tensor([3, 1], dtype), y: tensor([1, 4], dtype) }, ({ x, y }) => {
        const f = sum(mul(x, y))
        const [gx, gy] = grad(f, [x, y])
        return { outputs: { f, gx, gy } }
      }),
    feeds: { x: [[1], [2], [3]], y: [[1, 2, 3, 4]] },
    expected: { f: 60, gx: [[10], [10], [10]], gy: [[6, 6, 6, 6]] },
  }),
  numeric('BRC-2', {
    build: (dtype) =>
      entry({ x: tensor([1], dtype), y: tensor([5], dtype) }, ({ x, y }) => {
        const f = sum(add(x, y))
        const [g] = grad(f, [x])
        return { outputs: { f, g } }
      }),
    feeds: { x: [2], y: [1, 1, 1, 1, 1] },
    expected: { f: 15, g: [5] },
  }),
  {
    id: 'BRC-4',
    run: (trial) =>
      trial.buildError(
        'mean squared error of [3] and [3, 1]',
        { prediction: tensor([3]), target: tensor([3, 1]) },
        ({ prediction, target }) => meanSquaredError(prediction, target),
        [/\[3\]/, '[3, 1]', /reshape/],
      ),
  },
  numeric('BRC-6', {
    build: (dtype) =>
      entry({ x: tensor([3, 2], dtype) }, ({ x }) => {
        const f = sum(square(mean(x, { axis: 0 })))
        const [g] = grad(f, [x])
        return { outputs: { f, g } }
      }),
    feeds: {
      x: [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    },
    expected: {
      f: 25,
      g: [
        [2, 8 / 3],
        [2, 8 / 3],
        [2, 8 / 3],
      ],
    },
  }),
]
