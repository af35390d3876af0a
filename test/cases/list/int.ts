import { add, cast, entry, floorDiv, grad, mod, mul, slice, sum, tensor } from 'gradloom'
import { type Case, numeric } from '../case'
import { exact, numbersOf } from '../expect'

const MANY = 4_194_304

export const cases: readonly Case[] = [
  numeric('INT-1', {
    dtypes: ['float32'],
    build: () => ({
      many: entry({ x: tensor([MANY], 'int32') }, ({ x }) => ({ outputs: { y: sum(x) } })),
      two: entry({ x: tensor([2], 'int32') }, ({ x }) => ({ outputs: { y: sum(x) } })),
    }),
    drive: (session) => ({
      many: session.run('many', { x: new Int32Array(MANY).fill(239) })['y']!,
      two: session.run('two', { x: [16777216, 1] })['y']!,
    }),
    expected: { many: exact(1002438656), two: exact(16777217) },
  }),
  numeric('INT-2', {
    dtypes: ['float32'],
    build: () =>
      entry({ x: tensor([3], 'int32'), f: tensor([3]) }, ({ x, f }) => ({
        outputs: { y: slice(x, [{ start: 1, end: 2 }]), z: slice(f, [{ start: 1, end: 2 }]) },
      })),
    feeds: { x: [1, 17378479, 2], f: [1, 17378479, 2] },
    expected: { y: exact([17378479]), z: exact([17378480]) },
  }),
  numeric('INT-3', {
    dtypes: ['float32'],
    build: () =>
      entry({ x: tensor([4]), a: tensor([1], 'uint8'), b: tensor([1], 'uint8') }, ({ x, a, b }) => ({
        outputs: { y: cast(x, 'uint8'), total: add(a, b) },
      })),
    feeds: { x: [-1.5, 2.7, 300, NaN], a: [200], b: [100] },
    check: ({ y, total }, check) => {
      const rules = ['255,2,44,0', '0,3,255,0']
      check(rules.includes(String(numbersOf(y))), `the cast gives ${String(numbersOf(y))}, by neither rule`)
      check(['44', '300'].includes(String(numbersOf(total))), `200 + 100 gives ${String(numbersOf(total))}`)
    },
  }),
  numeric('INT-4', {
    dtypes: ['float32'],
    build: () =>
      entry({ a: tensor([4], 'int32'), b: tensor([4], 'int32') }, ({ a, b }) => ({
        outputs: { q: floorDiv(a, b), r: mod(a, b) },
      })),
    feeds: { a: [-5, -4, 3, 2], b: [3, 2, 2, 2] },
    expected: { q: exact([-2, -2, 1, 1]), r: exact([1, 0, 1, 0]) },
    check: ({ q }, check) => check(q instanceof Int32Array, 'the quotient is no int32'),
  }),
  {
    id: 'INT-7',
    run: async (trial) => {
      trial.buildError(
        'gradient in an int32 input',
        { x: tensor([3]), i: tensor([3], 'int32') },
        ({ x, i }) => grad(sum(mul(x, i)), [i]),
        ['"i"', 'int32'],
      )
      await trial.numeric({
        build: (dtype) =>
          entry({ x: tensor([3], dtype), i: tensor([3], 'int32') }, ({ x, i }) => {
            const [g] = grad(sum(mul(x, i)), [x])
            return { outputs: { g } }
          }),
        feeds: { x: [0.5, 0.5, 0.5], i: [1, 2, 3] },
        expected: { g: [1, 2, 3] },
        check: ({ g }, check) =>
          check(g instanceof Float32Array || g instanceof Float64Array, 'the gradient is no float'),
      })
    },
  },
]
