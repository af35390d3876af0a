// A call of each function of the main entry that takes options.
import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'

type Functions = typeof loom
export type Last<P extends readonly unknown[]> = Required<P> extends readonly [...unknown[], infer L] ? L : never
type IsRecord<L> = [L] extends [never]
  ? false
  : L extends Tensor | readonly unknown[] | ArrayBufferView | ((...args: never[]) => unknown)
    ? false
    : L extends object
      ? true
      : false
/** Functions whose last parameter is a record. */
export type Optioned = {
  [N in keyof Functions]: Functions[N] extends (...args: infer P) => unknown
    ? true extends IsRecord<Last<P>>
      ? N
      : never
    : never
}[keyof Functions]
/** Those whose options have rows elsewhere (test/options.test.ts, and the folders of what they belong to), or are none. */
export type Elsewhere =
  | 'compile'
  | 'compileAsync'
  | 'emit'
  | 'graphToJson'
  | 'graphFromJson'
  | 'saveState'
  | 'loadState'
  | 'entry'
  | 'iterate'
  | 'keepState'
  | 'resetState'

type Call = (options: never) => unknown

const v = loom.fill([4], 1)
const m = loom.fill([2, 3], 1)
const square = loom.eye(3)
const sequence = loom.fill([2, 5, 3], 1)
const image = loom.fill([2, 6, 6, 4], 1)
const video = loom.fill([1, 4, 4, 4, 2], 1)
const whole = loom.constant([0, 1], { dtype: 'int32' })
export const w = loom.variable('w', [3, 2], 0.5)
const kernels = {
  line: loom.fill([2, 3, 3], 1),
  plane: loom.fill([2, 2, 4, 4], 1),
  room: loom.fill([2, 2, 2, 2, 2], 1),
  deepLine: loom.fill([2, 3, 1], 1),
  deepPlane: loom.fill([2, 2, 4, 1], 1),
  wideLine: loom.fill([1, 3, 2], 1),
  widePlane: loom.fill([1, 1, 4, 2], 1),
}
export const loss = loom.sum(loom.square(w))
const heads = loom.fill([2, 1, 3], 1)
const cellWeights = (gates: number) => ({
  kernel: loom.fill([3, 2 * gates], 1),
  recurrentKernel: loom.fill([2, 2 * gates], 1),
})
const [h, c] = [loom.fill([2, 2], 0), loom.fill([2, 2], 0)]
const objective = () => ({ loss: 0, gradient: Float64Array.of(0, 0) })

