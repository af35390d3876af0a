import {
  bidirectional,
  compile,
  convLstm2d,
  entry,
  fill,
  GraphError,
  gru,
  gruCell,
  keepState,
  lstm,
  lstmCell,
  mul,
  reshape,
  resetState,
  rnn,
  simpleRnn,
  stacked,
  stackedCells,
  stateVariables,
  sum,
  tensor,
  type Tensor,
} from 'gradloom'
import { describe, expect, test } from 'vitest'
import { expectFault } from '../fault'

const [B, T, F, H] = [3, 5, 4, 2] as const
const SPECS = {
  x: tensor([B, T, F]),
  step: tensor([B, F]),
  images: tensor([B, T, 6, 6, F]),
  whole: tensor([B, T, F], 'int32'),
  kernel: tensor([F, 4 * H]),
  recurrentKernel: tensor([H, 4 * H]),
  bias: tensor([4 * H]),
  double: tensor([4 * H], 'float64'),
  k3: tensor([F, 3 * H]),
  r3: tensor([H, 3 * H]),
  b3: tensor([3 * H]),
  weightIh: tensor([4 * H, F]),
  weightHh: tensor([4 * H, H]),
  mask: tensor([B, T], 'bool'),
  lengths: tensor([B], 'int32'),
  h: tensor([B, H]),
  ck: tensor([3, 3, F, 4 * H]),
  cr: tensor([3, 3, H, 4 * H]),
}
type Inputs = { readonly [K in keyof typeof SPECS]: Tensor }
type Loose = (...args: readonly unknown[]) => { readonly outputs: Tensor }
/** As plain JavaScript calls it. */
const loosely = (f: unknown): Loose => f as Loose
const long = loosely(lstm)

