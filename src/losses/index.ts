export { circle } from './circle'
export { binaryCrossentropy, categoricalCrossentropy } from './crossentropy'
export { ctc } from './ctc'
export { klDivergence, poisson } from './distributions'
export { binaryFocalCrossentropy, categoricalFocalCrossentropy } from './focal'
export { categoricalHinge, hinge, squaredHinge } from './hinge'
export { type Compared, type LossId, LOSSES, lossOf } from './lookup'
export type { Loss, LossFactory, LossOptions, Reduction } from './loss'
export { dice, tversky } from './overlap'
export { lossValue, reduceLoss, type ReduceLossOptions } from './reduce'
export {
  cosineSimilarity,
  huber,
  logCosh,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
} from './regression'
export { categoricalGeneralizedCrossEntropy, sparseCategoricalCrossentropy } from './sparse-crossentropy'
