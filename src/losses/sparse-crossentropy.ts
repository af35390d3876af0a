import { checkNumber } from '../api/build'
import { expandDims, squeeze } from '../api/arrange'
import { clip } from '../api/elementary'
import { takeAlongAxis } from '../api/indexing'
import { cast, div, log, neg, notEqual, where, pow, sub } from '../api/math'
import { sparseSoftmaxCrossEntropy } from '../api/nn'
import { moveAxis } from '../api/rearrange'
import { sum } from '../api/reduce'
import { explained, type Tensor } from '../ir/tensor'
import { sameShape, showShape } from '../ir/type'
import { normalizeAxis } from '../ops/axes'
import { toFloat } from '../ops/promote'
import { requireClasses } from './crossentropy'
import { EPSILON } from './epsilon'
import { softmaxOperand } from './logits'
import { lossClass } from './loss'

const SPARSE = 'SparseCategoricalCrossentropy'
const GENERALIZED = 'CategoricalGeneralizedCrossEntropy'

/** Class numbers of the shape of the prediction without its classes, int32; an axis of 1 in their place is dropped. */
export function classNumbers(name: string, target: Tensor, prediction: Tensor, axis: number): Tensor {
  const rows = prediction.shape.filter((_, i) => i !== axis)
  const isKept = target.shape.length === prediction.shape.length && target.shape[axis] === 1
  const labels = isKept ? squeeze(target, axis) : target
  if (!sameShape(labels.shape, rows))
    throw explained(
      name,
      `target ${showShape(target.shape)} must be class numbers ${showShape(rows)}, one for each row of the prediction ${showShape(prediction.shape)}` +
        (sameShape(target.shape, prediction.shape) ? '; for one-hot labels use the categorical form' : ''),
      [target, prediction],
    )
  return labels.dtype === 'uint8' ? labels : cast(labels, 'int32')
}

/** What lies at the class of each row, of scores along the last axis. */
const own = (scores: Tensor, labels: Tensor): Tensor =>
  squeeze(takeAlongAxis(scores, expandDims(labels, -1) as Tensor<readonly number[], 'int32'>), -1)

const isCounted = (labels: Tensor, ignoreClass: number): Tensor => notEqual(cast(labels, 'int32'), ignoreClass)

/**
 * -log(p[label]) over the classes of `axis`, for class numbers [B, ...] or with an axis of 1 for the classes; floats are cut to
 * whole numbers. Probabilities as for `categoricalCrossentropy`. Rows of class `ignoreClass` give 0 and count in no mean. A
 * class out of range is an error of the step.
 */
export const sparseCategoricalCrossentropy = lossClass({
  className: SPARSE,
  name: 'sparse_categorical_crossentropy',
  defaults: { fromLogits: false, ignoreClass: null as number | null, axis: -1 },
  check: ({ ignoreClass, axis }) => {
    if (ignoreClass !== null)
      checkNumber(SPARSE, 'ignoreClass', ignoreClass, Number.isInteger, 'a whole number or null')
    checkNumber(SPARSE, 'axis', axis, Number.isInteger, 'a whole number')
  },
  values: (target, prediction, { fromLogits, ignoreClass, axis }) => {
    const at = normalizeAxis(SPARSE, axis, prediction.shape)
    requireClasses(SPARSE, at, target, prediction)
    const given = classNumbers(SPARSE, target, prediction, at)
    const counts = ignoreClass === null ? undefined : isCounted(given, ignoreClass)
    const labels = (counts ? where(counts, given, 0) : given) as Tensor<readonly number[], 'int32'>
    const logits = fromLogits ? prediction : softmaxOperand(prediction, at)
    const scores = moveAxis(toFloat(logits ?? prediction), at, -1)
    const values = logits ? sparseSoftmaxCrossEntropy(scores, labels) : ofShares(scores, labels)
    return counts ? where(counts, values, 0) : values
  },
  valid: ({ ignoreClass, axis }) =>
    ignoreClass === null
      ? undefined
      : (target, prediction) => {
          const at = normalizeAxis(SPARSE, axis, prediction.shape)
          return isCounted(classNumbers(SPARSE, target, prediction, at), ignoreClass)
        },
})
const ofShares = (p: Tensor, labels: Tensor): Tensor =>
  neg(log(clip(div(own(p, labels), sum(p, { axis: -1 })), EPSILON, 1 - EPSILON)))

/**
 * (1 - p[label]^q) / q over the classes of the last axis, for class numbers and probabilities: from crossentropy (q near 0) to
 * the absolute error (q near 1), for labels that are not all right. Source: Zhang and Sabuncu 2018, arXiv:1805.07836.
 */
export const categoricalGeneralizedCrossEntropy = lossClass({
  className: GENERALIZED,
  name: 'categorical_generalized_cross_entropy',
  defaults: { q: 0.5 },
  check: ({ q }) => checkNumber(GENERALIZED, 'q', q, (v) => v > 0 && v < 1, 'between 0 and 1'),
  values: (target, prediction, { q }) => {
    const p = toFloat(prediction)
    const axis = p.shape.length - 1
    requireClasses(GENERALIZED, axis, target, prediction)
    return div(sub(1, pow(own(p, classNumbers(GENERALIZED, target, p, axis)), q)), q)
  },
})
