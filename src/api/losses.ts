import { checkKeys } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { apply, type Tensor } from '../ir/tensor'
import type { AnyOp } from '../ir/op'
import { normalizeAxis } from '../ops/axes'
import {
  binaryCrossEntropyOp,
  hingeOp,
  huberOp,
  klDivergenceOp,
  logCoshOp,
  meanAbsoluteErrorOp,
  poissonOp,
  sigmoidCrossEntropyOp,
  squaredHingeOp,
} from '../ops/loss'
import { cosineSimilarityOp } from '../ops/statistics'
import { asFloat, checkNumber } from './build'
import type { Floating } from './signatures'

// Shapes of both operands must be equal: nothing is broadcast in a loss.

type Elementwise = <P extends Tensor, T extends Tensor>(
  prediction: P,
  target: T,
) => Tensor<P['shape'], Floating<P['dtype']>>
const loss =
  (op: AnyOp, attrs: object = {}) =>
  (a: Tensor, b: Tensor) =>
    apply<unknown>(op, [asFloat(op.name, a), asFloat(op.name, b)], attrs)

/** mean(|prediction - target|) over all elements, a scalar. */
export const meanAbsoluteError = loss(meanAbsoluteErrorOp) as (prediction: Tensor, target: Tensor) => Tensor<[]>
/** -y log(sigmoid(z)) - (1 - y) log(1 - sigmoid(z)) for each element, from the logits z: exact at any size. */
export const sigmoidCrossEntropy = loss(sigmoidCrossEntropyOp) as Elementwise
/** -y log(p) - (1 - y) log(1 - p) for each element, for probabilities p, which are kept 1e-7 away from 0 and 1 as in Keras. */
export const binaryCrossEntropy = loss(binaryCrossEntropyOp) as Elementwise
/** For each element d² / 2 of the difference d up to delta, delta (|d| - delta / 2) beyond. Source: Huber 1964. */
export function huber<P extends Tensor>(prediction: P, target: Tensor, options: { readonly delta?: number } = {}) {
  checkKeys('huber', options, ['delta'])
  const { delta = 1 } = options
  checkNumber('huber', 'delta', delta, (v) => v > 0, 'a positive number')
  return loss(huberOp, { delta })(prediction, target) as Tensor<P['shape'], Floating<P['dtype']>>
}
/** log(cosh(prediction - target)) for each element; it does not overflow. */
export const logCosh = loss(logCoshOp) as Elementwise
/** max(1 - target prediction, 0) for each element; targets are -1 and 1. */
export const hinge = loss(hingeOp) as Elementwise
/** max(1 - target prediction, 0)² for each element; targets are -1 and 1. */
export const squaredHinge = loss(squaredHingeOp) as Elementwise
/** sum(target log(target / prediction)) over the last axis, for distributions; a class of probability 0 adds nothing. */
export const klDivergence = loss(klDivergenceOp)
/** prediction - target log(prediction) for each element, the loss of counts. */
export const poisson = loss(poissonOp) as Elementwise

/** sum(a b) / (|a| |b|) along an axis, the last by default; each length is at least epsilon. */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  options: { readonly axis?: number; readonly epsilon?: number } = {},
): Tensor<Shape> {
  checkKeys('cosineSimilarity', options, ['axis', 'epsilon'])
  const { axis = -1, epsilon = 1e-8 } = options
  checkNumber('cosineSimilarity', 'epsilon', epsilon, (v) => v > 0, 'a positive number')
  const operand = asFloat('cosineSimilarity', a)
  return loss(cosineSimilarityOp, { axes: [normalizeAxis('cosineSimilarity', axis, operand.shape)], epsilon })(a, b)
}
