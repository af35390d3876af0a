import { add, entry, grad, greater, less, maximum, mul, sqrt, sum, tensor, where } from 'gradloom'
import { type Case, numeric } from '../case'

export const cases: readonly Case[] = [
  numeric('WHR-1', {
    build: (dtype) =>
      entry({ x: tensor([3], dtype) }, ({ x }) => {
        const y = where(greater(x, 0), sqrt(x), 0)
        const [g] = grad(sum(y), [x])
        return { outputs: { y, g } }
      }),
    feeds: { x: [-1, 0, 4] },
    expected: { y: [0, 0, 2], g: [0, 0, 0.25] },
  }),
  numeric('WHR-2', {
    build: (dtype) =>
      entry({ x: tensor([1], dtype) }, ({ x }) => {
        const y = where(less(x, 1), x, sqrt(x))
        const [g] = grad(sum(y), [x])
        return { outputs: { y, g } }
      }),
    feeds: { x: [0] },
    expected: { y: [0], g: [1] },
  }),
  numeric('WHR-3', {
    build: (dtype) =>
      entry({ x: tensor([], dtype), y: tensor([], dtype) }, ({ x, y }) => {
        const f = maximum(sqrt(add(mul(x, x), mul(y, y))), 1e-10)
        const [gx, gy] = grad(f, [x, y])
        return { outputs: { f, gx, gy } }
      }),
    feeds: { x: 0, y: 0 },
    expected: { f: { right: 1e-10, tolerance: { relative: 1e-6, absolute: 0 } }, gx: 0, gy: 0 },
  }),
]
