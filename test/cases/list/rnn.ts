import {
  add,
  entry,
  fill,
  grad,
  gru,
  isFinite,
  keepState,
  lstm,
  mul,
  resetState,
  reshape,
  rnn,
  slice,
  stateVariables,
  sum,
  tensor,
  type Tensor,
  variable,
} from 'gradloom'
import { type AnyLayer, input, layers } from 'gradloom/nn'
import { type Case, floats, numeric } from '../case'
import type { Float, Nested } from '../expect'

const weight = (name: string, dtype: Float, values: Nested, shape: readonly number[]): Tensor =>
  variable(name, shape as number[], values, { dtype })
const last = (outputs: Tensor): Tensor<[]> => sum(slice(outputs, [{}, { start: -1 }]))
const flat = (x: Tensor): Tensor => reshape(x, [x.shape.reduce((a, b) => a * b, 1)])

/** h_t = x_t + 0.5 h_(t-1) */
const decaying = (x: Tensor, { h }: { readonly h: Tensor }) => {
  const next = add(x, mul(h, 0.5))
  return { output: next, state: { h: next } }
}

const H = [0.09085193946699145, 0.2828792014300454]
const C = [0.15293305858720355, 0.4471667348639218]

export const cases: readonly Case[] = [
  numeric('RNN-1', {
    build: (dtype) => {
      const kernel = weight('kernel', dtype, [[0.1, 0.2, 0.3, 0.4]], [1, 4])
      const recurrentKernel = weight('recurrentKernel', dtype, [[0.5, -0.6, 0.7, -0.8]], [1, 4])
      const bias = weight('bias', dtype, [0, 1, 0, 0], [4])
      return entry({ x: tensor([1, 2, 1], dtype), one: tensor([1, 1, 1], dtype) }, ({ x, one }) => {
        const weights = { kernel, recurrentKernel, bias }
        const { outputs, state } = lstm(x, weights)
        const first = lstm(one, weights).state
        const [gk, gr, gb, gx] = grad(sum(state.h), [kernel, recurrentKernel, bias, x])
        const values = { h: flat(outputs), h2: flat(state.h), c1: flat(first.c), c2: flat(state.c) }
        return { outputs: { ...values, gk: flat(gk), gr: flat(gr), gb, gx: flat(gx) } }
      })
    },
    feeds: (dtype) => ({ x: floats(dtype, [1, 2]), one: floats(dtype, [1]) }),
    expected: {
      h: H,
      h2: [H[1]!],
      c1: [C[0]!],
      c2: [C[1]!],
      gk: [0.19527067135798026, 0.02785319057354075, 0.6535962596191269, 0.18804226055493406],
      gr: [0.007218526977065711, 0.0012652581919749503, 0.01876628113874391, 0.00837267511710613],
      gb: [0.11581692475207143, 0.013926595286770375, 0.44703731053293677, 0.09588489807894519],
      gx: [0.07727084048982273, 0.10956132343419753],
    },
  }),
  numeric('RNN-2', {
    build: (dtype) => {
      const [fresh, loaded] = [layers.lstm({ units: 2, dtype }), layers.lstm({ units: 1, dtype })]
      // Weights are there once the layer has been put into a model.
      loaded(input({ shape: [2, 1], dtype }))
      loaded.setWeights([
        [0.1, 0.2, 0.3, 0.4],
        [0.5, -0.6, 0.7, -0.8],
        [0, 0, 0, 0],
      ])
      return entry({ x: tensor([1, 2, 1], dtype) }, ({ x }) => {
        const h2 = flat(loaded(x))
        const used = sum(fresh(x))
        const bias = (layer: AnyLayer): Tensor => add(layer.weights[2]!.variable!, 0)
        return { outputs: { first: bias(fresh), imported: bias(loaded), h2, used: isFinite(used) } }
      })
    },
    feeds: (dtype) => ({ x: floats(dtype, [1, 2]) }),
    expected: { first: [0, 0, 1, 1, 0, 0, 0, 0], imported: [0, 0, 0, 0], h2: [0.26498635320047126], used: 1 },
  }),
  numeric('RNN-4', {
    build: (dtype) => {
      const kernel = weight('kernel', dtype, [[0.3, -0.4, 0.5]], [1, 3])
      const recurrentKernel = weight('recurrentKernel', dtype, [[0.6, 0.7, -0.8]], [1, 3])
      const input = [0.1, 0.2, 0.3]
      const both = weight('both', dtype, [input, [-0.1, 0.05, 0.4]], [2, 3])
      const one = weight('one', dtype, input, [3])
      return entry({ x: tensor([1, 2, 1], dtype) }, ({ x }) => {
        const initialState = { h: fill([1, 1], 0.5, { dtype }) }
        const after = gru(x, { kernel, recurrentKernel, bias: both }, { initialState })
        const before = gru(x, { kernel, recurrentKernel, bias: one }, { initialState, resetAfter: false })
        return { outputs: { after: flat(after.outputs), before: flat(before.outputs) } }
      })
    },
    feeds: (dtype) => ({ x: floats(dtype, [1, -2]) }),
    expected: {
      after: [0.5581253950915003, -0.11292348316302178],
      before: [0.5087300860296453, -0.19343064958974573],
    },
  }),
  numeric('RNN-5', {
    build: (dtype) =>
      entry({ x: tensor([1, 3, 1], dtype), mask: tensor([1, 3], 'bool') }, ({ x, mask }) => {
        const { outputs } = rnn(x, decaying, { initialState: { h: fill([1, 1], 0, { dtype }) }, mask })
        return { outputs: { y: flat(outputs), gx: flat(grad(last(outputs), [x])[0]) } }
      }),
    feeds: (dtype) => ({ x: floats(dtype, [1, 100, 3]), mask: [[1, 0, 1]] }),
    expected: { y: [1, 1, 3.5], gx: [0.5, 0, 1] },
  }),
  numeric('RNN-7', {
    build: (dtype) => {
      const memory = stateVariables('memory', { h: [1, 1] }, { dtype })
      return {
        step: entry({ x: tensor([1, 1, 1], dtype) }, ({ x }) => {
          const { outputs, state } = rnn(x, decaying, { initialState: memory })
          // What lies behind the state that was kept is out of reach: the state is where the gradient ends.
          const [gx, gh] = grad(last(outputs), [x, memory.h])
          return { outputs: { y: flat(outputs), gx: flat(gx), gh: flat(gh) }, updates: keepState(memory, state) }
        }),
        both: entry({ one: tensor([1, 1, 1], dtype), two: tensor([1, 1, 1], dtype) }, ({ one, two }) => {
          const before = rnn(one, decaying, { initialState: memory })
          const { outputs } = rnn(two, decaying, { initialState: memory })
          const [g] = grad(last(outputs), [one], { disconnected: 'zeros' })
          return { outputs: { g: flat(g) }, updates: keepState(memory, before.state) }
        }),
        reset: entry({}, () => ({ outputs: {}, updates: resetState(memory) })),
      }
    },
    drive: (session, _, dtype) => {
      const [one, two] = [floats(dtype, [1]), floats(dtype, [2])]
      const first = session.run('step', { x: one })
      const second = session.run('step', { x: two })
      session.run('reset', {})
      const third = session.run('step', { x: two })
      session.run('reset', {})
      const { g } = session.run('both', { one, two })
      const kept = session.state.get('memory/h')
      return {
        first: first['y']!,
        second: second['y']!,
        third: third['y']!,
        gx: second['gx']!,
        gh: second['gh']!,
        g: g!,
        kept,
      }
    },
    expected: { first: [1], second: [2.5], third: [2], gx: [1], gh: [0.5], g: [0], kept: [[1]] },
  }),
]
