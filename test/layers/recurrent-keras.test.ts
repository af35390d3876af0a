import { readFileSync } from 'node:fs'
import {
  bidirectional,
  compile,
  type CompileOptions,
  constant,
  convLstm2d,
  type Data,
  entry,
  flip,
  gru,
  gruCell,
  hardSigmoid,
  lstm,
  relu,
  type RecurrentWeights,
  rnn,
  lstmCell,
  type Sequence,
  sigmoid,
  simpleRnn,
  simpleRnnCell,
  stackedCells,
  tanh,
  tensor,
  type Tensor,
  transpose,
  vjp,
  fill,
  cast,
} from 'gradloom'
import { describe, expect, test } from 'vitest'

interface Numbers {
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
/** What a layer of Keras 3.0.5 gave in float64, in ten digits: outputs, and gradients of the sum of outputs times c. */
interface Fixture {
  readonly id: string
  readonly layer: string
  readonly config: Readonly<Record<string, unknown>>
  readonly inputs: readonly Numbers[]
  readonly mask?: Numbers
  readonly weights: readonly Numbers[]
  readonly output: readonly Numbers[]
  readonly c: readonly Numbers[]
  readonly grad_inputs: readonly Numbers[]
  readonly grad_weights: readonly Numbers[]
}

const FIXTURES = readFileSync(new URL('../fixtures/recurrent.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Fixture)

const ACTIVATIONS: Readonly<Record<string, (x: Tensor) => Tensor>> = { tanh, relu, sigmoid, hard_sigmoid: hardSigmoid }
const weightsOf = ([kernel, recurrentKernel, bias]: readonly Tensor[]): RecurrentWeights => ({
  kernel: kernel!,
  recurrentKernel: recurrentKernel!,
  ...(bias ? { bias } : {}),
})

/** The outputs of a fixture's layer in the order that Keras has them. */
function outputsOf(
  fixture: Fixture,
  inputs: readonly Tensor[],
  weights: readonly Tensor[],
  timeMajor: boolean,
): Tensor[] {
  const { layer, config } = fixture
  const [x, ...states] = inputs as [Tensor, ...Tensor[]]
  const turned = (t: Tensor): Tensor => (timeMajor ? transpose(t, [1, 0, ...t.shape.slice(2).map((_, i) => i + 2)]) : t)
  const [h, c] = states as [Tensor, Tensor]
  const activations = {
    activation: ACTIVATIONS[config['activation'] as string] ?? tanh,
    recurrentActivation: ACTIVATIONS[config['recurrent_activation'] as string] ?? sigmoid,
  }
  const stepped = (reverse: boolean) => ({
    timeMajor,
    reverse,
    ...(fixture.mask ? { mask: turned(cast(constantOf(fixture.mask), 'bool')) } : {}),
  })
  const single = (name: string, given: readonly Tensor[], reverse: boolean): Sequence => {
    const [own, xs] = [weightsOf(given), turned(x)]
    const common = { ...activations, ...stepped(reverse) }
    const state = h ? { initialState: { h, c } } : {}
    const short = h ? { initialState: { h } } : {}
    const zeros = fill([x.shape[0]!, own.recurrentKernel.shape[0]!], 0, { dtype: x.dtype })
    switch (name) {
      case 'SimpleRNN':
        return simpleRnn(xs, own, { ...stepped(reverse), activation: activations.activation, ...short })
      case 'LSTM':
        return lstm(xs, own, { ...common, ...state })
      case 'GRU':
        return gru(xs, own, { ...common, ...short, resetAfter: config['reset_after'] as boolean })
      case 'RNN':
        return rnn(xs, (x, s: { h: Tensor; c: Tensor }) => lstmCell(x, s, own), {
          ...stepped(reverse),
          initialState: { h: zeros, c: zeros },
        })
      default:
        return convLstm2d(xs, own, {
          ...common,
          padding: config['padding'] as 'same',
          strides: config['strides'] as number[],
        })
    }
  }
  const listed = ({ outputs, last, state }: Sequence): Tensor[] => {
    const backwards = config['go_backwards'] === true
    const all = turned(outputs)
    // Keras has what comes from the last step first.
    const first = config['return_sequences'] === true ? (backwards ? flip(all, [1]) : all) : last
    const rest = Object.values(state as Readonly<Record<string, Tensor | Record<string, Tensor>>>)
    const states = rest.flatMap((s) => ('op' in s ? [s as Tensor] : Object.values(s)))
    return [first, ...(config['return_state'] === true ? states : [])]
  }
  switch (layer) {
    case 'GRUCell': {
      const { output, state } = gruCell(x, { h }, weightsOf(weights), { resetAfter: false })
      return [output, state.h]
    }
    case 'StackedRNNCells': {
      const cell = stackedCells(
        [weights.slice(0, 3), weights.slice(3)].map(
          (w) => (x: Tensor, s: { readonly h: Tensor }) => simpleRnnCell(x, s, weightsOf(w)),
        ),
      )
      const { output, state } = cell(x, states.map((h) => ({ h }))) // prettier-ignore
      return [output, ...state.map((s) => s.h)]
    }
    case 'Bidirectional': {
      const half = weights.length / 2
      const both = bidirectional(
        (reverse) => single(config['of'] as string, reverse ? weights.slice(half) : weights.slice(0, half), reverse),
        { mergeMode: (config['merge_mode'] as 'sum' | null) ?? 'concat' },
      )
      return config['merge_mode'] === null ? [both.forward, both.backward].flatMap(listed) : listed(both)
    }
    default:
      return listed(single(layer, weights, config['go_backwards'] === true))
  }
}

const constantOf = ({ data, shape }: Numbers): Tensor =>
  constant(Float64Array.from(data, Number), { shape: shape, dtype: 'int32' })

const TARGETS = [
  ['js', 'float64', { target: 'js' }],
  ['js', 'float32', { target: 'js' }],
  ['wasm', 'float64', { target: 'wasm', threads: 1 }],
  ['wasm', 'float32', { target: 'wasm', threads: 1 }],
] as const satisfies readonly (readonly [string, string, CompileOptions])[]

describe.each(TARGETS)('on %s in %s', (_, dtype, options) => {
  test.each(FIXTURES.map((f) => [f.id, f] as const))('%s is as in Keras, value and gradient', (_, fixture) => {
    // Ten digits, or what Keras itself keeps to in float32. Its sixth in the hard sigmoid is float32 everywhere.
    const isExact = dtype === 'float64' && fixture.config['recurrent_activation'] !== 'hard_sigmoid'
    const [relative, absolute] = isExact ? [1e-9, 1e-9] : [1e-5, 1e-6]
    const given = [...fixture.inputs, ...fixture.weights]
    const specs = Object.fromEntries(given.map(({ shape }, i) => [`p${i}`, tensor(shape as number[], dtype)]))
    const cs = Object.fromEntries(fixture.c.map(({ shape }, i) => [`c${i}`, tensor(shape as number[], dtype)]))
    const built = (timeMajor: boolean) =>
      entry({ ...specs, ...cs }, (all) => {
        const tensors = all as Readonly<Record<string, Tensor>>
        const leaves = given.map((_, i) => tensors[`p${i}`]!)
        const count = fixture.inputs.length
        const outputs = outputsOf(fixture, leaves.slice(0, count), leaves.slice(count), timeMajor)
        const cotangents = fixture.c.map((_, i) => tensors[`c${i}`]!)
        const gradients = vjp(outputs, cotangents, leaves)
        return { outputs: Object.fromEntries([...outputs, ...gradients].map((t, i) => [`r${i}`, t])) }
      })
    const isSequence = fixture.inputs[0]!.shape.length > 2
    const program = compile({ batch: built(false), ...(isSequence ? { time: built(true) } : {}) }, options)
    const filled = (n: Numbers): Data => (dtype === 'float64' ? Float64Array : Float32Array).from(n.data)
    const feeds = Object.fromEntries([
      ...given.map((n, i) => [`p${i}`, filled(n)]),
      ...fixture.c.map((n, i) => [`c${i}`, filled(n)]),
    ]) as Record<string, Data>
    const right = [...fixture.output, ...fixture.grad_inputs, ...fixture.grad_weights]
    for (const run of [program.batch, ...(program.time ? [program.time] : [])]) {
      const results = run(feeds as never) as Record<string, Data & { shape: readonly number[] }>
      expect(Object.keys(results)).toHaveLength(right.length)
      right.forEach(({ shape, data }, i) => {
        const got = results[`r${i}`]!
        expect(got.shape).toEqual(shape)
        data.forEach((v, k) => {
          expect(Math.abs(got[k]! - v), `result ${i} at ${k}: ${got[k]} for ${v}`).toBeLessThanOrEqual(relative * Math.abs(v) + absolute) // prettier-ignore
        })
      })
    }
  })
})
