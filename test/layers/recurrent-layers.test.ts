import { compile, concat, entry, GraphError, slice, tensor } from 'gradloom'
import { forward, input, type Layer, layers, type Symbolic } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import type { AnyLayer } from '../../src/layers/layer'
import { expectFault } from '../fault'
import { built, checkLayer, type LayerCase, type Target, TARGETS, valuesOf, wave } from './layer-cases'

const { bidirectional, gru, gruCell, lstm, lstmCell, rnn, simpleRNN, simpleRNNCell, stackedRNNCells, timeDistributed } =
  layers
const [T, F, H] = [3, 2, 2]
const whole = { returnSequences: true } as const
const sequence = [null, null, F] as const

const CASES: Readonly<Record<string, LayerCase>> = {
  'simple RNN': { make: () => simpleRNN({ units: H, ...whole, activation: null }), inputs: [sequence] },
  LSTM: { make: () => lstm({ units: H, ...whole, returnState: true, useBias: false }), inputs: [sequence] },
  'LSTM backwards': { make: () => lstm({ units: H, goBackwards: true, activation: 'softsign' }), inputs: [sequence] },
  GRU: { make: () => gru({ units: H, ...whole, returnState: true, resetAfter: false }), inputs: [sequence] },
  'RNN of a stack': {
    make: () => rnn({ cell: stackedRNNCells({ cells: [gruCell({ units: 3 }), lstmCell({ units: H }), simpleRNNCell({ units: 2 })] }), returnState: true }), // prettier-ignore
    inputs: [sequence],
  },
  'two directions': {
    make: () => bidirectional({ layer: gru({ units: H, ...whole, returnState: true }) }),
    inputs: [sequence],
  },
  'two directions of two kinds, apart': {
    make: () => bidirectional({ layer: lstm({ units: H }), backwardLayer: gru({ units: 3, goBackwards: true }), mergeMode: null }), // prettier-ignore
    inputs: [sequence],
  },
  'a layer for each step': {
    make: () => timeDistributed({ layer: layers.dense({ units: 3, activation: 'tanh' }) }),
    inputs: [[null, null, 2, F]],
  },
  'convolutional LSTM over lines': {
    make: () => layers.convLstm1d({ filters: 2, kernelSize: 2, strides: 2, dataFormat: 'channelsFirst', ...whole }),
    inputs: [[null, 2, 1, 4]],
  },
  'convolutional LSTM over images': {
    make: () => layers.convLstm2d({ filters: 1, kernelSize: [2, 1], dilationRate: [1, 2], padding: 'same', goBackwards: true, returnState: true }), // prettier-ignore
    inputs: [[null, 2, 3, 3, 1]],
  },
  'convolutional LSTM over volumes': {
    make: () => layers.convLstm3d({ filters: 1, kernelSize: 2, useBias: false }),
    inputs: [[null, 2, 2, 2, 3, 1]],
  },
  'a cell by itself': { make: () => layers.convLstm2dCell({ filters: 1, kernelSize: 2 }), inputs: [[null, 3, 3, 1]] },
}

/** A batch of sequences. */
const x = wave(2 * T * F, 1.3)
const run = (target: Target, make: () => AnyLayer, mask?: readonly number[]) =>
  mask
    ? valuesOf(target, { make, inputs: [[null, T, F]] }, [x], ([m]) => ({ mask: m! }), [{ shape: [2, T], data: mask }])
    : valuesOf(target, { make, inputs: [[null, T, F]] }, [x])
const rows = (values: readonly number[], size: number): number[][] =>
  Array.from({ length: values.length / size }, (_, i) => values.slice(i * size, (i + 1) * size))
const close = (got: readonly number[], wanted: readonly number[]): void => {
  expect(got.length).toBe(wanted.length)
  wanted.forEach((w, i) => expect(got[i], `at ${i}`).toBeCloseTo(w, 10))
}

