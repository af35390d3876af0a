import { abs, clip, entry, grad, max, maxPool2d, relu, relu6, reshape, sum, tensor } from 'gradloom'
import { type Case, floats, numeric } from '../case'
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
  numeric('TIE-2', {
    build: (dtype) =>
      entry({ x: tensor([2, 2], dtype) }, ({ x }) => {
        const y = maxPool2d(reshape(x, [1, 2, 2, 1]))
        return { outputs: { y: sum(y), g: grad(sum(y), [x])[0] } }
      }),
    feeds: { x: [[1, 2], [2, 2]] }, // prettier-ignore
    expected: { y: 2, g: [[0, 1], [0, 0]] }, // prettier-ignore
  }),
  numeric('TIE-3', {
    build: (dtype) =>
      entry({ x: tensor([5], dtype) }, ({ x }) => {
        const y = clip(x, 0, 1)
        return { outputs: { y, g: grad(sum(y), [x])[0] } }
      }),
    feeds: { x: [-0.5, 0, 0.5, 1, 1.5] },
    expected: { y: [0, 0, 0.5, 1, 1], g: [0, 1, 1, 1, 0] },
  }),
  numeric('TIE-4', {
    build: (dtype) =>
      entry({ x: tensor([], dtype), z: tensor([3], dtype) }, ({ x, z }) => ({
        outputs: { r: grad(relu(x), [x])[0], a: grad(abs(x), [x])[0], s: grad(sum(relu6(z)), [z])[0] },
      })),
    feeds: { x: 0, z: [0, 3, 6] },
    expected: { r: 0, a: 0, s: [0, 1, 0] },
  }),
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
