import { clip } from '../api/elementary'
import { add, log, mul, sub } from '../api/math'
import { mean, sum } from '../api/reduce'
import type { Tensor } from '../ir/tensor'
import { aligned } from './align'
import { EPSILON } from './epsilon'
import { lossClass } from './loss'

/** Sum over the last axis of y log(y / p), both kept from 1e-7 to 1. */
export const klDivergence = lossClass({
  className: 'KLDivergence',
  name: 'kl_divergence',
  defaults: {},
  values: (target, prediction) => {
    const [y, p] = aligned('KLDivergence', target, prediction).map((x) => clip(x, EPSILON, 1)) as [Tensor, Tensor]
    return sum(mul(y, sub(log(y), log(p))), { axis: -1 })
  },
})

/** Mean over the last axis of p - y log(p + 1e-7), the loss of counts. */
export const poisson = lossClass({
  className: 'Poisson',
  name: 'poisson',
  defaults: {},
  values: (target, prediction) => {
    const [y, p] = aligned('Poisson', target, prediction)
    return mean(sub(p, mul(y, log(add(p, EPSILON)))), { axis: -1 })
  },
})
