import { cumProd, entry, grad, mul, norm, pow, prod, sqrt, square, std, sum, tensor, variance } from 'gradloom'
import { type Case, numeric } from '../case'

export const cases: readonly Case[] = [
  numeric('ZER-1', {
    build: (dtype) =>
      entry({ x: tensor([4], dtype), z: tensor([3], dtype) }, ({ x, z }) => {
        const [one, two] = [prod(x), prod(z)]
        return { outputs: { one, two, g: grad(one, [x])[0], h: grad(two, [z])[0] } }
      }),
    feeds: { x: [2, 0, 3, 4], z: [0, 0, 3] },
    expected: { one: 0, two: 0, g: [0, 24, 0, 0], h: [0, 0, 0] },
  }),
  numeric('ZER-2', {
    build: (dtype) =>
      entry({ x: tensor([3], dtype), z: tensor([4], dtype) }, ({ x, z }) => {
        const [one, two] = [sum(cumProd(x)), sum(cumProd(z))]
        const [g, h] = [grad(one, [x])[0], grad(two, [z])[0]]
        return { outputs: { one, two, g, h, second: grad(sum(square(g)), [x])[0] } }
      }),
    feeds: { x: [2, 0, 3], z: [2, 0, 0, 5] },
    // The slopes are 1 + b + b c, a + a c and a b.
    expected: { one: 2, two: 2, g: [1, 8, 0], h: [1, 2, 0, 0], second: [64, 8, 32] },
  }),
  numeric('ZER-4', {
    build: (dtype) =>
      entry({ x: tensor([2], dtype), z: tensor([2], dtype) }, ({ x, z }) => {
        const [origin, away] = [norm(x), norm(z)]
        return { outputs: { origin, away, g: grad(origin, [x])[0], h: grad(away, [z])[0] } }
      }),
    feeds: { x: [0, 0], z: [3, 4] },
    expected: { origin: 0, away: 5, g: [0, 0], h: [0.6, 0.8] },
  }),
  numeric('ZER-6', {
    build: (dtype) =>
      entry({ a: tensor([2], dtype), b: tensor([2], dtype) }, ({ a, b }) => {
        const c = sum(pow(a, b))
        const [ga, gb] = grad(c, [a, b])
        return { outputs: { c, ga, gb } }
      }),
    feeds: { a: [0, 2], b: [1, 1] },
    expected: { c: 2, ga: [1, 1], gb: [0, 1.3862943611198906] },
  }),
  numeric('ZER-7', {
    build: (dtype) =>
      entry({ x: tensor([], dtype), m: tensor([], dtype), y: tensor([], dtype) }, ({ x, m, y }) => {
        const values = { p0: pow(x, 0), p1: pow(x, 1), p2: pow(x, 2), p3: pow(m, 3), q: pow(m, y) }
        const slopes = {
          g0: grad(values.p0, [x], { disconnected: 'zeros' })[0],
          g1: grad(values.p1, [x])[0],
          g2: grad(values.p2, [x])[0],
          g3: grad(values.p3, [m])[0],
          // The exponent's own gradient is NaN for a negative base and must not disturb that of the base.
          gq: grad(values.q, [m])[0],
          gy: grad(values.q, [y])[0],
        }
        return { outputs: { ...values, ...slopes } }
      }),
    feeds: { x: 0, m: -2, y: 2 },
    expected: { p0: 1, p1: 0, p2: 0, p3: -8, q: 4, g0: 0, g1: 1, g2: 0, g3: 12, gq: -4, gy: NaN },
  }),
  numeric('ZER-9', {
    build: (dtype) =>
      entry({ x: tensor([3], dtype), z: tensor([], dtype) }, ({ x, z }) => {
        const [v, s, r] = [variance(x), std(x), sqrt(mul(z, z))]
        return { outputs: { v, s, r, gv: grad(v, [x])[0], gs: grad(s, [x])[0], gr: grad(r, [z])[0] } }
      }),
    feeds: { x: [3, 3, 3], z: 0 },
    expected: { v: 0, s: 0, r: 0, gv: [0, 0, 0], gs: [0, 0, 0], gr: 0 },
  }),
]
