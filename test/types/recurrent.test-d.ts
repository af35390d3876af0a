import {
  bidirectional,
  compile,
  entry,
  fill,
  gru,
  keepState,
  lstm,
  lstmCell,
  type LstmState,
  type Name,
  resetState,
  rnn,
  simpleRnn,
  stacked,
  stackedCells,
  stateVariables,
  tensor,
  type Tensor,
  variable,
} from 'gradloom'
import { describe, expectTypeOf, test } from 'vitest'

type B = Name<'B'>
declare const x: Tensor<[B, 5, 4], 'float32'>
declare const byTime: Tensor<[5, B, 4], 'float64'>
const weights = {
  kernel: variable('kernel', [4, 32], 1),
  recurrentKernel: variable('recurrentKernel', [8, 32], 1),
}
const torch = { weightIh: variable('weightIh', [32, 4], 1), weightHh: variable('weightHh', [32, 8], 1) }
const memory = stateVariables('memory', { h: [2, 8], c: [2, 8] })
const _stateful = () =>
  compile({
    step: entry({ x: tensor([2, 5, 4]) }, ({ x }) => {
      const { outputs, state } = lstm(x, weights, { initialState: memory })
      return { outputs: { outputs }, updates: keepState(memory, state) }
    }),
    reset: entry({}, () => ({ outputs: {}, updates: resetState(memory) })),
  })
declare const net: ReturnType<typeof _stateful>

describe('recurrent layers', () => {
  test('have the shapes of their sequences and the units of their weights', () => {
    const { outputs, last, state } = lstm(x, weights)
    expectTypeOf(outputs).toEqualTypeOf<Tensor<[B, 5, 8], 'float32'>>()
    expectTypeOf(last).toEqualTypeOf<Tensor<[B, 8], 'float32'>>()
    expectTypeOf(state.c).toEqualTypeOf<Tensor<[B, 8], 'float32'>>()
    const turned = gru(byTime, torch, { convention: 'torch', timeMajor: true })
    expectTypeOf(turned.outputs).toEqualTypeOf<Tensor<[5, B, 8], 'float64'>>()
    expectTypeOf(turned.last).toEqualTypeOf<Tensor<[B, 8], 'float64'>>()
    expectTypeOf(turned.state).toEqualTypeOf<{ readonly h: Tensor<[B, 8], 'float64'> }>()
  })

  test('cells have those of a step', () => {
    expectTypeOf(lstmCell(fill([3, 4], 0), { h: memory.h, c: memory.c }, weights).state.c.shape).toEqualTypeOf<[3, 8]>()
    const made = rnn(
      x,
      (step, h) => {
        expectTypeOf(step).toEqualTypeOf<Tensor<[B, 4], 'float32'>>()
        expectTypeOf(h.shape).toEqualTypeOf<[2, 4]>()
        return { output: step, state: h }
      },
      { initialState: variable('h', [2, 4], 0) },
    )
    expectTypeOf(made.outputs.shape).toEqualTypeOf<[B, 5, 4]>()
    const turned = rnn(byTime, (step, h) => ({ output: step, state: h }), {
      initialState: fill([2, 4], 0),
      timeMajor: true,
    })
    expectTypeOf(turned.outputs.shape).toEqualTypeOf<[5, B, 4]>()
    expectTypeOf(turned.last.shape).toEqualTypeOf<[B, 4]>()
  })

  test('join and stack', () => {
    const both = bidirectional((reverse) => lstm(x, weights, { reverse }))
    expectTypeOf(both.outputs.shape).toEqualTypeOf<[number, number, number]>()
    expectTypeOf(both.state.backward.h.shape).toEqualTypeOf<[B, 8]>()
    const summed = bidirectional((reverse) => lstm(x, weights, { reverse }), { mergeMode: 'sum' })
    expectTypeOf(summed.outputs.shape).toEqualTypeOf<[B, 5, 8]>()
    const { last, state } = stacked(x, [() => lstm(x, weights), () => gru(x, weights)])
    expectTypeOf(last.shape).toEqualTypeOf<[B, 8]>()
    expectTypeOf(state[0].c.shape).toEqualTypeOf<[B, 8]>()
    // @ts-expect-error: a gru has no c
    void state[1].c
    const cell = stackedCells([(x, state: LstmState) => lstmCell(x, state, weights)])
    const run = rnn(x, cell, { initialState: [memory] })
    expectTypeOf(run.state[0].c.shape).toEqualTypeOf<readonly [2, 8]>()
  })

  test('the state that is kept is typed by name', () => {
    expectTypeOf(net.state.get('memory/h').shape).toEqualTypeOf<readonly [2, 8]>()
    expectTypeOf(net.step({ x: new Float32Array(40) }).outputs.shape).toEqualTypeOf<[2, 5, 8]>()
    // @ts-expect-error: c is missing
    keepState(memory, { h: x })
  })

  test('options are spelt right', () => {
    // @ts-expect-error: no such option
    lstm(x, weights, { returnSequences: true })
    // @ts-expect-error: these are weights of the other convention
    lstm(x, torch)
    // @ts-expect-error: PyTorch resets after
    gru(x, torch, { convention: 'torch', resetAfter: false })
    // @ts-expect-error: an LSTM does not reset
    lstm(x, weights, { resetAfter: false })
    // @ts-expect-error: it has no gates
    simpleRnn(x, weights, { recurrentActivation: (x: Tensor) => x })
    // @ts-expect-error: c is missing
    lstm(x, weights, { initialState: { h: fill([2, 8], 0) } })
    // @ts-expect-error: no such mode
    bidirectional((reverse) => lstm(x, weights, { reverse }), { mergeMode: 'average' })
  })
})