const faults: readonly (readonly [what: string, body: (t: Inputs) => unknown, parts: readonly string[]])[] = [
  ['x of two axes', (t) => long(t.step, t), ['lstm: x must be floats [batch, steps, features], it is "step" float32[3, 4]']],
  ['x of two axes by time', (t) => long(t.step, {}, { timeMajor: true }), ['[steps, batch, features]']],
  ['x of integers', (t) => loosely(gru)(t.whole, {}), ['gru: x must be floats', '"whole" int32[3, 5, 4]']],
  ['no tensor', () => loosely(simpleRnn)(3, {}), ['simpleRnn: expected a tensor, got number']],
  ['weights missing', (t) => long(t.x, undefined), ['lstm: weights are a record { kernel, recurrentKernel, bias }']],
  ['a kernel missing', (t) => long(t.x, { recurrentKernel: t.recurrentKernel }), ['lstm: kernel must be float32[4, 8]', '"x" float32[3, 5, 4]', 'it is missing']],
  ['a kernel of other features', (t) => long(t.x, { kernel: t.recurrentKernel, recurrentKernel: t.recurrentKernel }), ['lstm: kernel must be float32[4, 8]', '"recurrentKernel" float32[2, 8]']],
  ['a recurrent kernel of three gates', (t) => long(t.x, { kernel: t.kernel, recurrentKernel: t.r3 }), ['recurrentKernel must be float32[2, 8]', '"r3" float32[2, 6]']],
  ['a bias of another dtype', (t) => long(t.x, { kernel: t.kernel, recurrentKernel: t.recurrentKernel, bias: t.double }), ['bias must be float32[8]', '"double" float64[8]']],
  ['weights of the other convention', (t) => long(t.x, { weightIh: t.weightIh, weightHh: t.weightHh }), ['"weightIh"', "convention: 'keras'", "it is one of convention: 'torch'"]],
  ['weights spelt wrong', (t) => long(t.x, { kernel: t.kernel, recurrent: t.recurrentKernel }), ['"recurrent"', 'which are kernel, recurrentKernel, bias']],
  ['another convention', (t) => long(t.x, t, { convention: 'onnx' }), ["convention must be 'keras' or 'torch', it is onnx"]],
  ['PyTorch weights that do not fit', (t) => long(t.x, { weightIh: t.weightHh, weightHh: t.weightHh }, { convention: 'torch' }), ['weightIh must be float32[8, 4]', '"weightHh" float32[8, 2]']],
  ['one bias where two are needed', (t) => gru(t.x as never, { kernel: t.k3, recurrentKernel: t.r3, bias: t.b3 }), ['gru: bias must be float32[2, 6]', '"b3" float32[6]']],
  ['no reset before in PyTorch', (t) => loosely(gru)(t.x, { weightIh: t.weightIh, weightHh: t.weightHh }, { convention: 'torch', resetAfter: false }), ['gru: resetAfter: false', "convention: 'torch'"]],
  ['a flag that is none', (t) => long(t.x, weights(t), { reverse: 1 }), ['lstm: reverse must be true or false, it is 1']],
  ['resetAfter that is no flag', (t) => loosely(gru)(t.x, {}, { resetAfter: 'no' }), ['gru: resetAfter must be true or false, it is "no"']],
  ['a mask of numbers', (t) => long(t.x, weights(t), { mask: t.h }), ['lstm: mask must be bool[3, 5]', 'the first two axes of "x"', '"h" float32[3, 2]']],
  ['a mask the other way', (t) => long(t.x, weights(t), { mask: reshape(t.mask, [T, B]) }), ['mask must be bool[3, 5]']],
  ['lengths of floats', (t) => long(t.x, weights(t), { lengths: sum(t.h, { axis: 1 }) }), ['lstm: lengths must be int32[3]', 'the batch of "x"']],
  ['a mask and lengths', (t) => long(t.x, weights(t), { mask: t.mask, lengths: t.lengths }), ['lstm: a mask and lengths are given', 'give one']],
  ['a first state that is a tensor', (t) => long(t.x, weights(t), { initialState: t.h }), ['initialState must be a record { h, c }']],
  ['a first state without c', (t) => long(t.x, weights(t), { initialState: { h: t.h } }), ['initialState.c must be float32[3, 2]', 'it is missing']],
  ['a first state of another shape', (t) => long(t.x, weights(t), { initialState: { h: t.h, c: t.step } }), ['initialState.c must be float32[3, 2]', 'or stretch to it', '"step" float32[3, 4]']],
  ['a first state of another name', (t) => loosely(gru)(t.x, { kernel: t.k3, recurrentKernel: t.r3 }, { initialState: { h: t.h, c: t.h } }), ['gru: initialState has "c"; the state is { h }']],
  ['an activation that is none', (t) => long(t.x, weights(t), { activation: 'tanh' }), ['lstm: activation must be a function of a tensor, it is tanh']],
  ['an activation that changes the shape', (t) => long(t.x, weights(t), { recurrentActivation: (x: Tensor) => sum(x) }), ['lstm: recurrentActivation must keep shape and dtype']],
  ['a cell over a sequence', (t) => loosely(lstmCell)(t.x, {}, weights(t)), ['lstmCell: x must be floats [batch, features]']],
  ['a cell without a state', (t) => loosely(gruCell)(t.step, undefined, { kernel: t.k3, recurrentKernel: t.r3 }), ['gruCell: state.h must be float32[3, 2]']],
  ['a cell that returns a tensor', (t) => loosely(rnn)(t.x, (x: Tensor) => x, { initialState: { h: t.step } }), ['rnn: the cell must return { output, state }']],
  ['a cell that forgets a state', (t) => loosely(rnn)(t.x, (x: Tensor) => ({ output: x, state: {} }), { initialState: { h: t.step } }), ['rnn: the state "h" is missing']],
  ['a cell with a state too many', (t) => loosely(rnn)(t.x, (x: Tensor) => ({ output: x, state: { h: x, g: x } }), { initialState: { h: t.step } }), ['rnn: there is no state "g"; the state has h']],
  ['a state that changes its shape', (t) => loosely(rnn)(t.x, (x: Tensor, { h }: { h: Tensor }) => ({ output: x, state: { h: sum(h) } }), { initialState: { h: t.step } }), ['the carry "h" begins as float32[3, 4]', 'shape and dtype must stay the same']],
  ['no first state', (t) => loosely(rnn)(t.x, (x: Tensor) => ({ output: x, state: {} }), {}), ['rnn: the state must be a tensor or a record of tensors, it is undefined']],
  ['x of one axis', (t) => loosely(rnn)(t.lengths, () => 0, { initialState: {} }), ['rnn: x must be [batch, steps, ...], it is "lengths" int32[3]']],
  ['a state without the batch under a mask', (t) => loosely(rnn)(t.x, (x: Tensor, { n }: { n: Tensor }) => ({ output: x, state: { n } }), { initialState: { n: fill([], 0) }, mask: t.mask }), ['rnn: under a mask the state "n" must have the batch of 3 as first axis']],
  ['an output without the batch under a mask', (t) => loosely(rnn)(t.x, (x: Tensor, s: unknown) => ({ output: sum(x), state: s }), { initialState: { h: t.step }, mask: t.mask }), ['rnn: under a mask the output must have the batch of 3 as first axis']],
  ['no such merge mode', (t) => loosely(bidirectional)(() => lstm(t.x as never, weights(t)), { mergeMode: 'avg' }), ['bidirectional: mergeMode must be one of concat, sum, mul, ave, it is avg']],
  ['directions of other units', (t) => bidirectional((r) => (r ? { outputs: t.x, last: t.step, state: {} } : { outputs: mul(t.whole, 1), last: t.step, state: {} })), ['bidirectional: the directions give mul("whole", constant) int32[3, 5, 4]', '"x" float32[3, 5, 4]', "'concat'"]],
  ['directions that do not add', (t) => loosely(bidirectional)((r: boolean) => ({ outputs: r ? t.x : lstm(t.x as never, weights(t)).outputs, last: t.step, state: {} }), { mergeMode: 'sum' }), ['bidirectional: the directions give', "'sum'"]],
  ['a direction that is no layer', (t) => loosely(bidirectional)(() => t.x), ['bidirectional: layer must return', '{ outputs, last, state }']],
  ['a stack of nothing', (t) => stacked(t.x, []), ['stacked: there are no layers']],
  ['cells of nothing', () => stackedCells([]), ['stackedCells: there are no cells']],
  ['fewer states than cells', (t) => loosely(stackedCells([() => ({ output: t.h, state: t.h })]))(t.step, []), ['stackedCells: the state must be a list of 1']],
  ['images of four axes', (t) => loosely(convLstm2d)(t.x, {}), ['convLstm2d: x must be floats [batch, steps, rows, columns, channels], it is "x"']],
  ['a kernel of other channels', (t) => convLstm2d(t.images, { kernel: t.cr, recurrentKernel: t.cr }), ['convLstm2d: kernel must be float32[?, ?, 4, 8]', '"cr" float32[3, 3, 2, 8]']],
  ['image weights spelt wrong', (t) => loosely(convLstm2d)(t.images, { kernel: t.ck, recurrentKernel: t.cr, biases: t.bias }), ['convLstm2d: "biases" is none of the weights']],
  ['a state kept in no variable', (t) => keepState({ h: t.h }, { h: t.h }), ['keepState: "h" must be a variable, it is "h" float32[3, 2]']],
  ['a state of another shape to keep', (t) => keepState(stateVariables('m', { h: [B, F] }), { h: t.h }), ['keepState: "h" is kept in "m/h" float32[3, 4]', '"h" float32[3, 2]']],
  ['a state without what is kept', (t) => keepState(stateVariables('m', { h: [B, H], c: [B, H] }), { h: t.h } as never), ['keepState: the state "c" is missing']],
  ['a reset of no variable', (t) => resetState({ h: t.h }), ['resetState: "h" must be a variable']],
] // prettier-ignore

const weights = (t: Inputs) => ({ kernel: t.kernel, recurrentKernel: t.recurrentKernel, bias: t.bias })

describe('recurrent layers refuse', () => {
  test.each(faults)('%s', (_, body, parts) => {
    const build = (): unknown => compile(entry(SPECS, (t) => (body(t), { outputs: {} })))
    expectFault(build, GraphError, ...parts)
  })

  test('nothing that is right', () => {
    const net = compile(entry(SPECS, (t) => ({ outputs: { y: lstm(t.x, weights(t)).outputs } })))
    expect(typeof net).toBe('function')
  })
})