describe.each(TARGETS)('recurrent layers on %s', (target) => {
  it.each(Object.entries(CASES))('%s: shape, config, gradients', (_, layerCase) => {
    checkLayer(target, layerCase)
  })

  it.each([
    ['SimpleRNN', (o: object) => simpleRNN({ units: H, ...o }), () => simpleRNNCell({ units: H })],
    ['LSTM', (o: object) => lstm({ units: H, ...o }), () => lstmCell({ units: H })],
    ['GRU', (o: object) => gru({ units: H, ...o }), () => gruCell({ units: H })],
  ] as const)('%s is RNN of its cell, and its last output that of the whole', (_, layer, cell) => {
    const all = run(target, () => layer(whole)).outputs[0]!
    close(run(target, () => rnn({ cell: cell(), ...whole })).outputs[0]!, all)
    const steps = rows(all, H)
    close(run(target, () => layer({})).outputs[0]!, [T - 1, 2 * T - 1].flatMap((i) => steps[i]!)) // prettier-ignore
    // Unrolling and cuDNN are ways to the same.
    close(run(target, () => layer({ ...whole, unroll: true, useCudnn: false })).outputs[0]!, all)
    const halves = layer({ ...whole, returnState: true }) as unknown as Layer<true>
    built({ make: () => halves, inputs: [[null, T, F]] })
    const net = compile(
      entry({ x: tensor([2, T, F], 'float64') }, ({ x }) => {
        const [first, ...states] = halves(slice(x, [{}, { end: 1 }]))
        const [second] = halves(slice(x, [{}, { start: 1 }]), { initialState: states })
        return { outputs: { y: concat([first!, second!], { axis: 1 }) } }
      }),
      { target },
    )
    close([...(net({ x }) as { y: Float64Array }).y], all)
    net.dispose()
  })

  it('a masked step repeats the output, or gives zeros, and the mask goes on with sequences', () => {
    const mask = [1, 0, 1, 0, 1, 0]
    const kept = rows(run(target, () => lstm({ units: H, ...whole }), mask).outputs[0]!, H)
    const zeroed = rows(run(target, () => lstm({ units: H, ...whole, zeroOutputForMask: true }), mask).outputs[0]!, H)
    const last = rows(run(target, () => lstm({ units: H }), mask).outputs[0]!, H)
    expect(kept[1]).toEqual(kept[0])
    expect(kept[3]).toEqual([0, 0])
    expect(kept[5]).toEqual(kept[4])
    expect(last).toEqual([kept[2], kept[5]])
    mask.forEach((m, i) => expect(zeroed[i]).toEqual(m ? kept[i] : [0, 0]))
  })

  it('two directions are two layers, outputs at the place of their step', () => {
    const mask = [1, 1, 0, 1, 0, 0]
    const make = () => bidirectional({ layer: gru({ units: H, ...whole }), mergeMode: null })
    const { layer, outputs } = run(target, make, mask)
    const halves = [layer.getWeights().slice(0, 3), layer.getWeights().slice(3)]
    const one = (goBackwards: boolean, weights: readonly ArrayLike<number>[]): number[][] => {
      const single = gru({ units: H, ...whole, goBackwards, zeroOutputForMask: true })
      const net = compile(
        entry({ x: tensor([2, T, F], 'float64'), m: tensor([2, T], 'bool') }, ({ x, m }) => ({
          outputs: { y: single(x, { mask: m }) },
        })),
        { target },
      )
      single.weights.forEach((w, i) => net.state.set(w.variable!, weights[i] as never))
      const y = rows([...(net({ x, m: Uint8Array.from(mask) }).y as Float64Array)], H)
      net.dispose()
      return goBackwards ? [...y.slice(0, T).reverse(), ...y.slice(T).reverse()] : y
    }
    close(outputs[0]!, one(false, halves[0]!).flat())
    close(outputs[1]!, one(true, halves[1]!).flat())
    for (const [mergeMode, merge] of Object.entries({
      concat: (a: number[], b: number[]) => [...a, ...b],
      sum: (a: number[], b: number[]) => a.map((v, i) => v + b[i]!),
      mul: (a: number[], b: number[]) => a.map((v, i) => v * b[i]!),
      ave: (a: number[], b: number[]) => a.map((v, i) => (v + b[i]!) / 2),
    })) {
      const merged = run(target, () => bidirectional({ layer: gru({ units: H, ...whole }), mergeMode: mergeMode as 'sum' }), mask) // prettier-ignore
      const [there, back] = [rows(outputs[0]!, H), rows(outputs[1]!, H)]
      close(merged.outputs[0]!, there.flatMap((row, i) => merge(row, back[i]!))) // prettier-ignore
    }
  })

  it('a stateful layer goes on where it ended, in prediction too, until it is reset', () => {
    const inputs = [[2, T, F]] as const
    const { layer } = built({ make: () => lstm({ units: H, ...whole, stateful: true }), inputs })
    const twice = built({ make: () => lstm({ units: H, ...whole }), inputs: [[2, 2 * T, F]] })
    twice.layer.setWeights(layer.getWeights().slice(2))
    layer.setWeights([...Array.from({ length: 2 }, () => new Float64Array(2 * H)), ...layer.getWeights().slice(2)])
    const net = compile(
      {
        part: entry({ x: tensor([2, T, F], 'float64') }, ({ x }) => {
          const { result, updates } = forward({}, () => layer(x) as never)
          return { outputs: { y: result }, updates }
        }),
        whole: entry({ x: tensor([2, 2 * T, F], 'float64') }, ({ x }) => ({
          outputs: { y: twice.layer(x) as never },
        })),
      },
      { target },
    )
    const doubled = [...rows([...x], T * F)].flatMap((row) => [...row, ...row])
    const all = rows([...(net.whole({ x: Float64Array.from(doubled) }) as { y: Float64Array }).y], T * H)
    const part = (): number[] => [...(net.part({ x }) as { y: Float64Array }).y]
    close(part(), [...all[0]!, ...all[2]!])
    close(part(), [...all[1]!, ...all[3]!])
    // As a model does for the weights of its layers.
    for (const w of layer.weights.slice(0, 2))
      w.home = {
        get: (weight) => net.state.get(weight.variable!),
        set: (weight, value) => net.state.set(weight.variable!, value as never),
      }
    ;(layer as unknown as { resetStates(): void }).resetStates()
    close(part(), [...all[0]!, ...all[2]!])
    net.dispose()
  })

  it('what is dropped is the same at all steps, and nothing is in prediction', () => {
    const make = () =>
      simpleRNN({ units: 8, ...whole, activation: 'linear', useBias: false, dropout: 0.5, recurrentDropout: 0 })
    const layerCase: LayerCase = { make, inputs: [[null, T, 8]] }
    const { layer } = built(layerCase)
    const identity = Float64Array.from({ length: 64 }, (_, i) => Number(i % 9 === 0))
    layer.setWeights([identity, new Float64Array(64)])
    const net = compile(
      entry({ x: tensor([2, T, 8], 'float64') }, ({ x }) => {
        const { result } = forward({ training: true }, () => layer(x) as never)
        return { outputs: { y: result, still: layer(x) as never } }
      }),
      { target },
    )
    const ones = new Float64Array(2 * T * 8).fill(1)
    const { y, still } = net({ x: ones }) as unknown as Record<'y' | 'still', Float64Array>
    expect([...still]).toEqual([...ones])
    const [first, second] = rows([...y], T * 8).map((row) => rows(row, 8)) as [number[][], number[][]]
    for (const sample of [first, second]) for (const step of sample) expect(step).toEqual(sample[0])
    const values = new Set([...first[0]!, ...second[0]!])
    expect([...values].sort()).toEqual([0, 2])
    net.dispose()
  })

  it.each([
    ['LSTM', (o: object) => lstm({ units: 4, ...o })],
    ['GRU', (o: object) => gru({ units: 4, ...o })],
    ['GRU that resets before', (o: object) => gru({ units: 4, resetAfter: false, ...o })],
    ['ConvLSTM1D', (o: object) => layers.convLstm1d({ filters: 4, kernelSize: 1, ...o })],
  ] as const)('%s drops its state in training only', (_, make) => {
    const isConv = make({}).className.startsWith('Conv')
    const inputs = [isConv ? [null, T, 2, 1] : [null, T, F]] as const
    const at = (o: object, training: boolean) => valuesOf(target, { make: () => make(o), inputs }, [x], () => ({ training })).outputs[0]! // prettier-ignore
    const plain = at({}, true)
    expect(at({ dropout: 0.4, recurrentDropout: 0.4 }, false)).toEqual(plain)
    // Frozen layers drop, too: what is frozen are weights.
    for (const o of [{ dropout: 0.4 }, { recurrentDropout: 0.4 }, { dropout: 0.4, trainable: false }]) {
      const dropped = at(o, true)
      expect(dropped.every(Number.isFinite)).toBe(true)
      expect(dropped).not.toEqual(plain)
    }
  })

  it('a layer for each step is that layer on all steps, and takes the mask of steps on', () => {
    const net = compile(
      entry({ x: tensor([2, T, F], 'float64'), m: tensor([2, T], 'bool') }, ({ x, m }) => {
        const inner = layers.dense({ units: 3 })
        const wrapped = timeDistributed({ layer: inner })
        const masked = layers.lstm({ units: 2, ...whole, zeroOutputForMask: true })
        const y = wrapped(x, { mask: m })
        return { outputs: { y, direct: inner(x), z: masked(y), right: masked(inner(x), { mask: m }) } }
      }),
      { target },
    )
    const { y, direct, z, right } = net({ x, m: Uint8Array.of(1, 1, 0, 1, 0, 0) }) as unknown as Record<
      string,
      number[]
    >
    close([...y!], [...direct!])
    close([...z!], [...right!])
    expect([...z!].slice(2 * H, 3 * H)).toEqual([0, 0])
    net.dispose()
  })
})

