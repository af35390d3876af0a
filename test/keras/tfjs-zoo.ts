import { tf } from './tfjs'

const { layers: L } = tf
type Layer = tf.layers.Layer

/** A stack; the first layer says what samples look like. */
const stack = (...layers: Layer[]): tf.LayersModel => tf.sequential({ layers })
const functional = (inputs: tf.SymbolicTensor[], outputs: unknown[]): tf.LayersModel =>
  tf.model({ inputs, outputs: outputs as tf.SymbolicTensor[] })

/** Models with every kind of layer that TensorFlow.js has and that keeps its meaning outside of it. */
export const ZOO: Readonly<Record<string, () => tf.LayersModel>> = {
  dense: () =>
    stack(
      L.dense({ units: 5, inputShape: [4], activation: 'relu', kernelRegularizer: tf.regularizers.l2({ l2: 0.1 }) }),
      L.dense({ units: 3, activation: 'softmax', kernelConstraint: 'maxNorm', kernelInitializer: 'heNormal' }),
    ),
  activations: () => {
    const x = tf.input({ shape: [6] })
    const names = [
      ...([
        'elu',
        'selu',
        'relu',
        'relu6',
        'linear',
        'sigmoid',
        'hardSigmoid',
        'softplus',
        'softsign',
        'tanh',
      ] as const),
      ...(['softmax', 'logSoftmax', 'swish', 'mish', 'gelu', 'gelu_new'] as const),
    ]
    return functional([x], [...names.map((activation) => L.activation({ activation: activation as 'elu' }).apply(x))])
  },
  'activation layers': () =>
    stack(
      L.leakyReLU({ alpha: 0.1, inputShape: [3, 4] }),
      L.elu(),
      L.prelu({ sharedAxes: [1] }),
      L.reLU({ maxValue: 0.5 }),
      L.thresholdedReLU({ theta: 0.1 }),
      L.softmax({ axis: -1 }),
    ),
  'convolutions in two dimensions': () =>
    stack(
      L.zeroPadding2d({ padding: [[1, 2], [0, 1]], inputShape: [8, 9, 2] }), // prettier-ignore
      L.conv2d({ filters: 3, kernelSize: [3, 2], strides: 2, padding: 'same', activation: 'relu' }),
      L.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, padding: 'same' }),
      L.batchNormalization(),
      L.separableConv2d({ filters: 4, kernelSize: 2, padding: 'valid' }),
      L.upSampling2d({ size: [2, 3] }),
      L.conv2dTranspose({ filters: 2, kernelSize: 3, strides: 2, padding: 'same' }),
      L.cropping2D({ cropping: [[1, 2], [0, 1]] }), // prettier-ignore
      L.maxPooling2d({ poolSize: 2 }),
      L.averagePooling2d({ poolSize: [2, 1], padding: 'same' }),
      L.conv2d({ filters: 2, kernelSize: 2, dilationRate: 2, useBias: false }),
      L.globalAveragePooling2d({}),
    ),
  'convolutions in one dimension': () =>
    stack(
      L.conv1d({ filters: 3, kernelSize: 2, padding: 'same', inputShape: [9, 2] }),
      L.maxPooling1d({ poolSize: 2 }),
      L.averagePooling1d({ poolSize: 2, strides: 1 }),
      L.layerNormalization(),
      L.dropout({ rate: 0.2 }),
      L.gaussianNoise({ stddev: 1 }),
      L.gaussianDropout({ rate: 0.2 }),
      L.alphaDropout({ rate: 0.2 }),
      L.globalMaxPooling1d(),
      L.repeatVector({ n: 2 }),
      L.spatialDropout1d({ rate: 0.1 }),
      L.permute({ dims: [2, 1] }),
      L.reshape({ targetShape: [3, 2, 1] }),
      L.flatten(),
      L.dense({ units: 2 }),
    ),
  'convolutions in three dimensions': () =>
    stack(
      L.conv3d({ filters: 3, kernelSize: 2, inputShape: [4, 5, 6, 2] }),
      L.maxPooling3d({ poolSize: [1, 2, 2] }),
      L.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2 }),
      L.averagePooling3d({ poolSize: 2 }),
      L.flatten(),
    ),
  recurrent: () => {
    const x = tf.input({ shape: [5, 3] })
    const options = { units: 4, returnSequences: true }
    return functional(
      [x],
      [
        L.simpleRNN(options).apply(x),
        L.lstm(options).apply(x),
        L.gru(options).apply(x),
        L.gru({ units: 2, recurrentActivation: 'sigmoid', goBackwards: true }).apply(x),
        L.bidirectional({ layer: L.lstm(options), mergeMode: 'concat' }).apply(x),
        L.bidirectional({ layer: L.gru({ units: 2 }), mergeMode: 'ave' }).apply(x),
        L.timeDistributed({ layer: L.dense({ units: 2 }) }).apply(x),
        L.rnn({ cell: [L.lstmCell({ units: 2 }), L.gruCell({ units: 3 })] as never }).apply(x),
        L.rnn({ cell: L.simpleRNNCell({ units: 2 }), returnSequences: true }).apply(x),
      ],
    )
  },
  'first states': () => {
    const x = tf.input({ shape: [5, 3] })
    const [h, c] = [tf.input({ shape: [4] }), tf.input({ shape: [4] })]
    const lstm = L.lstm({ units: 4, returnState: true })
    const [y, h2, c2] = lstm.apply(x, { initialState: [h, c] }) as tf.SymbolicTensor[]
    return functional([x, h, c], [y, L.add().apply([h2!, c2!])])
  },
  'embedding without a mask': () =>
    stack(L.embedding({ inputDim: 5, outputDim: 3, inputLength: 4 }), L.gru({ units: 2 }), L.dense({ units: 1 })),
  'embedding with a mask': () =>
    stack(
      L.embedding({ inputDim: 5, outputDim: 3, inputLength: 4, maskZero: true }),
      L.lstm({ units: 2, returnSequences: true }),
      L.gru({ units: 2 }),
    ),
  masking: () => stack(L.masking({ maskValue: 0, inputShape: [4, 1] }), L.simpleRNN({ units: 2 })),
  'shared layers and merges': () => {
    const [x, y] = [tf.input({ shape: [5, 4], name: 'left' }), tf.input({ shape: [5, 4] })]
    const d = L.dense({ units: 4 })
    const [a, b] = [d.apply(x), d.apply(y)] as tf.SymbolicTensor[]
    const merged = [L.add(), L.multiply(), L.average(), L.maximum(), L.minimum()].map((l) => l.apply([a!, b!]))
    return functional(
      [x, y],
      [
        ...merged,
        L.concatenate({ axis: 1 }).apply([a!, b!]),
        L.dot({ axes: -1, normalize: true }).apply([a!, b!]),
        d.apply(b!),
      ],
    )
  },
  'models in models': () => {
    const inner = tf.sequential({ layers: [L.dense({ units: 3, inputShape: [4] }), L.batchNormalization()] })
    const x = tf.input({ shape: [4] })
    const deep = tf.input({ shape: [3] })
    const other = tf.sequential({ layers: [L.dense({ units: 4, inputShape: [3] }), L.batchNormalization()] })
    const around = tf.model({ inputs: deep, outputs: other.apply(deep) as tf.SymbolicTensor })
    return functional([x], [around.apply(inner.apply(x)), inner.apply(L.dense({ units: 4 }).apply(x))])
  },
  'a stack of models': () =>
    stack(stack(L.dense({ units: 3, inputShape: [4] }), L.batchNormalization()), L.dense({ units: 2 })),
  'convolutional recurrent': () =>
    stack(L.convLstm2d({ filters: 2, kernelSize: 2, inputShape: [3, 5, 5, 1], returnSequences: false })),
  images: () =>
    stack(L.rescaling({ scale: 0.1, offset: 0.5, inputShape: [6, 6, 2] }), L.centerCrop({ height: 4, width: 3 })),
}