/** A row for each function that takes options, called with nothing else that is wrong. */
export const CALLS: { readonly [N in Exclude<Optioned, Elsewhere>]: Call } = {
  // Elementwise.
  relu: (o) => loom.relu(v, o),
  step: (o) => loom.step(v, o),
  squareplus: (o) => loom.squareplus(v, o),
  leakyRelu: (o) => loom.leakyRelu(v, o),
  elu: (o) => loom.elu(v, o),
  celu: (o) => loom.celu(v, o),
  gelu: (o) => loom.gelu(v, o),
  hardShrink: (o) => loom.hardShrink(v, o),
  softShrink: (o) => loom.softShrink(v, o),
  nanToNum: (o) => loom.nanToNum(v, o),
  isClose: (o) => loom.isClose(v, v, o),
  allClose: (o) => loom.allClose(v, v, o),
  huber: (o) => loom.huber(v, v, o),
  // Along axes.
  sum: (o) => loom.sum(m, o),
  mean: (o) => loom.mean(m, o),
  max: (o) => loom.max(m, o),
  min: (o) => loom.min(m, o),
  prod: (o) => loom.prod(m, o),
  any: (o) => loom.any(m, o),
  all: (o) => loom.all(m, o),
  countNonZero: (o) => loom.countNonZero(m, o),
  logSumExp: (o) => loom.logSumExp(m, o),
  variance: (o) => loom.variance(m, o),
  std: (o) => loom.std(m, o),
  moments: (o) => loom.moments(m, o),
  norm: (o) => loom.norm(m, o),
  average: (o) => loom.average(m, o),
  ptp: (o) => loom.ptp(m, o),
  nanSum: (o) => loom.nanSum(m, o),
  nanMean: (o) => loom.nanMean(m, o),
  nanMax: (o) => loom.nanMax(m, o),
  nanMin: (o) => loom.nanMin(m, o),
  median: (o) => loom.median(m, o),
  quantile: (o) => loom.quantile(m, 0.5, o),
  percentile: (o) => loom.percentile(m, 50, o),
  argMax: (o) => loom.argMax(m, o),
  argMin: (o) => loom.argMin(m, o),
  softmax: (o) => loom.softmax(m, o),
  logSoftmax: (o) => loom.logSoftmax(m, o),
  softmin: (o) => loom.softmin(m, o),
  sparsemax: (o) => loom.sparsemax(m, o),
  glu: (o) => loom.glu(v, o),
  cumSum: (o) => loom.cumSum(m, o),
  cumProd: (o) => loom.cumProd(m, o),
  cumMax: (o) => loom.cumMax(m, o),
  cumMin: (o) => loom.cumMin(m, o),
  logCumSumExp: (o) => loom.logCumSumExp(m, o),
  sort: (o) => loom.sort(m, o),
  argsort: (o) => loom.argsort(m, o),
  topK: (o) => loom.topK(m, 1, o),
  diff: (o) => loom.diff(m, o),
  cov: (o) => loom.cov(m, o),
  corrcoef: (o) => loom.corrcoef(m, o),
  histogram: (o) => loom.histogram(v, o),
  bincount: (o) => loom.bincount(whole, o),
  searchSorted: (o) => loom.searchSorted(v, v, o),
  digitize: (o) => loom.digitize(v, [0, 1], o),
  isIn: (o) => loom.isIn(v, [0, 1], o),
  l2Normalize: (o) => loom.l2Normalize(m, o),
  lpNormalize: (o) => loom.lpNormalize(m, o),
  cosineSimilarity: (o) => loom.cosineSimilarity(m, m, o),
  vecdot: (o) => loom.vecdot(m, m, o),
  cross: (o) => loom.cross(m, m, o),
  clipByNorm: (o) => loom.clipByNorm(m, 1, o),
  sparseSoftmaxCrossEntropy: (o) => loom.sparseSoftmaxCrossEntropy(m, whole, o),
  softmaxCrossEntropy: (o) => loom.softmaxCrossEntropy(m, m, o),
  // Where elements lie.
  pad: (o) => loom.pad(v, [[1, 1]], o),
  concat: (o) => loom.concat([m, m], o),
  stack: (o) => loom.stack([m, m], o),
  split: (o) => loom.split(m, 2, o),
  unstack: (o) => loom.unstack(m, o),
  repeat: (o) => loom.repeat(m, 2, o),
  rot90: (o) => loom.rot90(m, o),
  gather: (o) => loom.gather(m, whole, o),
  takeAlongAxis: (o) => loom.takeAlongAxis(loom.fill([2], 1), whole, o),
  reverseSequence: (o) => loom.reverseSequence(m, whole, o),
  scatter: (o) => loom.scatter(m, whole, 1, o),
  putAlongAxis: (o) => loom.putAlongAxis(v, whole, 1, o),
  scatterUpdate: (o) => loom.scatterUpdate(m, loom.constant([[0]], { dtype: 'int32' }), 1, o),
  scatterND: (o) => loom.scatterND(loom.constant([[0]], { dtype: 'int32' }), loom.fill([1], 1), [3], o),
  tril: (o) => loom.tril(square, o),
  triu: (o) => loom.triu(square, o),
  diag: (o) => loom.diag(v, o),
  fillDiagonal: (o) => loom.fillDiagonal(square, 1, o),
  diagonal: (o) => loom.diagonal(square, o),
  trace: (o) => loom.trace(square, o),
  triangularSolve: (o) => loom.triangularSolve(square, square, o),
  // Without operands.
  constant: (o) => loom.constant([1, 2], o),
  fill: (o) => loom.fill([2], 1, o),
  variable: (o) => loom.variable('v', [2], 1, o),
  stateVariables: (o) => loom.stateVariables('s', { h: [2] }, o),
  zerosLike: (o) => loom.zerosLike(v, o),
  onesLike: (o) => loom.onesLike(v, o),
  fullLike: (o) => loom.fullLike(v, 2, o),
  eye: (o) => loom.eye(2, o),
  tri: (o) => loom.tri(2, o),
  linspace: (o) => loom.linspace(0, 1, 3, o),
  logspace: (o) => loom.logspace(0, 1, 3, o),
  range: (o) => loom.range(0, 3, o),
  meshgrid: (o) => loom.meshgrid([v, v], o),
  hannWindow: (o) => loom.hannWindow(4, o),
  hammingWindow: (o) => loom.hammingWindow(4, o),
  // At random.
  uniform: (o) => loom.uniform([2], o),
  normal: (o) => loom.normal([2], o),
  bernoulli: (o) => loom.bernoulli([2], o),
  randint: (o) => loom.randint([2], 0, 4, o),
  categorical: (o) => loom.categorical(m, o),
  permutation: (o) => loom.permutation(4, o),
  shuffle: (o) => loom.shuffle(m, o),
  dropout: (o) => loom.dropout(m, 0.5, o),
  spatialDropout: (o) => loom.spatialDropout(sequence, 0.5, o),
  alphaDropout: (o) => loom.alphaDropout(m, 0.5, o),
  gaussianDropout: (o) => loom.gaussianDropout(m, 0.5, o),
  // Layers.
  layerNorm: (o) => loom.layerNorm(m, o),
  groupNorm: (o) => loom.groupNorm(image, o),
  instanceNorm: (o) => loom.instanceNorm(image, o),
  batchNorm: (o) => loom.batchNorm(m, o),
  rmsNorm: (o) => loom.rmsNorm(m, o),
  localResponseNorm: (o) => loom.localResponseNorm(image, o),
  weightNorm: (o) => loom.weightNorm(square, loom.fill([3], 1), o),
  spectralNorm: (o) => loom.spectralNorm(square, o),
  rotaryEmbedding: (o) => loom.rotaryEmbedding(loom.fill([2, 4], 1), o),
  scaledDotProductAttention: (o) => loom.scaledDotProductAttention(heads, heads, heads, o),
  multiHeadAttention: (o) => loom.multiHeadAttention(sequence, sequence, undefined, o),
  conv1d: (o) => loom.conv1d(sequence, kernels.line, o),
  conv2d: (o) => loom.conv2d(image, kernels.plane, o),
  conv3d: (o) => loom.conv3d(video, kernels.room, o),
  conv1dTranspose: (o) => loom.conv1dTranspose(sequence, kernels.line, o),
  conv2dTranspose: (o) => loom.conv2dTranspose(image, kernels.plane, o),
  conv3dTranspose: (o) => loom.conv3dTranspose(video, kernels.room, o),
  depthwiseConv1d: (o) => loom.depthwiseConv1d(sequence, kernels.deepLine, o),
  depthwiseConv2d: (o) => loom.depthwiseConv2d(image, kernels.deepPlane, o),
  separableConv1d: (o) => loom.separableConv1d(sequence, kernels.deepLine, kernels.wideLine, o),
  separableConv2d: (o) => loom.separableConv2d(image, kernels.deepPlane, kernels.widePlane, o),
  maxPool1d: (o) => loom.maxPool1d(sequence, o),
  maxPool2d: (o) => loom.maxPool2d(image, o),
  maxPool3d: (o) => loom.maxPool3d(video, o),
  averagePool1d: (o) => loom.averagePool1d(sequence, o),
  averagePool2d: (o) => loom.averagePool2d(image, o),
  averagePool3d: (o) => loom.averagePool3d(video, o),
  globalMaxPool: (o) => loom.globalMaxPool(image, o),
  globalAveragePool: (o) => loom.globalAveragePool(image, o),
  adaptiveMaxPool: (o) => loom.adaptiveMaxPool(image, [2, 2], o),
  adaptiveAveragePool: (o) => loom.adaptiveAveragePool(image, [2, 2], o),
  resize: (o) => loom.resize(image, [3, 3], o),
  upSampling1d: (o) => loom.upSampling1d(sequence, 2, o),
  upSampling2d: (o) => loom.upSampling2d(image, 2, o),
  upSampling3d: (o) => loom.upSampling3d(video, 2, o),
  crop: (o) => loom.crop(image, [1, 1], o),
  centerCrop: (o) => loom.centerCrop(image, [2, 2], o),
  zeroPadding: (o) => loom.zeroPadding(image, [1, 1], o),
  depthToSpace: (o) => loom.depthToSpace(image, 2, o),
  spaceToDepth: (o) => loom.spaceToDepth(image, 2, o),
  affineTransform: (o) => loom.affineTransform(image, loom.fill([8], 0), o),
  rgbToGrayscale: (o) => loom.rgbToGrayscale(loom.fill([4, 4, 3], 1), o),
  rgbToHsv: (o) => loom.rgbToHsv(loom.fill([4, 4, 3], 1), o),
  hsvToRgb: (o) => loom.hsvToRgb(loom.fill([4, 4, 3], 1), o),
  unfold: (o) => loom.unfold(image, o),
  fold: (o) => loom.fold(loom.fill([1, 4, 9], 1), [4, 4], o),
  extractPatches: (o) => loom.extractPatches(image, o),
  rnn: (o) =>
    (loom.rnn as (...args: unknown[]) => unknown)(sequence, (_: Tensor, state: object) => ({ output: h, state }), o),
  simpleRnn: (o) => loom.simpleRnn(sequence, cellWeights(1), o),
  lstm: (o) => loom.lstm(sequence, cellWeights(4), o),
  gru: (o) => loom.gru(sequence, cellWeights(3), o),
  simpleRnnCell: (o) => loom.simpleRnnCell(m, { h }, cellWeights(1), o),
  lstmCell: (o) => loom.lstmCell(m, { h, c }, cellWeights(4), o),
  gruCell: (o) => loom.gruCell(m, { h }, cellWeights(3), o),
  convLstm2d: (o) => {
    const weights = { kernel: loom.fill([2, 2, 2, 8], 1), recurrentKernel: loom.fill([2, 2, 2, 8], 1) }
    return loom.convLstm2d(video, weights, o)
  },
  bidirectional: (o) => loom.bidirectional((reverse) => loom.lstm(sequence, cellWeights(4), { reverse }), o),
  scan: (o) => loom.scan(o),
  // Derivatives.
  grad: (o) => loom.grad(loss, [w], o),
  valueAndGrad: (o) => loom.valueAndGrad(loss, [w], o),
  vjp: (o) => loom.vjp([loss], [loom.constant(1)], [w], o),
  jvp: (o) => loom.jvp([loss], [w], [loom.fill([3, 2], 1)], o),
  hvp: (o) => loom.hvp(loss, [w], [loom.fill([3, 2], 1)], o),
  jacobian: (o) => loom.jacobian(loom.exp(w), w, o),
  hessian: (o) => loom.hessian(loss, w, o),
  rowGrad: (o) => loom.rowGrad(loom.sum(loom.square(m), { axis: 1 }), m, o),
  perExampleGrad: (o) => loom.perExampleGrad((x) => loom.sum(loom.matmul(x, w)), [w], [m], o),
  gradientCheck: (o) => loom.gradientCheck(({ x }) => loom.exp(x), { x: [1, 2] }, o),
  // What trains.
  sgd: (o) => loom.sgd(loss, [w], o),
  adam: (o) => loom.adam(loss, [w], o),
  adamw: (o) => loom.adamw(loss, [w], o),
  adagrad: (o) => loom.adagrad(loss, [w], o),
  rmsprop: (o) => loom.rmsprop(loss, [w], o),
  adafactor: (o) => loom.adafactor(loss, [w], o),
  adamax: (o) => loom.adamax(loss, [w], o),
  lamb: (o) => loom.lamb(loss, [w], o),
  nadam: (o) => loom.nadam(loss, [w], o),
  adadelta: (o) => loom.adadelta(loss, [w], o),
  ftrl: (o) => loom.ftrl(loss, [w], o),
  lion: (o) => loom.lion(loss, [w], o),
  muon: (o) => loom.muon(loss, [w], o),
  lbfgs: (o) => loom.lbfgs(objective, {}, o),
  newton: (o) => loom.newton(() => ({ ...objective(), hessian: new Float64Array(4) }), {}, o),
  splitDataset: (o) => loom.splitDataset(loom.dataset.from([1, 2, 3]), o),
  trainTestSplit: (o) => loom.trainTestSplit([1, 2, 3], o),
  // Parts.
  glorotNormal: (o) => loom.glorotNormal(o),
  glorotUniform: (o) => loom.glorotUniform(o),
  heNormal: (o) => loom.heNormal(o),
  heUniform: (o) => loom.heUniform(o),
  lecunNormal: (o) => loom.lecunNormal(o),
  lecunUniform: (o) => loom.lecunUniform(o),
  identityInit: (o) => loom.identityInit(o),
  stftInit: (o) => loom.stftInit(o),
  orthogonal: (o) => loom.orthogonal(o),
  randomNormal: (o) => loom.randomNormal(o),
  randomUniform: (o) => loom.randomUniform(o),
  truncatedNormal: (o) => loom.truncatedNormal(o),
  varianceScaling: (o) => loom.varianceScaling(o),
  l1: (o) => loom.l1(o),
  l2: (o) => loom.l2(o),
  l1l2: (o) => loom.l1l2(o),
  orthogonalRegularizer: (o) => loom.orthogonalRegularizer(o),
  maxNorm: (o) => loom.maxNorm(o),
  minMaxNorm: (o) => loom.minMaxNorm(o),
  unitNorm: (o) => loom.unitNorm(o),
  nonNeg: (o) => loom.nonNeg(o),
}

