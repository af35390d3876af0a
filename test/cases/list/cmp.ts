import {
  add,
  argMax,
  cast,
  entry,
  flip,
  grad,
  mul,
  sum,
  tensor,
  type Tensor,
  update,
  variable,
  vjp,
  constant,
} from 'gradloom'
import { type Case, messageOf, numeric } from '../case'
import { exact } from '../expect'

const DOUBLINGS = 30
const MOST_NODES = 300
const MOST_MILLISECONDS = 500

function countNodes(roots: readonly Tensor[]): number {
  const seen = new Set<Tensor>()
  const open = [...roots]
  for (let t = open.pop(); t; t = open.pop()) {
    if (seen.has(t)) continue
    seen.add(t)
    open.push(...t.inputs)
  }
  return seen.size
}

const doubled = (x: Tensor<[]>): Tensor<[]> => {
  let y = x
  for (let i = 0; i < DOUBLINGS; i++) y = add(y, y)
  return y
}

export const cases: readonly Case[] = [
  {
    id: 'CMP-1',
    run: async (trial) => {
      const specs = { x: tensor([3]) }
      trial.buildError('w is not used', specs, ({ x }) => grad(sum(x), [variable('w', [3], 1)]), ['"w"'])
      trial.buildError(
        'w reaches the loss through argMax only',
        specs,
        ({ x }) => {
          const w = variable('w', [3], 1)
          return grad(sum(cast(argMax(mul(x, w)), 'float32')), [w])
        },
        ['"w"', 'argMax'],
      )
      await trial.numeric({
        build: (dtype) => {
          const w = variable('w', [3], 1, { dtype })
          return entry({ x: tensor([3], dtype) }, ({ x }) => {
            const chosen = sum(cast(argMax(mul(x, w)), dtype))
            const [unused] = grad(sum(x), [w], { disconnected: 'zeros' })
            const [broken] = grad(chosen, [w], { disconnected: 'zeros' })
            return { outputs: { unused, broken } }
          })
        },
        feeds: { x: [1, 3, 2] },
        expected: { unused: [0, 0, 0], broken: [0, 0, 0] },
      })
    },
  },
  {
    id: 'CMP-2',
    run: async (trial) => {
      trial.buildError('gradient of a vector', { x: tensor([1]) }, ({ x }) => grad(mul(x, constant([2, 3])), [x]), [
        /\[2\]/,
        /scalar/,
      ])
      await trial.numeric({
        build: (dtype) =>
          entry({ x: tensor([1], dtype), dy: tensor([2], dtype) }, ({ x, dy }) => {
            const [g] = vjp([mul(x, constant([2, 3], { dtype }))], [dy], [x])
            return { outputs: { g } }
          }),
        feeds: { x: [1], dy: [1, 0] },
        expected: { g: [2] },
      })
    },
  },
  numeric('CMP-3', {
    build: (dtype) => {
      const a = variable('a', [], 1, { dtype })
      const b = variable('b', [], 2, { dtype })
      return entry({}, () => ({ outputs: {}, updates: [update(a, b), update(b, add(a, b))] }))
    },
    drive: (session) => {
      session.run('main', {})
      return { a: session.state.get('a'), b: session.state.get('b') }
    },
    expected: { a: exact(2), b: exact(3) },
  }),
  numeric('CMP-4', {
    build: (dtype) => {
      const a = variable('a', [2], [1, 2], { dtype })
      const b = variable('b', [2], [3, 4], { dtype })
      return {
        swap: entry({}, () => ({ outputs: {}, updates: [update(a, b), update(b, a)] })),
        reverse: entry({}, () => ({ outputs: {}, updates: [update(a, flip(a))] })),
      }
    },
    drive: ({ run, state }) => {
      run('swap', {})
      const [a, b] = [state.get('a'), state.get('b')]
      run('reverse', {})
      return { a, b, reversed: state.get('a') }
    },
    expected: { a: exact([3, 4]), b: exact([1, 2]), reversed: exact([4, 3]) },
  }),
  {
    id: 'CMP-5',
    run: async (trial) => {
      let nodes = 0
      let slowest = 0
      await trial.numeric({
        build: (dtype) =>
          entry({ x: tensor([], dtype), x0: tensor([], dtype) }, ({ x, x0 }) => {
            const y = add(mul(x, x), x)
            const [g] = grad(y, [x])
            const last = doubled(x0)
            const [gLast] = grad(last, [x0])
            nodes = Math.max(nodes, countNodes([gLast]))
            return { outputs: { y, g, last, gLast } }
          }),
        drive: (session, check) => {
          slowest = Math.max(slowest, session.milliseconds)
          check(session.milliseconds < MOST_MILLISECONDS, `compiling took ${session.milliseconds} ms`)
          return session.run('main', { x: 3, x0: 1 })
        },
        expected: { y: exact(12), g: exact(7), last: exact(2 ** 30), gLast: exact(2 ** 30) },
      })
      trial.check(nodes <= MOST_NODES, `the backward graph has ${nodes} nodes`)
      trial.note(`backward graph of ${nodes} nodes, compiled in at most ${slowest.toFixed(0)} ms`)
    },
  },
  {
    id: 'CMP-8',
    run: (trial) =>
      trial.numeric({
        dtypes: ['float32'],
        build: () => entry({ x: tensor([4, 2]) }, ({ x }) => ({ outputs: { y: sum(x) } })),
        drive: (session, check) => {
          const x = new Float32Array(8)
          const wrong = {
            missing: { feeds: {}, names: ['"x"', 'float32[4, 2]', /missing/] },
            extra: { feeds: { x, z: x }, names: ['"z"', /\bx\b/] },
            shape: { feeds: { x: new Array(4).fill([0, 0, 0]) }, names: ['"x"', 'float32[4, 2]', '[4, 3]'] },
            flat: { feeds: { x: new Float32Array(12) }, names: ['"x"', 'float32[4, 2]', '12'] },
            dtype: { feeds: { x: new Int32Array(8) }, names: ['"x"', 'float32[4, 2]', /int32/i] },
          }
          const messages = Object.entries(wrong).map(([kind, { feeds, names }]) => {
            try {
              session.run('main', feeds)
            } catch (error) {
              trial.named(kind, messageOf(error), names, check)
              return messageOf(error)
            }
            check(false, `${kind}: accepted`)
            return kind
          })
          check(new Set(messages).size === messages.length, 'two messages are the same')
          return session.run('main', { x })
        },
        expected: { y: 0 },
      }),
  },
]
