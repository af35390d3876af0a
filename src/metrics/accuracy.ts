import { expandDims, slice } from '../api/arrange'
import { checkNumber } from '../api/build'
import { cast, equal, greater } from '../api/math'
import { argMax } from '../api/reduce'
import { reshape } from '../api/shape'
import { inTopK } from '../api/sorting'
import { any } from '../api/statistics'
import { explained, type Tensor } from '../ir/tensor'
import { sameShape, showShape } from '../ir/type'
import { sameRank } from '../losses/align'
import { classNumbers } from '../losses/sparse-crossentropy'
import { meanClass } from './mean'

type Classes = Tensor<readonly number[], 'int32'>

/** How often target and prediction are equal, element by element. */
export const accuracy = meanClass({
  className: 'Accuracy',
  name: 'accuracy',
  defaults: {},
  values: (target, prediction) => ({ values: equal(...sameRank('Accuracy', target, prediction)) }),
})

/** How often a prediction is above the threshold (0.5 by default) where the target is 1, and not where it is 0. */
export const binaryAccuracy = meanClass({
  className: 'BinaryAccuracy',
  name: 'binary_accuracy',
  defaults: { threshold: 0.5 },
  check: ({ threshold }) => checkNumber('BinaryAccuracy', 'threshold', threshold, Number.isFinite, 'a finite number'),
  values: (target, prediction, { threshold }) => {
    const [y, p] = sameRank('BinaryAccuracy', target, prediction)
    return { values: equal(y, cast(greater(p, threshold), y.dtype)) }
  },
})

/** How often the class of the largest prediction is that of the one-hot target, [B, ..., K] both. */
export const categoricalAccuracy = meanClass({
  className: 'CategoricalAccuracy',
  name: 'categorical_accuracy',
  defaults: {},
  values: (target, prediction) => {
    requireOneHot('CategoricalAccuracy', target, prediction)
    return { values: equal(argMax(target), argMax(prediction)) }
  },
})

/** How often the class of the largest prediction, [B, ..., K], is the class number of the target, [B, ...] or [B, ..., 1]. */
export const sparseCategoricalAccuracy = meanClass({
  className: 'SparseCategoricalAccuracy',
  name: 'sparse_categorical_accuracy',
  defaults: {},
  values: (target, prediction) => {
    const labels = classNumbers('SparseCategoricalAccuracy', target, prediction, prediction.shape.length - 1)
    return { values: equal(labels, argMax(prediction)) }
  },
})

/** How often the class of the one-hot target is among the k (5 by default) to which the prediction gives most. */
export const topKCategoricalAccuracy = meanClass({
  className: 'TopKCategoricalAccuracy',
  name: 'top_k_categorical_accuracy',
  defaults: { k: 5 },
  check: ({ k }) => checkCount('TopKCategoricalAccuracy', k),
  values: (target, prediction, { k }) => {
    requireOneHot('TopKCategoricalAccuracy', target, prediction)
    return { values: isAmong(argMax(target), prediction, k) }
  },
})

/**
 * The same for class numbers. With `fromSortedIds` the predictions are class numbers themselves, the likeliest first, and the
 * target must be among the first k.
 */
export const sparseTopKCategoricalAccuracy = meanClass({
  className: 'SparseTopKCategoricalAccuracy',
  name: 'sparse_top_k_categorical_accuracy',
  defaults: { k: 5, fromSortedIds: false },
  check: ({ k }) => checkCount('SparseTopKCategoricalAccuracy', k),
  values: (target, prediction, { k, fromSortedIds }) => {
    const last = prediction.shape.length - 1
    const labels = classNumbers('SparseTopKCategoricalAccuracy', target, prediction, last) as Classes
    if (!fromSortedIds) return { values: isAmong(labels, prediction, k) }
    const first = slice(prediction, [...labels.shape.map(() => null), { end: Math.min(k, prediction.shape[last]!) }])
    return { values: any(equal(expandDims(labels, -1), first), { axis: -1 }) }
  },
})

const checkCount = (className: string, k: number): void =>
  checkNumber(className, 'k', k, (v) => Number.isInteger(v) && v > 0, 'a whole number from 1')

function isAmong(labels: Classes, prediction: Tensor, k: number): Tensor {
  const rows = reshape(prediction, [labels.shape.reduce((a, b) => a * b, 1), prediction.shape.at(-1)!])
  return reshape(inTopK(reshape(labels, [rows.shape[0]]), rows, k), labels.shape)
}

function requireOneHot(className: string, target: Tensor, prediction: Tensor): void {
  if (prediction.shape.length > 1 && sameShape(target.shape, prediction.shape)) return
  throw explained(
    className,
    `target ${showShape(target.shape)} and prediction ${showShape(prediction.shape)} must both be [samples, ..., classes]; ` +
      'for class numbers use the sparse form',
    [target, prediction],
  )
}
