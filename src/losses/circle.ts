import { relu } from '../api/activation-more'
import { softplus } from '../api/activation'
import { expandDims } from '../api/arrange'
import { checkNumber } from '../api/build'
import { eye } from '../api/create'
import { logicalAnd, logicalNot } from '../api/logic'
import { add, equal, greater, mul, sub, where } from '../api/math'
import { matmul, transpose } from '../api/shape'
import { logSumExp } from '../api/statistics'
import { explained } from '../ir/tensor'
import { showShape } from '../ir/type'
import { toFloat } from '../ops/promote'
import { lossClass } from './loss'
import { classNumbers } from './sparse-crossentropy'

/**
 * The circle loss of embeddings [B, n], of length 1, against each other, by class numbers [B] or [B, 1]: softplus of the
 * logarithms of sum(exp(-gamma (margin + d)(margin - d))) over others of the same class and of sum(exp(gamma (1 + margin - d)
 * (1 - margin - d))) over those of other classes, with the distance d = max(1 - cosine, 0). A sample without either gives 0;
 * values of 0 count in no mean. `removeDiagonal`: a sample is none of the others. Source: Sun et al. 2020, arXiv:2002.10857.
 */
export const circle = lossClass({
  className: 'Circle',
  name: 'circle',
  defaults: { gamma: 80, margin: 0.4, removeDiagonal: true },
  check: ({ gamma, margin }) => {
    checkNumber('Circle', 'gamma', gamma, (v) => v > 0, 'a positive number')
    checkNumber('Circle', 'margin', margin, (v) => v >= 0 && v <= 1, 'from 0 to 1')
  },
  values: (target, prediction, { gamma, margin, removeDiagonal }) => {
    const p = toFloat(prediction)
    if (p.shape.length !== 2)
      throw explained('Circle', `embeddings must be [samples, features], they are ${showShape(p.shape)}`, [
        target,
        prediction,
      ])
    const labels = classNumbers('Circle', target, p, 1)
    const distances = relu(sub(1, matmul(p, transpose(p))))
    const isSame = equal(expandDims(labels, 1), expandDims(labels, 0))
    const isSelf = eye(p.shape[0]!, { dtype: 'bool' })
    const isOther = removeDiagonal ? logicalAnd(isSame, logicalNot(isSelf)) : isSame
    const near = mul(mul(add(distances, margin), sub(margin, distances)), -gamma)
    const far = mul(mul(relu(sub(1 + margin, distances)), sub(1 - margin, distances)), gamma)
    const along = { axis: 1 } as const
    const positive = logSumExp(where(isOther, near, -Infinity), along)
    const negative = logSumExp(where(logicalNot(isSame), far, -Infinity), along)
    return softplus(add(positive, negative))
  },
  valid: () => (_target, _prediction, values) => greater(values, 0),
})
