import * as core from '../api/losses'
import { meanSquaredError, softmaxCrossEntropy, sparseSoftmaxCrossEntropy } from '../api/nn'
import { GraphError } from '../ir/errors'
import { valueText } from '../ir/names-of'
import { isTensor, type Tensor } from '../ir/tensor'
import { sameRanks } from './align'

/** A function that somebody else wrote of target and prediction. */
export type OwnFunction = (target: Tensor, prediction: Tensor) => Tensor

/** Keras's class of a loss that is a function. */
export const OWN_CLASS = 'LossFunctionWrapper'

/** The losses of the main entry, which take the prediction first, as TensorFlow.js does. */
const PREDICTION_FIRST: ReadonlySet<unknown> = new Set([
  ...Object.values(core),
  meanSquaredError,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
])

/**
 * Calls a function with what its values are told from, a loss of the main entry in its own order. Labels [B] beside a prediction
 * [B, 1] are of its rank, as for the losses that have a name: a difference of the two would be [B, B].
 */
export function ownValues(of: OwnFunction, title: string, target: Tensor, prediction: Tensor): Tensor {
  const [y, p] = sameRanks(target, prediction)
  const values: unknown = PREDICTION_FIRST.has(of) ? of(p, y) : of(y, p)
  if (isTensor(values)) return values
  throw new GraphError(`${title}: the function must return a tensor, it returned ${valueText(values)}`)
}