/** Names of those options that are true or false and nothing else. */
type FlagsOf<L> = {
  [K in keyof L]-?: [Exclude<L[K], undefined>] extends [never]
    ? never
    : [Exclude<L[K], undefined>] extends [boolean]
      ? K
      : never
}[keyof L]
type OptionsOf<N extends keyof Functions> = Functions[N] extends (...args: infer P) => unknown ? Last<P> : never
/** The flags of each function that has some. */
export const FLAGS: {
  readonly [N in keyof typeof CALLS as [FlagsOf<OptionsOf<N>>] extends [never] ? never : N]: Readonly<
    Record<FlagsOf<OptionsOf<N>> & string, true>
  >
} = {
  adadelta: { useEma: true },
  adafactor: { useEma: true, relativeStep: true },
  adagrad: { useEma: true },
  adam: { useEma: true, amsgrad: true },
  adamax: { useEma: true },
  adamw: { useEma: true, amsgrad: true },
  all: { keepDims: true },
  allClose: { equalNaN: true },
  any: { keepDims: true },
  argsort: { descending: true },
  average: { keepDims: true },
  averagePool1d: { countIncludePad: true },
  averagePool2d: { countIncludePad: true },
  averagePool3d: { countIncludePad: true },
  batchNorm: { training: true, track: true },
  convLstm2d: { reverse: true, timeMajor: true, zeroOutputForMask: true },
  corrcoef: { rowVariables: true },
  countNonZero: { keepDims: true },
  cov: { rowVariables: true },
  cumMax: { reverse: true, exclusive: true },
  cumMin: { reverse: true, exclusive: true },
  cumProd: { reverse: true, exclusive: true },
  cumSum: { reverse: true, exclusive: true },
  digitize: { right: true },
  ftrl: { useEma: true },
  gelu: { approximate: true },
  globalAveragePool: { keepDims: true },
  globalMaxPool: { keepDims: true },
  gru: { reverse: true, timeMajor: true, zeroOutputForMask: true },
  hammingWindow: { periodic: true },
  hannWindow: { periodic: true },
  isClose: { equalNaN: true },
  isIn: { invert: true },
  lamb: { useEma: true },
  linspace: { endpoint: true },
  lion: { useEma: true },
  logCumSumExp: { reverse: true, exclusive: true },
  logSumExp: { keepDims: true },
  logspace: { endpoint: true },
  lstm: { reverse: true, timeMajor: true, zeroOutputForMask: true },
  max: { keepDims: true },
  mean: { keepDims: true },
  median: { keepDims: true },
  min: { keepDims: true },
  moments: { keepDims: true },
  multiHeadAttention: { isCausal: true },
  muon: { useEma: true, excludeEmbeddings: true, nesterov: true },
  nadam: { useEma: true },
  nanMax: { keepDims: true },
  nanMean: { keepDims: true },
  nanMin: { keepDims: true },
  nanSum: { keepDims: true },
  norm: { keepDims: true },
  normal: { truncated: true },
  percentile: { keepDims: true },
  prod: { keepDims: true },
  ptp: { keepDims: true },
  quantile: { keepDims: true },
  rmsprop: { useEma: true, centered: true },
  rnn: { reverse: true, timeMajor: true, zeroOutputForMask: true },
  rotaryEmbedding: { interleaved: true },
  rowGrad: { check: true },
  scaledDotProductAttention: { isCausal: true, enableGqa: true },
  scan: { reverse: true },
  sgd: { useEma: true, nesterov: true },
  simpleRnn: { reverse: true, timeMajor: true, zeroOutputForMask: true },
  sort: { descending: true },
  spectralNorm: { training: true, track: true },
  splitDataset: { shuffle: true },
  std: { keepDims: true },
  stftInit: { periodic: true },
  sum: { keepDims: true },
  trainTestSplit: { shuffle: true },
  triangularSolve: { transpose: true, lower: true, unitDiagonal: true },
  variable: { trainable: true },
  variance: { keepDims: true },
}
