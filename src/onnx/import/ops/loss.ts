import { expandDims, squeeze } from '../../../api/arrange'
import { dropout } from '../../../api/dropout'
import { gather, type Indices, takeAlongAxis } from '../../../api/indexing'
import { fill } from '../../../api/leaf'
import { cast, div, mul, neg, notEqual, where } from '../../../api/math'
import { logSoftmax } from '../../../api/nn'
import { mean, sum } from '../../../api/reduce'
import type { Tensor } from '../../../ir/tensor'
import type { NodeCall, OnnxOps } from '../node-call'

const REDUCTIONS = ['none', 'mean', 'sum'] as const

/** Minus the log probability of each label, weighted by class: [batch, classes, ...] and labels [batch, ...]. */
function negativeLogLikelihood(call: NodeCall, logs: Tensor): Tensor {
  const [labels, weights] = [cast(call.input(1), 'int32'), call.optional(2)]
  if (logs.shape.length < 2) call.fail(`operand 1 must be [batch, classes, ...], its rank is ${logs.shape.length}`)
  const given = call.attributes.text('reduction', 'mean')
  const reduction = REDUCTIONS.find((r) => r === given) ?? call.fail(`reduction ${JSON.stringify(given)} is not known`)
  const ignored = call.attributes.int('ignore_index')
  const counts = ignored === undefined ? undefined : notEqual(labels, ignored)
  const legal = counts ? where(counts, labels, 0) : labels
  const picked = squeeze(takeAlongAxis<Tensor, Indices, number>(logs, expandDims(legal, 1) as Indices, { axis: 1 }), 1)
  const weight = weights && gather<Tensor, Indices>(weights, legal)
  const ofEach = neg(weight ? mul(picked, weight) : picked)
  const losses = counts ? where(counts, ofEach, 0) : ofEach
  if (reduction === 'none') return losses
  if (reduction === 'sum') return sum(losses)
  if (!weight && !counts) return mean(losses)
  const share = weight ?? fill(labels.shape, 1, { dtype: logs.dtype })
  return div(sum(losses), sum(counts ? where(counts, share, 0) : share))
}

function softmaxCrossEntropyLoss(call: NodeCall): readonly Tensor[] {
  const logs = logSoftmax(call.requireFloat(0), { axis: 1 })
  return [negativeLogLikelihood(call, logs), logs]
}

const RATE = 0.5

/** Without effect unless training is asked for; the mask says which elements stay. */
function dropped(call: NodeCall): readonly (Tensor | undefined)[] {
  const x = call.requireFloat(0)
  // Random numbers are those of the program.
  call.attributes.ignore('seed')
  const isOld = call.opset < 12
  const rate = isOld ? call.attributes.float('ratio', RATE) : (call.optionalNumber(1) ?? RATE)
  const isTraining = !isOld && (call.optionalNumber(2) ?? 0) !== 0
  if (isTraining && !(rate >= 0 && rate < 1)) call.fail(`the ratio is ${rate}`)
  if (!isTraining || rate === 0) {
    const dtype = call.opset < 10 ? x.dtype : 'bool'
    return [x, call.wants(1) ? fill(x.shape, 1, { dtype }) : undefined]
  }
  const factors = dropout(fill(x.shape, 1, { dtype: x.dtype }), rate)
  return [mul(x, factors), notEqual(factors, 0)]
}

/** What is only of use in training. */
export const LOSSES: OnnxOps = {
  NegativeLogLikelihoodLoss: (call) => negativeLogLikelihood(call, call.requireFloat(0)),
  SoftmaxCrossEntropyLoss: softmaxCrossEntropyLoss,
  Dropout: dropped,
}
