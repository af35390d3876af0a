import { GraphError } from '../ir/errors'
import { clip } from '../api/elementary'
import { binaryCrossEntropy, sigmoidCrossEntropy } from '../api/losses'
import { add, div, log, mul, neg } from '../api/math'
import { softmaxCrossEntropy } from '../api/nn'
import { moveAxis } from '../api/rearrange'
import { mean, sum } from '../api/reduce'
import { explained, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { normalizeAxis } from '../ops/axes'
import { aligned } from './align'
import { EPSILON } from './epsilon'
import { sigmoidOperand, softmaxOperand } from './logits'
import { checkFraction, lossClass } from './loss'

export const CROSSENTROPY_DEFAULTS = {
  /** The prediction is what goes into a softmax or a sigmoid, not what comes out. */
  fromLogits: false as boolean,
  /** Share s of the target spread evenly: y (1 - s) + s / classes. */
  labelSmoothing: 0,
  /** That of the classes, the last by default. */
  axis: -1,
}
export type CrossentropyOptions = typeof CROSSENTROPY_DEFAULTS

export function checkCrossentropy(className: string, { labelSmoothing, axis }: CrossentropyOptions): void {
  checkFraction(className, 'labelSmoothing', labelSmoothing)
  if (!Number.isInteger(axis)) throw new GraphError(`${className}: axis must be a whole number, it is ${String(axis)}`)
}

/** y (1 - s) + s / classes. Source: Szegedy et al. 2016, arXiv:1512.00567. */
export const smoothed = (y: Tensor, share: number, classes: number): Tensor =>
  share === 0 ? y : add(mul(y, 1 - share), share / classes)

/** A prediction of yes or no, as logits where it is known by them. */
export interface Yes {
  readonly y: Tensor
  readonly values: Tensor
  readonly areLogits: boolean
}
export function binaryOperands(
  className: string,
  target: Tensor,
  prediction: Tensor,
  options: CrossentropyOptions,
): Yes {
  const logits = options.fromLogits ? prediction : sigmoidOperand(prediction)
  const [y, values] = aligned(className, target, logits ?? prediction)
  return { y: smoothed(y, options.labelSmoothing, 2), values, areLogits: logits !== undefined }
}

/** Scores of classes along the last axis, as logits where they are known by them. */
export function classOperands(
  className: string,
  target: Tensor,
  prediction: Tensor,
  options: CrossentropyOptions,
): Yes {
  const axis = normalizeAxis(className, options.axis, prediction.shape)
  requireOneHot(className, axis, target, prediction)
  const logits = options.fromLogits ? prediction : softmaxOperand(prediction, axis)
  const [y, p] = aligned(className, target, logits ?? prediction)
  requireClasses(className, axis, target, prediction)
  const [labels, values] = [moveAxis(y, axis, -1), moveAxis(p, axis, -1)]
  return { y: smoothed(labels, options.labelSmoothing, values.shape.at(-1)!), values, areLogits: logits !== undefined }
}

/** Class numbers in the place of one value a class are the usual slip. */
function requireOneHot(className: string, axis: number, target: Tensor, prediction: Tensor): void {
  const [y, p] = [target.shape, prediction.shape]
  const areNumbers = y.length === p.length - 1 || (y.length === p.length && y[axis] === 1)
  if (!areNumbers || p.length < 2 || p[axis] === 1) return
  throw explained(
    className,
    `target ${showShape(y)} and prediction ${showShape(p)} must have equal shapes; for class numbers use SparseCategoricalCrossentropy`,
    [target, prediction],
  )
}

/** Of one class the loss is 0 whatever is predicted. */
export function requireClasses(className: string, axis: number, target: Tensor, prediction: Tensor): void {
  const { shape } = prediction
  if (shape.length > 1 && shape[axis]! > 1) return
  throw explained(
    className,
    `the prediction ${showShape(shape)} needs samples and two classes or more along axis ${axis}; ` +
      'for one probability a sample use BinaryCrossentropy',
    [target, prediction],
  )
}

/** Shares of their sum along the last axis, from 1e-7 to 1 - 1e-7. */
export const probabilities = (p: Tensor): Tensor =>
  clip(div(p, sum(p, { axis: -1, keepDims: true })), EPSILON, 1 - EPSILON)

/**
 * Mean over `axis` of -y log(p) - (1 - y) log(1 - p), probabilities kept from 1e-7 to 1 - 1e-7; of logits, and of what is the
 * result of `sigmoid`, from the logits, exact at any size. Target and prediction [B, ..., n] give [B, ...].
 */
export const binaryCrossentropy = lossClass({
  className: 'BinaryCrossentropy',
  name: 'binary_crossentropy',
  defaults: CROSSENTROPY_DEFAULTS,
  check: (options) => checkCrossentropy('BinaryCrossentropy', options),
  values: (target, prediction, options) => {
    const { y, values, areLogits } = binaryOperands('BinaryCrossentropy', target, prediction, options)
    const each = areLogits ? sigmoidCrossEntropy(values, y) : binaryCrossEntropy(values, y)
    return mean(each, { axis: options.axis })
  },
})

/**
 * -sum(y log(p)) over the classes of `axis`, for labels that are one-hot or any distribution. Probabilities are divided by
 * their sum and kept from 1e-7 to 1 - 1e-7; of logits, and of what is the result of `softmax` over that axis, it is computed
 * from the logits, exact at any size. Target and prediction [B, ..., K] give [B, ...]. Labels are smoothed over the classes of
 * `axis` (Keras counts those of the last axis).
 */
export const categoricalCrossentropy = lossClass({
  className: 'CategoricalCrossentropy',
  name: 'categorical_crossentropy',
  defaults: CROSSENTROPY_DEFAULTS,
  check: (options) => checkCrossentropy('CategoricalCrossentropy', options),
  values: (target, prediction, options) => {
    const { y, values, areLogits } = classOperands('CategoricalCrossentropy', target, prediction, options)
    if (areLogits) return softmaxCrossEntropy(values, y)
    return neg(sum(mul(y, log(probabilities(values))), { axis: -1 }))
  },
})
