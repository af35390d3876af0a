import { relu } from '../api/activation-more'
import { hinge as hingeValues, squaredHinge as squaredHingeValues } from '../api/losses'
import { logicalOr } from '../api/logic'
import { add, equal, mul, sub, where } from '../api/math'
import { max, mean, sum } from '../api/reduce'
import { all } from '../api/statistics'
import type { Tensor } from '../ir/tensor'
import { aligned } from './align'
import { lossClass } from './loss'

/** Labels -1 and 1. Where a whole batch of them is 0 and 1, those become -1 and 1, as in Keras. */
function signs(y: Tensor): Tensor {
  const isBinary = all(logicalOr(equal(y, 0), equal(y, 1)))
  return where(isBinary, sub(mul(y, 2), 1), y)
}

/** Mean over the last axis of max(1 - y p, 0), for labels -1 and 1 or, where all of a batch are, 0 and 1. */
export const hinge = lossClass({
  className: 'Hinge',
  name: 'hinge',
  defaults: {},
  values: (target, prediction) => {
    const [y, p] = aligned('Hinge', target, prediction)
    return mean(hingeValues(p, signs(y)), { axis: -1 })
  },
})

/** Mean over the last axis of max(1 - y p, 0)², labels as for `hinge`. */
export const squaredHinge = lossClass({
  className: 'SquaredHinge',
  name: 'squared_hinge',
  defaults: {},
  values: (target, prediction) => {
    const [y, p] = aligned('SquaredHinge', target, prediction)
    return mean(squaredHingeValues(p, signs(y)), { axis: -1 })
  },
})

/** max(max((1 - y) p) - sum(y p) + 1, 0) over the classes of the last axis, for one-hot labels. */
export const categoricalHinge = lossClass({
  className: 'CategoricalHinge',
  name: 'categorical_hinge',
  defaults: {},
  values: (target, prediction) => {
    const [y, p] = aligned('CategoricalHinge', target, prediction)
    const own = sum(mul(y, p), { axis: -1 })
    const other = max(mul(sub(1, y), p), { axis: -1 })
    return relu(add(sub(other, own), 1))
  },
})
