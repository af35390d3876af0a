import type { Metric } from './metric'
import * as ofLosses from './of-losses'

export type Direction = 'min' | 'max'

const LARGER = new Set([
  ...['Accuracy', 'BinaryAccuracy', 'CategoricalAccuracy', 'SparseCategoricalAccuracy'],
  ...['TopKCategoricalAccuracy', 'SparseTopKCategoricalAccuracy', 'Precision', 'Recall', 'AUC'],
  ...['PrecisionAtRecall', 'RecallAtPrecision', 'SensitivityAtSpecificity', 'SpecificityAtSensitivity'],
  ...['FBetaScore', 'F1Score', 'IoU', 'BinaryIoU', 'MeanIoU', 'OneHotIoU', 'OneHotMeanIoU'],
  ...['CosineSimilarity', 'PearsonCorrelation', 'ConcordanceCorrelation', 'R2Score'],
])
const SMALLER = new Set(['RootMeanSquaredError', ...Object.values(ofLosses).map((metric) => metric.className)])

/** Which values of a metric are the better ones, as Keras has it; undefined for counts, means and functions. */
export function directionOf({ className, config }: Metric): Direction | undefined {
  if (LARGER.has(className)) return 'max'
  const isLoss = className === 'MeanMetricWrapper' && config['fn'] !== undefined
  return isLoss || SMALLER.has(className) ? 'min' : undefined
}
