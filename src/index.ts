// The public API, name by name; longer than other files because it says nothing else.
export {
  add,
  cast,
  div,
  equal,
  exp,
  greater,
  greaterEqual,
  less,
  lessEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  notEqual,
  pow,
  sigmoid,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
} from './api/math'
export {
  abs,
  acos,
  acosh,
  asin,
  asinh,
  atan,
  atan2,
  atanh,
  ceil,
  clip,
  cos,
  cosh,
  erf,
  erfc,
  exp2,
  expm1,
  floor,
  floorDiv,
  fmod,
  hypot,
  log10,
  log1p,
  log2,
  logAddExp,
  mod,
  reciprocal,
  round,
  rsqrt,
  sign,
  sin,
  sinh,
  squaredDifference,
  tan,
  trunc,
  xlogy,
} from './api/elementary'
export {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  isFinite,
  isInf,
  isNaN,
  leftShift,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  rightShift,
} from './api/logic'
export {
  celu,
  elu,
  gelu,
  hardShrink,
  hardSigmoid,
  hardSilu,
  hardTanh,
  leakyRelu,
  logSigmoid,
  mish,
  prelu,
  relu6,
  selu,
  silu,
  softShrink,
  softmin,
  softplus,
  softsign,
  tanhShrink,
} from './api/activation'
export { broadcastTo, flip, matmul, reshape, transpose } from './api/shape'
export {
  concat,
  expandDims,
  pad,
  repeat,
  roll,
  slice,
  split,
  squeeze,
  stack,
  tile,
  unstack,
  type PadOptions,
  type Range,
} from './api/arrange'
export { argMax, argMin, max, mean, min, oneHot, prod, sum } from './api/reduce'
export { all, any, countNonZero, l2Normalize, logSumExp, moments, norm, std, variance } from './api/statistics'
export { type AttentionOptions, scaledDotProductAttention } from './api/attention'
export { batchNorm, type BatchNormOptions } from './api/batch-norm'
export { multiHeadAttention, type MultiHeadAttentionOptions } from './api/multi-head-attention'
export { groupNorm, instanceNorm, layerNorm, localResponseNorm, rmsNorm } from './api/normalize'
export { rotaryEmbedding, type RotaryOptions } from './api/rotary'
export { spectralNorm, type SpectralNormOptions, weightNorm } from './api/weight-norm'
export { diagonal, dot, einsum, kron, outer, tensordot, trace } from './api/products'
export { logSoftmax, meanSquaredError, softmax, softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from './api/nn'
export {
  binaryCrossEntropy,
  cosineSimilarity,
  hinge,
  huber,
  klDivergence,
  logCosh,
  meanAbsoluteError,
  poisson,
  sigmoidCrossEntropy,
  squaredHinge,
} from './api/losses'
export { alphaDropout, dropout, gaussianDropout, spatialDropout, type DropoutOptions } from './api/dropout'
export { bernoulli, categorical, normal, permutation, randint, shuffle, uniform, type DrawOptions } from './api/random'
export { clipByGlobalNorm, clipByNorm, clipByValue } from './api/clipping'
export { adaptiveAveragePool, adaptiveMaxPool } from './api/adaptive'
export {
  centerCrop,
  crop,
  depthToSpace,
  resize,
  spaceToDepth,
  upSampling1d,
  upSampling2d,
  upSampling3d,
  zeroPadding,
  type DepthOptions,
  type ResizeOptions,
  type UpSamplingOptions,
} from './api/image'
export { gather, type Indices, reverseSequence, type ReverseSequenceOptions, takeAlongAxis } from './api/indexing'
export type { Borders } from './api/spatial'
export { checkpoint } from './api/checkpoint'
export { customGradient } from './api/custom'
export { grad, valueAndGrad, vjp } from './api/gradient'
export { constant, fill, named, update, variable } from './api/leaf'
export { entry, tensor } from './api/entry'
export { compile, compileAsync } from './compile/program'
export { recordSites, scope } from './ir/origin'
export { adam, adamw } from './optim/adam'
export { adagrad, rmsprop } from './optim/adaptive'
export { sgd } from './optim/sgd'
export { emit, type EmitOptions } from './compile/emit'
export type { CompileOptions, PassName } from './compile/options'
export type { Entry, Feeds, Program, Results, Run, Spec, State, Value } from './api/types'
export { FeedError, GraphError, NonFiniteError, RuntimeError, type OperandValue } from './ir/errors'
export type { Dim, Name, Shape } from './ir/shapes'
export type { Arg, Tensor } from './ir/tensor'
export type { Data, DType } from './ir/type'
export type { Update, Variable } from './ir/variable'
export { loadState, saveState } from './io/state'
export { FormatError } from './formats/error'
export {
  constantInit,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  type Initializer,
  lecunNormal,
  lecunUniform,
  ones,
  randomNormal,
  randomUniform,
  type SeedOption,
  truncatedNormal,
  varianceScaling,
  type VarianceScaling,
  zeros,
} from './init/initializers'
export { identityInit, orthogonal } from './init/matrices'
export { stftInit, type StftOptions } from './init/stft'
export type { Random } from './init/random'
export { cond } from './api/cond'
export { iterate, scan, type ScanOptions } from './api/scan'
export { conv1d, conv2d, conv3d, depthwiseConv1d, depthwiseConv2d, separableConv1d, separableConv2d } from './api/conv'
export type { Conv1dOptions, ConvOptions, ConvTransposeOptions, DepthwiseOptions } from './api/conv-options'
export { conv1dTranspose, conv2dTranspose, conv3dTranspose } from './api/conv-transpose'
export {
  averagePool1d,
  averagePool2d,
  averagePool3d,
  type AveragePoolOptions,
  globalAveragePool,
  globalMaxPool,
  type GlobalPoolOptions,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PoolOptions,
} from './api/pool'
export type { DataFormat, FormatOption, Padding, PerDim } from './api/window-options'
export { rnn } from './api/recurrent'
export {
  gru,
  gruCell,
  type HiddenState,
  lstm,
  lstmCell,
  type LstmState,
  simpleRnn,
  simpleRnnCell,
} from './api/recurrent-layers'
export type { Sequence, StepOptions } from './api/recurrent-options'
export { keepState, type RecurrentState, resetState, stateVariables } from './api/recurrent-state'
export type { RecurrentWeights, TorchRecurrentWeights } from './api/recurrent-weights'
export { convLstm2d, type ConvLstmOptions } from './api/recurrent-conv'
export {
  bidirectional,
  type Bidirectional,
  type MergeMode,
  type RecurrentCell,
  stacked,
  stackedCells,
} from './api/recurrent-wrap'
export {
  cholesky,
  choleskyInverse,
  choleskySolve,
  determinant,
  eigh,
  inverse,
  leastSquares,
  luFactor,
  qr,
  slogDet,
  solve,
  triangularSolve,
  type TriangularOptions,
} from './api/linear'
export {
  addN,
  cbrt,
  deg2rad,
  erfinv,
  frac,
  identity,
  ldexp,
  lerp,
  logAddExp2,
  logit,
  rad2deg,
  sinc,
} from './api/elementary-more'
export {
  allClose,
  type CloseOptions,
  copysign,
  divNoNan,
  fmax,
  fmin,
  heaviside,
  isClose,
  isNegInf,
  isPosInf,
  nanToNum,
  type NanToNumOptions,
  nextafter,
  select,
  signbit,
} from './api/special-values'
export { argsort, inTopK, sort, type SortOptions, topK, type TopK, type TopOptions } from './api/sorting'
export { cumMax, cumMin, cumProd, cumSum, type CumulativeOptions, logCumSumExp } from './api/cumulative'
export {
  glu,
  multiHot,
  relu,
  type ReluOptions,
  sparsemax,
  sparsePlus,
  sparseSigmoid,
  squareplus,
  step,
  threshold,
} from './api/activation-more'
export {
  average,
  corrcoef,
  cov,
  type CovarianceOptions,
  diff,
  lpNormalize,
  nanMax,
  nanMean,
  nanMin,
  nanSum,
  ptp,
} from './api/statistics-more'
export { cross, inner, matrixPower, multiDot, vdot, vecdot } from './api/products-more'
export {
  eye,
  fullLike,
  hammingWindow,
  hannWindow,
  linspace,
  logspace,
  meshgrid,
  onesLike,
  range,
  type SpaceOptions,
  tri,
  type WindowOptions,
  zerosLike,
} from './api/create'
export { bandPart, type BandOptions, diag, fillDiagonal, type OffsetOption, tril, triu } from './api/triangles'
export { flatten, moveAxis, rot90, swapAxes } from './api/rearrange'
export { extractPatches, fold, type PatchOptions, rgbToGrayscale, unfold } from './api/patches'
export { gcd, lcm } from './api/divisors'
export {
  gatherND,
  putAlongAxis,
  scatter,
  scatterND,
  type ScatterOptions,
  type ScatterReduction,
  scatterUpdate,
  sliceUpdate,
} from './api/scatter'
export { segmentMax, segmentMean, segmentMin, segmentSum } from './api/segments'
export { type Batched, type SlicesOf, vmap } from './api/vmap'
export { type Hessians, hessian, jacobian, type Jacobian, type JacobianOptions, type Jacobians } from './api/jacobian'
export { hvp, jvp } from './api/jvp'
export { type ExampleGradients, perExampleGrad } from './api/per-example'
export { rowGrad, type RowGradOptions } from './api/row-grad'
export { flatView, type FlatView } from './api/flat-view'
export { type FlatState, flatState } from './numeric/flat-state'
export { lbfgs, type LbfgsOptions } from './numeric/lbfgs'
export type { Evaluation, Minimised, MinimiseOptions, Progress } from './numeric/minimise'
export { type CurvedEvaluation, newton } from './numeric/newton'
export {
  type CheckedInputs,
  type CheckedValues,
  gradientCheck,
  type GradientCheckOptions,
  type GradientReport,
} from './numeric/gradient-check'
export {
  bincount,
  type BincountOptions,
  digitize,
  histogram,
  type Histogram,
  type HistogramOptions,
  isIn,
  searchSorted,
  type SearchOptions,
} from './api/counting'
export { median, percentile, quantile, type QuantileMethod, type QuantileOptions } from './api/quantile'
export { adafactor, type AdafactorOptions } from './optim/adafactor'
export { adamax, type AdamKinOptions, lamb, nadam } from './optim/adam-kin'
export { adadelta } from './optim/adaptive'
export { ftrl, type FtrlOptions } from './optim/ftrl'
export { lion, type LionOptions } from './optim/lion'
export { muon, type MuonOptions } from './optim/muon'
export type { Hyper } from './optim/hyper'
export type { OptimizerOptions } from './optim/options'
export { dataset, type FromOptions } from './data/namespace'
export type { Pass } from './data/pass'
export type { SlidingOptions, StackDType, StackOptions } from './data/batch'
export type { ShuffleOptions } from './data/shuffle'
export { splitDataset, type SplitOptions, trainTestSplit, type TrainTestOptions } from './data/split'
export type { PassPosition } from './data/stage'
export type { TimeSeriesOptions } from './data/time-series'
export type { Dataset, ElementOf } from './data/types'
export { type Activation } from './parts/activations'
export { type Constraint, maxNorm, minMaxNorm, type MinMaxNormOptions, nonNeg, unitNorm } from './parts/constraints'
export {
  l1,
  l1l2,
  l2,
  orthogonalRegularizer,
  type OrthogonalRegularizerOptions,
  type Regularizer,
} from './parts/regularizers'
export { affineTransform, type AffineTransformOptions, type FillMode } from './api/affine-transform'
export { hsvToRgb, rgbToHsv } from './api/colour'

export { type GraphDocument, graphFromJson, type GraphParts, graphToJson, type GraphToJsonOptions } from './io/graph'
// What signatures name.
export type { GradientOptions } from './api/gradient'
export type { Nested } from './api/leaf'
export type { ChannelOptions, LayerNormOptions } from './api/normalize'
export type { CellOptions, GateOptions } from './api/recurrent-layers'
export type { ReduceOptions } from './api/signatures'
export type { Compiled, Feed } from './api/types'
export type { ThreadOptions } from './compile/options'
export type { NumberArray } from './data/layout'
export type { Columns } from './data/rows'
export type { RowShape } from './data/table'
export type { NormalOptions, UniformOptions } from './init/initializers'
export type { GainOption } from './init/matrices'
export type { EntryDocument, VariableDocument } from './io/graph/document'
export type { NonFiniteReport } from './ir/errors'
export type { PartConfig } from './ir/part'
export type { DataOf } from './ir/type'
export type { DepthMode } from './ops/depth'
export type { Coordinates, Interpolation, Rounding } from './ops/resize-rows'
export type { AdamOptions } from './optim/adam'
export type { AdadeltaOptions, AdagradOptions, RmspropOptions } from './optim/adaptive'
export type { SgdOptions } from './optim/sgd'
