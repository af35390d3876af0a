import { add, constant, entry, log, max, maximum, mul, named, NonFiniteError, relu, sum, tensor } from 'gradloom'
import { type Case, numeric } from '../case'
import { COMPILED, open } from '../modes'

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
  {
    id: 'NAN-5',
    run: async (trial) => {
      trial.note('a guarded program is not emitted')
      for (const mode of COMPILED) {
        trial.modes.add(mode)
        const build = () => ({
          main: entry({ x: tensor([3]) }, ({ x }) => {
            const logx = named('logx', log(x))
            return { outputs: { loss: sum(add(mul(logx, 0), x)) } }
          }),
        })
        const feeds = { x: [1, 0, -1] }
        const session = await open(mode, build, { guard: true })
        try {
          session.run('main', feeds)
          trial.check(false, `${mode}: no error`)
        } catch (error) {
          trial.check(error instanceof NonFiniteError, `${mode}: not a NonFiniteError: ${String(error)}`)
          if (!(error instanceof NonFiniteError)) continue
          const { tensor, index, value } = error
          trial.check(tensor === 'logx', `${mode}: the node is ${tensor}`)
          trial.check(index.join() === '1' && value === -Infinity, `${mode}: ${value} at ${index.join()}`)
          trial.named(mode, error.message, ['"logx"', 'log(x)', 'x[1] = 0', /nan\.ts:\d+/])
        }
        const healthy = session.run('main', { x: [1, 2, 3] })
        trial.check(healthy['loss'] === 6, `${mode}: the loss is ${String(healthy['loss'])} afterwards`)
        const unguarded = await open(mode, build)
        trial.check(Number.isNaN(unguarded.run('main', feeds)['loss']), `${mode}: an error without guard`)
      }
    },
  },
]
