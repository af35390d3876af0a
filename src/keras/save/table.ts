const PART = ['Initializer', 'Regularizer', 'Constraint']
const parts = (...names: string[]): string[] => names.flatMap((name) => PART.map((part) => `${name}${part}`))
const KERNEL = ['activation', 'useBias', ...parts('kernel', 'bias')]
const WINDOW = ['kernelSize', 'strides', 'padding', 'dataFormat']
const CELL = [...KERNEL, ...parts('recurrent'), 'dropout', 'recurrentDropout']
const GATES = [...CELL, 'recurrentActivation']
const SEQUENCE = ['returnSequences', 'returnState', 'goBackwards', 'stateful', 'unroll']
const CONV_LSTM = ['filters', ...WINDOW, 'dilationRate', ...GATES, 'unitForgetBias']
const NORM = ['axis', 'epsilon', 'center', 'scale', ...parts('beta', 'gamma')]
const CONV = ['filters', ...WINDOW, 'dilationRate', ...KERNEL]
const POOL = ['poolSize', 'strides', 'padding']

/**
 * The layers of TensorFlow.js 4 and the options that it reads, by our names. Whatever else a layer is told must be as it is by
 * default, or the model would mean something else there.
 */
export const TFJS_LAYERS: Readonly<Record<string, readonly string[]>> = {
  Activation: ['activation'],
  Add: [],
  AlphaDropout: ['rate', 'noiseShape'],
  Average: [],
  AveragePooling1D: POOL,
  AveragePooling2D: [...POOL, 'dataFormat'],
  AveragePooling3D: [...POOL, 'dataFormat'],
  BatchNormalization: [...NORM, 'momentum', 'movingMeanInitializer', 'movingVarianceInitializer'],
  Bidirectional: ['layer', 'mergeMode'],
  CenterCrop: ['height', 'width'],
  Concatenate: ['axis'],
  Conv1D: CONV,
  Conv2D: CONV,
  Conv2DTranspose: ['filters', ...WINDOW, ...KERNEL],
  Conv3D: CONV,
  Conv3DTranspose: ['filters', ...WINDOW, ...KERNEL],
  ConvLSTM2D: [...CONV_LSTM, ...SEQUENCE],
  ConvLSTM2DCell: CONV_LSTM,
  Cropping2D: ['cropping', 'dataFormat'],
  Dense: ['units', ...KERNEL],
  DepthwiseConv2D: [...WINDOW, 'depthMultiplier', 'activation', 'useBias', ...parts('depthwise', 'bias')],
  Dot: ['axes', 'normalize'],
  Dropout: ['rate', 'noiseShape'],
  ELU: [],
  Embedding: ['inputDim', 'outputDim', 'maskZero', ...parts('embeddings')],
  Flatten: ['dataFormat'],
  GaussianDropout: ['rate'],
  GaussianNoise: ['stddev'],
  GlobalAveragePooling1D: [],
  GlobalAveragePooling2D: ['dataFormat'],
  GlobalMaxPooling1D: [],
  GlobalMaxPooling2D: ['dataFormat'],
  GRU: ['units', ...GATES, 'resetAfter', ...SEQUENCE],
  GRUCell: ['units', ...GATES, 'resetAfter'],
  LayerNormalization: NORM,
  LeakyReLU: ['negativeSlope'],
  LSTM: ['units', ...GATES, 'unitForgetBias', ...SEQUENCE],
  LSTMCell: ['units', ...GATES, 'unitForgetBias'],
  Masking: ['maskValue'],
  Maximum: [],
  MaxPooling1D: POOL,
  MaxPooling2D: [...POOL, 'dataFormat'],
  MaxPooling3D: [...POOL, 'dataFormat'],
  Minimum: [],
  Multiply: [],
  Permute: ['dims'],
  PReLU: [...parts('alpha'), 'sharedAxes'],
  ReLU: ['maxValue'],
  RepeatVector: ['n'],
  Rescaling: ['scale', 'offset'],
  Reshape: ['targetShape'],
  RNN: ['cell', ...SEQUENCE],
  SeparableConv2D: [
    ...['filters', ...WINDOW, 'dilationRate', 'depthMultiplier', 'activation', 'useBias'],
    ...parts('depthwise', 'pointwise', 'bias'),
  ],
  SimpleRNN: ['units', ...CELL, ...SEQUENCE],
  SimpleRNNCell: ['units', ...CELL],
  Softmax: ['axis'],
  SpatialDropout1D: ['rate'],
  StackedRNNCells: ['cells'],
  ThresholdedReLU: ['theta'],
  TimeDistributed: ['layer'],
  UpSampling2D: ['size', 'dataFormat', 'interpolation'],
  ZeroPadding2D: ['padding', 'dataFormat'],
}

/** Values that TensorFlow.js refuses, or computes something else for: option, value as our config has it, and what to do. */
export const TFJS_REFUSES: readonly (readonly [className: string, option: string, value: unknown, hint: string])[] = [
  ['GRU', 'resetAfter', true, 'make it with resetAfter: false'],
  ['GRUCell', 'resetAfter', true, 'make it with resetAfter: false'],
  ['Conv1D', 'padding', 'causal', "put zeros in front and take padding: 'valid'"],
  ['Bidirectional', 'mergeMode', null, 'join its results by a layer'],
  // It gives the result of the former as [batch, steps, channels], and adds the bias of the latter along another axis.
  ['Conv1D', 'dataFormat', 'channelsFirst', 'permute its input and its result'],
  ['SeparableConv2D', 'dataFormat', 'channelsFirst', 'permute its input and its result'],
  // It takes elements at other places.
  ['UpSampling2D', 'interpolation', 'bilinear', "take 'nearest'"],
]

/** What says nothing about what is computed: where draws begin, how something is computed. */
export const OF_NO_MATTER: readonly string[] = ['seed', 'synchronized', 'useCudnn', 'inputShape', 'name', 'trainable']

/** Its activations, by our names. */
export const TFJS_ACTIVATIONS: Readonly<Record<string, string>> = {
  ...{ elu: 'elu', selu: 'selu', relu: 'relu', relu6: 'relu6', linear: 'linear', sigmoid: 'sigmoid', tanh: 'tanh' },
  ...{ softplus: 'softplus', softsign: 'softsign', softmax: 'softmax', logSoftmax: 'log_softmax' },
  ...{ gelu: 'gelu', mish: 'mish', silu: 'swish' },
}

/** Its initializers, by our names; the classes that have the same name there. */
export const TFJS_INITIALIZERS: Readonly<Record<string, string>> = {
  ...{ Zeros: 'Zeros', Ones: 'Ones', Constant: 'Constant', Identity: 'Identity', Orthogonal: 'Orthogonal' },
  ...{ RandomUniform: 'RandomUniform', RandomNormal: 'RandomNormal', TruncatedNormal: 'TruncatedNormal' },
  ...{ VarianceScaling: 'VarianceScaling', GlorotNormal: 'GlorotNormal', GlorotUniform: 'GlorotUniform' },
  ...{ HeNormal: 'HeNormal', HeUniform: 'HeUniform', LecunNormal: 'LeCunNormal', LecunUniform: 'LeCunUniform' },
}
