import { checkNumber } from '../api/build'
import { add, div, mul, sub } from '../api/math'
import { sum } from '../api/reduce'
import type { Tensor } from '../ir/tensor'
import { aligned } from './align'
import { EPSILON } from './epsilon'
import { lossClass } from './loss'

/** Over which axes sums are taken: all by default, so that there is one value for the whole batch. */
const OVER = { axis: null as number | readonly number[] | null }
type Axes = number | readonly number[] | null
const over = (x: Tensor, axis: Axes): Tensor => (axis === null ? sum(x) : sum(x, { axis: axis as number }))

/** 1 - 2 sum(y p) / (sum(y) + sum(p)) over `axis`, all by default; source: Milletari et al. 2016, arXiv:1606.04797. */
export const dice = lossClass({
  className: 'Dice',
  name: 'dice',
  defaults: OVER,
  values: (target, prediction, { axis }) => {
    const [y, p] = aligned('Dice', target, prediction)
    const both = add(add(over(y, axis), over(p, axis)), EPSILON)
    return sub(1, div(mul(over(mul(y, p), axis), 2), both))
  },
})

/**
 * 1 - i / (i + alpha m + beta e) over `axis`, all by default, with i = sum(y p), what is missed m = sum(y (1 - p)) and what is
 * too much e = sum((1 - y) p), which is how Keras computes it. Source: Salehi et al. 2017, arXiv:1706.05721.
 */
export const tversky = lossClass({
  className: 'Tversky',
  name: 'tversky',
  defaults: { alpha: 0.5, beta: 0.5, ...OVER },
  check: ({ alpha, beta }) => {
    checkNumber('Tversky', 'alpha', alpha, (v) => v >= 0, 'a number from 0')
    checkNumber('Tversky', 'beta', beta, (v) => v >= 0, 'a number from 0')
  },
  values: (target, prediction, { alpha, beta, axis }) => {
    const [y, p] = aligned('Tversky', target, prediction)
    const inside = over(mul(y, p), axis)
    const missed = over(mul(y, sub(1, p)), axis)
    const excess = over(mul(sub(1, y), p), axis)
    const union = add(add(inside, mul(missed, alpha)), add(mul(excess, beta), EPSILON))
    return sub(1, div(inside, union))
  },
})
