// Every metric by the name of its factory, and nothing else: what is looked up by name is this list.
export {
  accuracy,
  binaryAccuracy,
  categoricalAccuracy,
  sparseCategoricalAccuracy,
  sparseTopKCategoricalAccuracy,
  topKCategoricalAccuracy,
} from './accuracy'
export { auc } from './auc'
export { precisionAtRecall, recallAtPrecision, sensitivityAtSpecificity, specificityAtSensitivity } from './constrained'
export { falseNegatives, falsePositives, precision, recall, trueNegatives, truePositives } from './counts'
export { f1Score, fBetaScore } from './f-score'
export { binaryIou, iou, meanIou, oneHotIou, oneHotMeanIou } from './iou'
export {
  binaryCrossentropy,
  categoricalCrossentropy,
  categoricalHinge,
  hinge,
  klDivergence,
  logCoshError,
  meanAbsoluteError,
  meanAbsolutePercentageError,
  meanSquaredError,
  meanSquaredLogarithmicError,
  poisson,
  sparseCategoricalCrossentropy,
  squaredHinge,
} from './of-losses'
export { r2Score } from './r2'
export { concordanceCorrelation, cosineSimilarity, pearsonCorrelation, rootMeanSquaredError } from './regression'
export { mean, sumOf as sum } from './mean'
