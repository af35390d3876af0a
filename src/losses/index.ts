export { circle } from './circle'
export { binaryCrossentropy, categoricalCrossentropy } from './crossentropy'
export { ctc } from './ctc'
export { klDivergence, poisson } from './distributions'
export { binaryFocalCrossentropy, categoricalFocalCrossentropy } from './focal'
export { categoricalHinge, hinge, squaredHinge } from './hinge'
export { LOSSES, lossOf } from './lookup'
export { dice, tversky } from './overlap'
export { lossValue, reduceLoss } from './reduce'
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
