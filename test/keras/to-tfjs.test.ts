import { GraphError } from 'gradloom'
import { loadLayersModel, saveLayersModel } from 'gradloom/keras'
import { type AnyModel, input, type Layer, layers as L, model, sequential, type Symbolic } from 'gradloom/nn'
import { describe, expect, it } from 'vitest'
import { expectClose } from './close'
import { tf, values } from './tfjs'

const oldSigmoid = { className: 'hardSigmoid', config: { slope: 0.2 } }
const PARTS = {
  kernelInitializer: { className: 'LecunNormal' },
  kernelRegularizer: { className: 'L2', config: { l2: 0.01 } },
  kernelConstraint: { className: 'MaxNorm', config: { maxValue: 3 } },
} as const

const ZOO: Readonly<Record<string, () => AnyModel>> = {
  dense: () =>
    sequential([
      L.dense({ units: 5, activation: 'relu', inputShape: [4], ...PARTS }),
      L.batchNormalization(),
      L.dropout({ rate: 0.3 }),
      L.dense({ units: 6, activation: oldSigmoid }),
      L.dense({ units: 3, activation: 'softmax', useBias: false }),
    ]),
  'convolutional net': () =>
    sequential([
      L.zeroPadding2d({ padding: [[1, 0], [0, 1]], inputShape: [8, 8, 2] }), // prettier-ignore
      L.conv2d({ filters: 3, kernelSize: 3, padding: 'same', activation: 'silu' }),
      L.depthwiseConv2d({ kernelSize: 2, depthMultiplier: 2 }),
      L.separableConv2d({ filters: 4, kernelSize: 2 }),
      L.reLU({ maxValue: 6 }),
      L.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
      L.maxPooling2d({ poolSize: 2 }),
      L.upSampling2d({ size: 2 }),
      L.cropping2d({ cropping: 1 }),
      L.averagePooling2d({ poolSize: 2, strides: 1 }),
      L.flatten(),
      L.dense({ units: 2, activation: 'tanh' }),
    ]),
  'one dimension': () =>
    sequential([
      L.conv1d({ filters: 3, kernelSize: 2, strides: 2, inputShape: [12, 2] }),
      L.layerNormalization(),
      L.leakyReLU({ negativeSlope: 0.1 }),
      L.pReLU({ sharedAxes: [1] }),
      L.maxPooling1d({ poolSize: 2 }),
      L.permute({ dims: [2, 1] }),
      L.reshape({ targetShape: [9] }),
      L.repeatVector({ n: 2 }),
      L.globalAveragePooling1d(),
    ]),
  recurrent: () => {
    const x = input({ shape: [5, 3], name: 'steps' })
    const gru = L.gru({ units: 4, resetAfter: false, returnSequences: true })(x)
    const both = L.bidirectional({ layer: L.lstm({ units: 3, returnSequences: true }) })(gru)
    const each = L.timeDistributed({ layer: L.dense({ units: 3 }) })(both)
    const cells = L.rnn({
      cell: L.stackedRNNCells({ cells: [L.lstmCell({ units: 2 }), L.simpleRNNCell({ units: 3 })] }),
    })
    return model({
      inputs: x,
      outputs: [cells(each), L.simpleRNN({ units: 2 })(gru)],
    })
  },
  'first states': () => {
    const x = input({ shape: [5, 3], name: 'x' })
    const [h, c] = [input({ shape: [4], name: 'h' }), input({ shape: [4], name: 'c' })]
    const [y, , last] = L.lstm({ units: 4, returnState: true, recurrentActivation: oldSigmoid })(x, {
      initialState: [h, c],
    })
    return model({ inputs: [x, h, c], outputs: L.concatenate()([y!, last!]) })
  },
  embedding: () =>
    sequential([
      L.embedding({ inputDim: 6, outputDim: 4, inputShape: [5] }),
      L.lstm({ units: 3 }),
      L.dense({ units: 1 }),
    ]),
  'shared layers': () => {
    const [a, b] = [input({ shape: [4], name: 'a' }), input({ shape: [4], name: 'b' })]
    const shared = L.dense({ units: 4, activation: 'elu', name: 'shared' })
    const [x, y] = [shared(a), shared(b)]
    const merged = [L.add(), L.multiply(), L.average(), L.maximum(), L.minimum()].map((layer): Symbolic =>
      layer([x, y]),
    )
    return model({ inputs: [a, b], outputs: [...merged, L.dot({ axes: -1 })([x, shared(y)])] })
  },
  'models in models': () => {
    const inner = () => sequential([L.dense({ units: 3, inputShape: [4], name: 'd' }), L.batchNormalization()])
    const x = input({ shape: [4] })
    const [one, two] = [inner(), inner()]
    const outputs: Symbolic[] = [one(x), L.add()([one(L.dense({ units: 4 })(x)), two(x)])]
    return model({ inputs: x, outputs })
  },
}

type Feed = { readonly shape: number[]; readonly data: number[] }
const tensorOf = ({ shape, data }: Feed): tf.Tensor => tf.tensor(data, shape)

async function predicted(net: AnyModel, feeds: readonly Feed[]): Promise<ArrayLike<number>[]> {
  const x = feeds.map((feed) => tensorOf(feed).arraySync())
  const y = await net.predict((x.length === 1 ? x[0] : x) as never)
  return (net.outputs.length === 1 ? [y] : y) as unknown as ArrayLike<number>[]
}

