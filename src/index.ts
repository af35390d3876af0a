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
