// Every loss by the name of its factory, and nothing else: what is looked up by name is this list.
export { circle } from './circle'
export { binaryCrossentropy, categoricalCrossentropy } from './crossentropy'
export { ctc } from './ctc'
export { klDivergence, poisson } from './distributions'
export { binaryFocalCrossentropy, categoricalFocalCrossentropy } from './focal'
export { categoricalHinge, hinge, squaredHinge } from './hinge'
export { dice, tversky } from './overlap'
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
