import { GraphError } from '../ir/errors'
import { valueText } from '../ir/names-of'
import { logicalAnd } from '../api/logic'
import { cast, div, mul, where } from '../api/math'
import { sum } from '../api/reduce'
import { divNoNan } from '../api/special-values'
import type { Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { stretched } from './align'
import { isLoss, type Loss, titleOf } from './loss'

/** How the values of a loss become one number. */
export interface ReduceLossOptions {
  /** One weight a sample, [B], or more of the axes of the values, each of its extent or 1. */
  readonly weight?: Tensor | undefined
  /** Which values count, bool or numbers, shapes as for weights. What does not count is in no denominator either. */
  readonly mask?: Tensor | undefined
}

/**
 * The values of a loss by its own reduction: 'none' gives weight * value, 'sum' their sum, 'sumOverBatchSize' and 'mean' that
 * sum divided by the number of values that count (not by the sum of weights), 'meanWithSampleWeight' divided by the sum of
 * weights, each as often as it was stretched. Of nothing that counts the mean is 0. As `reduce_weighted_values` of Keras 3.16.
 */
export function reduceLoss(loss: Loss, values: Tensor, { weight, mask }: ReduceLossOptions = {}): Tensor {
  requireLoss('reduceLoss', loss)
  const { reduction } = loss
  const title = titleOf(loss)
  const weights = weight && stretched(title, 'the weight', cast(weight, values.dtype), values)
  const counts = mask && stretched(title, 'the mask', cast(mask, 'bool'), values)
  const only = (t: Tensor): Tensor => (counts ? where(counts, t, 0) : t)
  // Selected, so that what is masked may be anything.
  const weighted = only(weights ? mul(values, weights) : values)
  if (reduction === 'none') return weighted
  const total = sum(weighted)
  if (reduction === 'sum') return total
  if (reduction === 'meanWithSampleWeight' && weights) return divNoNan(total, sum(only(weights)))
  if (counts) return divNoNan(total, cast(sum(counts), values.dtype))
  const size = sizeOf(values.shape)
  return size <= 1 ? total : div(total, size)
}

/** The number to minimise: the values of a loss, without those it leaves out itself, reduced. */
export function lossValue(loss: Loss, target: Tensor, prediction: Tensor, options: ReduceLossOptions = {}): Tensor {
  requireLoss('lossValue', loss)
  const values = loss(target, prediction)
  const valid = loss.valid?.(target, prediction, values)
  if (!valid) return reduceLoss(loss, values, options)
  const { weight, mask } = options
  const both = mask ? logicalAnd(valid, stretched(titleOf(loss), 'the mask', cast(mask, 'bool'), values)) : valid
  return reduceLoss(loss, values, { weight, mask: both })
}

function requireLoss(op: string, loss: unknown): void {
  if (!isLoss(loss))
    throw new GraphError(
      `${op}: the loss must be one of losses, such as losses.meanSquaredError(), it is ${valueText(loss)}`,
    )
}
