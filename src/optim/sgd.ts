import type { Checked, Scalar } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, mulT, subT } from '../ops/arith'
import type { Hyper } from './hyper'
import { COMMON, type OptimizerOptions } from './options'
import { optimize, type Rule } from './optimizer'

/** Options of `sgd`. */
export interface SgdOptions extends OptimizerOptions {
  /** Step size, 0.01 by default. */
  readonly learningRate?: Hyper
  /** Share of the last step that is repeated; 0, the default, keeps no velocity. */
  readonly momentum?: Hyper
  /** Look ahead along the velocity. */
  readonly nesterov?: boolean
}

export const sgdRule: Rule<SgdOptions> = {
  name: 'sgd',
  className: 'SGD',
  defaults: { ...COMMON, learningRate: 0.01, momentum: 0, nesterov: false },
  hypers: ({ learningRate, momentum }) => ({ learningRate, ...(momentum === 0 ? {} : { momentum }) }),
  write: ({ weight, gradient, slot, hyper }, { momentum, nesterov }) => {
    const step = mulT(hyper('learningRate'), gradient)
    if (momentum === 0) return { next: subT(weight, step) }
    const velocity = slot('momentum')
    const next = subT(mulT(hyper('momentum'), velocity), step)
    const ahead = nesterov ? subT(mulT(hyper('momentum'), next), step) : next
    return { next: addT(weight, ahead), slots: [[velocity, next]] }
  },
}

/**
 * Stochastic gradient descent: w - lr g. With momentum, Keras's form, the rate inside the velocity:
 * m = momentum m - lr g, then w + m, or with Nesterov w + momentum m - lr g. Returns updates for an entry.
 * Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep learning".
 */
export function sgd<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'sgd', L['shape']>, L>,
  variables: readonly V[],
  options: SgdOptions = {},
): Update<V>[] {
  return optimize(sgdRule, loss as Tensor, variables, options) as never
}
