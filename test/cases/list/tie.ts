import { entry, grad, max, tensor } from 'gradloom'
import { type Case, floats, numeric, pending } from '../case'
import { numbersOf, within } from '../expect'

const MANY = 70_000

export const cases: readonly Case[] = [
  numeric('TIE-1', {
    build: (dtype) =>
      entry({ x: tensor([4], dtype) }, ({ x }) => {
        const y = max(x)
        const [g] = grad(y, [x])
        return { outputs: { y, g } }
      }),
    feeds: { x: [1, 2, 2, 2] },
    expected: { y: 2, g: [0, 1 / 3, 1 / 3, 1 / 3] },
  }),
  pending('TIE-2', 'max-pooling'),
  pending('TIE-3', 'clip'),
  pending('TIE-4', 'abs and relu6'),
  numeric('TIE-6', {
    dtypes: ['float32'],
    build: () =>
      entry({ x: tensor([MANY]) }, ({ x }) => {
        const y = max(x)
        const [g] = grad(y, [x])
        return { outputs: { y, g } }
      }),
    feeds: { x: floats('float32', new Array<number>(MANY).fill(1)) },
    expected: { y: 1, g: within(new Array<number>(MANY).fill(1.4285714285714285e-5), 1e-5) },
    check: ({ g }, check) => {
      const total = numbersOf(g).reduce((sum, value) => sum + value, 0)
      check(Math.abs(total - 1) <= 1e-5, `the gradient sums to ${total}, not 1`)
    },
  }),
]