describe('what recurrent layers refuse', () => {
  const on = (layer: AnyLayer, shape: readonly (number | null)[]) => (): unknown =>
    (layer as (x: Symbolic) => unknown)(input({ batchShape: shape }))
  const back = gru({ units: 2, goBackwards: true, ...whole })
  const BAD: readonly (readonly [string, () => unknown, readonly string[]])[] = [
    ['a state of an open batch', on(lstm({ units: 2, stateful: true }), [null, 3, 2]), ['stateful', 'batchShape']],
    ['inputs without steps', on(gru({ units: 2 }), [null, 3]), ['GRU', '[batch, steps, ...features]']],
    ['no units', () => lstm({} as never), ['LSTM: units is missing']],
    ['an unknown option', () => lstm({ units: 2, timeMajor: true } as never), ['unknown option "timeMajor"']],
    ['a rate of 1', () => gru({ units: 2, dropout: 1 }), ['GRU: dropout']],
    ['a cell that is none', () => rnn({ cell: layers.dense({ units: 2 }) }), ['RNN: cell must be a cell', 'Dense']],
    ['no cells', () => stackedRNNCells({ cells: [] }), ['StackedRNNCells: cells must be a list of layers']],
    ['a stack of no cell', () => stackedRNNCells({ cells: [gru({ units: 2 })] }), ['cells[0] must be a cell']],
    ['two directions of no recurrent layer', () => bidirectional({ layer: layers.dense({ units: 2 }) }), ['recurrent layer', 'Dense']],
    ['one direction twice', () => bidirectional({ layer: back, backwardLayer: back }), ['goBackwards', 'must differ']],
    ['directions that give other things', () => bidirectional({ layer: lstm({ units: 2 }), backwardLayer: back }), ['returnSequences']],
    ['a merge that is none', () => bidirectional({ layer: back, mergeMode: 'max' as never }), ['mergeMode', "'concat'"]],
    ['sums of other widths', on(bidirectional({ layer: lstm({ units: 2 }), backwardLayer: gru({ units: 3, goBackwards: true }), mergeMode: 'sum' }), [null, 3, 2]), ["'sum' does not join"]],
    ['steps of no extent', on(timeDistributed({ layer: layers.dense({ units: 2 }) }), [null, 3]), ['TimeDistributed', '[batch, steps, ...]']],
    ['images for lines', on(layers.convLstm1d({ filters: 2, kernelSize: 2 }), [null, 3, 4, 4, 1]), ['ConvLSTM1DCell', '3 dimensions']],
    ['windows that do not fit', on(layers.convLstm2d({ filters: 2, kernelSize: 5 }), [null, 3, 4, 4, 1]), ['conv2d']],
  ] // prettier-ignore
  it.each(BAD)('%s', (_, build, parts) => {
    expectFault(build, GraphError, ...parts)
  })
})