describe('models trained here', () => {
  it.each(Object.entries(ZOO))('%s predicts the same in TensorFlow.js, and back', async (_, make) => {
    const net = make()
    const feeds = net.inputs.map((x, i): Feed => {
      const shape = x.shape.map((d) => d ?? 6)
      const drawn = values(shape.reduce((a, b) => a * b, 1), i + 1) // prettier-ignore
      return { shape, data: x.dtype === 'int32' ? drawn.map((v) => Math.floor(Math.abs(v) * 5.99)) : drawn }
    })
    net.compile({ optimizer: 'adam', loss: net.outputs.map(() => 'mse') })
    const first = await predicted(net, feeds)
    const x = feeds.map((feed) => tensorOf(feed).arraySync())
    const y = net.outputs.map((o, i) => tf.tensor([...Array.from(first[i]!)].map((v) => 1 - v), o.shape.map((d) => d ?? 6)).arraySync()) // prettier-ignore
    await net.fit((x.length === 1 ? x[0] : x) as never, (y.length === 1 ? y[0] : y) as never, { epochs: 2 })
    const wanted = await predicted(net, feeds)

    const { modelJson, weights } = saveLayersModel(net)
    const { modelTopology, weightsManifest } = JSON.parse(JSON.stringify(modelJson)) as {
      modelTopology: object
      weightsManifest: { weights: tf.io.WeightsManifestEntry[] }[]
    }
    const theirs = await tf.loadLayersModel(
      tf.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0]!.weights, weightData: weights.buffer }),
    )
    const got = theirs.predict(feeds.map(tensorOf))
    const list = Array.isArray(got) ? got : [got]
    wanted.forEach((w, i) => expectClose(`output ${i} there`, list[i]!.dataSync(), w, 1e-5, 1e-5))

    const { model: back, report } = await loadLayersModel(JSON.stringify(modelJson), [weights])
    expect(report.notes).toEqual([])
    const again = await predicted(back, feeds)
    wanted.forEach((w, i) => expectClose(`output ${i} again`, again[i]!, w, 1e-6, 1e-6))
  })
})

describe('what TensorFlow.js does not have', () => {
  const stack = (layer: Layer, shape: number[], dtype: 'float32' | 'float64' = 'float32'): AnyModel =>
    sequential([input({ shape, dtype }), layer])
  it.each([
    [
      'layer',
      () => stack(L.groupNormalization({ groups: 1, name: 'own' }), [4]),
      /layer "own" \(GroupNormalization\): TensorFlow.js has no layer/,
    ],
    [
      'option',
      () => stack(L.conv2d({ filters: 2, kernelSize: 1, groups: 2, name: 'own' }), [4, 4, 2]),
      /"own" \(Conv2D\): TensorFlow.js has no groups/,
    ],
    [
      'activation',
      () => stack(L.dense({ units: 1, activation: 'hardSigmoid', name: 'own' }), [4]),
      /"own" \(Dense\): TensorFlow.js has no activation "hardSigmoid"; its own is/,
    ],
    [
      'value',
      () => stack(L.gru({ units: 1, name: 'own' }), [4, 1]),
      /"own" \(GRU\): TensorFlow.js has no resetAfter: true; make it with/,
    ],
    [
      'regularizer',
      () => stack(L.dense({ units: 1, kernelRegularizer: { className: 'OrthogonalRegularizer' }, name: 'own' }), [4]),
      /"own" \(Dense\): TensorFlow.js has no regularizer/,
    ],
    [
      'dtype',
      () => stack(L.dense({ units: 1, dtype: 'float64', name: 'own' }), [4], 'float64'),
      /"own" \(Dense\): TensorFlow.js has no float64/,
    ],
    [
      'dilation of depthwise windows',
      () => stack(L.depthwiseConv2d({ kernelSize: 2, dilationRate: 2, name: 'own' }), [8, 8, 2]),
      /"own" \(DepthwiseConv2D\): TensorFlow.js has no dilationRate/,
    ],
    [
      'channels of a sequence',
      () => stack(L.conv1d({ filters: 2, kernelSize: 2, dataFormat: 'channelsFirst', name: 'own' }), [2, 8]),
      /"own" \(Conv1D\): TensorFlow.js has no dataFormat: "channelsFirst"/,
    ],
    [
      'channels of separable windows',
      () =>
        stack(L.separableConv2d({ filters: 2, kernelSize: 2, dataFormat: 'channelsFirst', name: 'own' }), [2, 8, 8]),
      /"own" \(SeparableConv2D\): TensorFlow.js has no dataFormat/,
    ],
    [
      'places of elements',
      () => stack(L.upSampling2d({ interpolation: 'bilinear', name: 'own' }), [2, 2, 1]),
      /"own" \(UpSampling2D\): TensorFlow.js has no interpolation: "bilinear"/,
    ],
    ['unknown shape', () => sequential([L.dense({ units: 1 })], { name: 'own' }), /"own" .*what samples look like/],
    ['function', () => stack(L.dense({ units: 1, activation: (x) => x, name: 'own' }), [4]), /"own"/],
  ] as const)('is an error that names the layer: %s', (_, make, message) => {
    expect(() => saveLayersModel(make())).toThrow(GraphError)
    expect(() => saveLayersModel(make())).toThrow(message)
  })
})
