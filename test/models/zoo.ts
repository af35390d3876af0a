import { input, layers, model, type AnyModel, sequential } from 'gradloom/nn'

/** A model of each kind that a config has to tell apart, with extents of its samples. */
export interface Kind {
  readonly make: () => AnyModel
  /** Of a sample of each input; whole numbers below `vocabulary` where that is given. */
  readonly inputs: readonly (readonly number[])[]
  readonly vocabulary?: number
}

const activations = { activation: 'tanh', kernelRegularizer: 'l2' } as const

function twoWays(): AnyModel {
  const a = input({ shape: [4], name: 'left' })
  const b = input({ shape: [4], name: 'right' })
  const shared = layers.dense({ units: 3, ...activations, name: 'shared' })
  const [p, q] = [shared(a), shared(b)]
  const joined = layers.concatenate()([p, q])
  const sum = layers.add()([p, q])
  const one = layers.dense({ units: 2, activation: { className: 'leakyRelu', config: { negativeSlope: 0.1 } } })(joined)
  const two = layers.dense({ units: 1, kernelConstraint: 'nonNeg' })(layers.batchNormalization()(sum))
  return model({ inputs: [a, b], outputs: [one, two], name: 'two_ways', seed: 5 })
}

function nested(): AnyModel {
  const block = sequential(
    [layers.dense({ units: 4, ...activations, inputShape: [4] }), layers.batchNormalization({ momentum: 0.5 })],
    { name: 'block' },
  )
  const x = input({ shape: [4] })
  const inner = input({ shape: [4] })
  const split = model({
    inputs: inner,
    outputs: [layers.dense({ units: 2 })(inner), layers.dense({ units: 2 })(inner)],
  })
  const [left, right] = split(block(block(x)))
  return model({ inputs: x, outputs: layers.multiply()([left!, right!]) })
}

function masked(): AnyModel {
  const words = input({ shape: [5], dtype: 'int32', name: 'words' })
  const vectors = layers.embedding({ inputDim: 7, outputDim: 3, maskZero: true })(words)
  const [all, last] = layers.lstm({ units: 3, returnSequences: true, returnState: true })(vectors)
  const [own] = layers.gru({ units: 3, returnState: true })(all!, { initialState: [last!] })
  const blind = layers.simpleRNN({ units: 2 })(vectors, { mask: null, training: true })
  return model({ inputs: words, outputs: layers.dense({ units: 2 })(layers.concatenate()([own!, blind])) })
}

function frozen(): AnyModel {
  const base = sequential([layers.dense({ units: 4, inputShape: [4] }), layers.batchNormalization()], { name: 'base' })
  base.trainable = false
  const net = sequential([base, layers.dense({ units: 2 }), layers.dense({ units: 1, trainable: false })])
  return net
}

function repeated(): AnyModel {
  const again = layers.dense({ units: 4, activation: 'relu' })
  return sequential([input({ shape: [4], name: 'start' }), again, layers.layerNormalization(), again])
}

export const KINDS: Readonly<Record<string, Kind>> = {
  'a stack': {
    make: () => sequential([layers.dense({ units: 5, ...activations, inputShape: [4] }), layers.dense({ units: 2 })]),
    inputs: [[4]],
  },
  'a layer in two places of a stack': { make: repeated, inputs: [[4]] },
  'open extents': {
    make: () => sequential([input({ shape: [null, 3] }), layers.dense({ units: 2 }), layers.layerNormalization()]),
    inputs: [[6, 3]],
  },
  'several inputs, outputs and a shared layer': { make: twoWays, inputs: [[4], [4]] },
  'models in a model': { make: nested, inputs: [[4]] },
  'options of calls': { make: masked, inputs: [[5]], vocabulary: 7 },
  'cells in a layer': {
    make: () =>
      sequential([
        input({ shape: [4, 3] }),
        layers.rnn({
          cell: layers.stackedRNNCells({ cells: [layers.lstmCell({ units: 2 }), layers.gruCell({ units: 3 })] }),
        }),
      ]),
    inputs: [[4, 3]],
  },
  'a model in a wrapper': {
    make: () =>
      sequential([
        input({ shape: [4, 3] }),
        layers.timeDistributed({
          layer: sequential([layers.dense({ units: 3, ...activations, inputShape: [3] }), layers.batchNormalization()]),
        }),
        layers.bidirectional({ layer: layers.gru({ units: 2 }) }),
      ]),
    inputs: [[4, 3]],
  },
  'frozen parts': { make: frozen, inputs: [[4]] },
}

/** Numbers that look random and are the same every time. */
export function numbers(count: number, seed: number): Float32Array {
  let state = seed * 2654435761 + 1
  return Float32Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 31 - 1
  })
}

const shaped = <D extends Float32Array | Int32Array>(data: D, shape: readonly number[]): D =>
  Object.defineProperty(data, 'shape', { value: shape })

export function samplesOf({ inputs, vocabulary }: Kind, count: number): (Float32Array | Int32Array)[] {
  return inputs.map((extents, i) => {
    const shape = [count, ...extents]
    const values = numbers(
      shape.reduce((a, b) => a * b),
      i + 1,
    )
    if (vocabulary === undefined) return shaped(values, shape)
    return shaped(
      Int32Array.from(values, (v) => Math.floor((v / 2 + 0.5) * vocabulary)),
      shape,
    )
  })
}

/** Targets for every output of a model, of the shapes that it predicts. */
export async function targetsFor(net: AnyModel, x: readonly (Float32Array | Int32Array)[]): Promise<Float32Array[]> {
  const found = await net.predict(x)
  const list = (Array.isArray(found) ? found : [found]) as { length: number; shape: readonly number[] }[]
  return list.map((y, i) => shaped(numbers(y.length, 50 + i), y.shape))
}
