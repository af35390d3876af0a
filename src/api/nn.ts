import { checkKeys } from '../ir/names-of'
import type { Checked, DenseLabels, Shape, ShapeOr, SparseLabels } from '../ir/shapes'
import { apply, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { normalizeAxis } from '../ops/axes'
import { meanSquaredErrorOp } from '../ops/loss'
import { castTensor } from '../ops/promote'
import { crossEntropyOp, logSoftmaxT, softmaxT, sparseCrossEntropyOp } from '../ops/softmax'
import { asFloat, checkNumber } from './build'
import type { Floating } from './signatures'

interface AxisOption {
  /** The axis that is normalised, the last by default. */
  readonly axis?: number
}

/** exp(x) / sum(exp(x)) along one axis, same shape; exponents are shifted, so no input overflows. */
export function softmax<X extends Tensor>(x: X, options: AxisOption = {}): Tensor<X['shape'], Floating<X['dtype']>> {
  const value = asFloat('softmax', x)
  checkKeys('softmax', options, ['axis'])
  return softmaxT(value, normalizeAxis('softmax', options.axis, value.shape, -1)) as never
}

/** log(softmax(x)) along one axis, same shape, computed as x - log(sum(exp(x))) from shifted exponents. */
export function logSoftmax<X extends Tensor>(x: X, options: AxisOption = {}): Tensor<X['shape'], Floating<X['dtype']>> {
  const value = asFloat('logSoftmax', x)
  checkKeys('logSoftmax', options, ['axis'])
  return logSoftmaxT(value, normalizeAxis('logSoftmax', options.axis, value.shape, -1)) as never
}

export interface SmoothingOption {
  /** Share s of the target spread evenly over the classes: y (1 - s) + s / K. From 0 (the default) up to 1. */
  readonly labelSmoothing?: number
}

/**
 * -log softmax(logits)[label] for each row: logits [..., K], labels [...] int32 or uint8 in 0 to K - 1, result [...].
 * Computed from the logits, exact at any size. Label smoothing: Szegedy et al. 2016, arXiv:1512.00567.
 */
export function sparseSoftmaxCrossEntropy<L extends Tensor, Y extends Tensor<Shape, 'int32' | 'uint8'>>(
  logits: L,
  labels: Checked<SparseLabels<'sparseSoftmaxCrossEntropy', L['shape'], Y['shape']>, Y>,
  options: SmoothingOption = {},
): Tensor<ShapeOr<SparseLabels<'sparseSoftmaxCrossEntropy', L['shape'], Y['shape']>>, Floating<L['dtype']>> {
  const attrs = smoothing('sparseSoftmaxCrossEntropy', options)
  return apply(sparseCrossEntropyOp, [asFloat(sparseCrossEntropyOp.name, logits), labels as Tensor], attrs) as never
}

/**
 * -sum(labels * log softmax(logits)) for each row: logits and labels [..., K] (labels one-hot or any distribution),
 * result [...]. A class of weight 0 adds nothing even at a logit of -Infinity.
 */
export function softmaxCrossEntropy<L extends Tensor, Y extends Tensor>(
  logits: L,
  labels: Checked<DenseLabels<'softmaxCrossEntropy', L['shape'], Y['shape']>, Y>,
  options: SmoothingOption = {},
): Tensor<ShapeOr<DenseLabels<'softmaxCrossEntropy', L['shape'], Y['shape']>>, Floating<L['dtype']>> {
  const attrs = smoothing('softmaxCrossEntropy', options)
  const z = asFloat('softmaxCrossEntropy', logits)
  const target = labels as Tensor
  requireTensor('softmaxCrossEntropy', target)
  return apply(crossEntropyOp, [z, isFloat(target.dtype) ? target : castTensor(target, z.dtype)], attrs) as never
}

/** mean((prediction - target)²) over all elements, a scalar. The shapes must be equal: nothing is broadcast here. */
export function meanSquaredError<P extends Tensor, T extends Tensor>(
  prediction: P,
  target: T,
): Tensor<[], Floating<P['dtype']>> {
  return apply(
    meanSquaredErrorOp,
    [asFloat(meanSquaredErrorOp.name, prediction), asFloat(meanSquaredErrorOp.name, target)],
    {},
  ) as never
}

function smoothing(op: string, options: SmoothingOption): { readonly labelSmoothing: number } {
  checkKeys(op, options, ['labelSmoothing'])
  const { labelSmoothing = 0 } = options
  checkNumber(op, 'labelSmoothing', labelSmoothing, (v) => v >= 0 && v < 1, 'from 0 up to 1')
  return { labelSmoothing }
}
