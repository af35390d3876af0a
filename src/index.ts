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
  mul,
  neg,
  notEqual,
  pow,
  relu,
  sigmoid,
  sqrt,
  square,
  stopGradient,
  sub,
  tanh,
  where,
} from './api/math'
export { broadcastTo, flip, matmul, reshape, transpose } from './api/shape'
export { argMax, max, mean, oneHot, sum } from './api/reduce'
export { logSoftmax, meanSquaredError, softmax, softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from './api/nn'
export { grad, valueAndGrad, vjp } from './api/gradient'
export { constant, fill, named, update, variable } from './api/leaf'
export { entry, tensor } from './api/entry'
export { compile } from './compile/program'
export { recordSites, scope } from './ir/origin'
export { adam, adamw } from './optim/adam'
export { adagrad, rmsprop } from './optim/adaptive'
export { sgd } from './optim/sgd'
export { emit, type EmitOptions } from './compile/emit'
export type { CompileOptions, PassName } from './compile/options'
export type { Entry, Feeds, Program, Results, Run, Spec, State, Value } from './api/types'
export { FeedError, GraphError, RuntimeError } from './ir/errors'
export type { Dim, Name, Shape } from './ir/shapes'
export type { Arg, Tensor } from './ir/tensor'
export type { Data, DType } from './ir/type'
export type { Update, Variable } from './ir/variable'
export { loadState, saveState } from './io/state'
export { SafetensorsError } from './io/safetensors'
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
  orthogonal,
  randomNormal,
  randomUniform,
  truncatedNormal,
  varianceScaling,
  zeros,
} from './init/initializers'
export type { Random } from './init/random'
