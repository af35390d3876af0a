import { checkNumber } from '../api/build'
import type { Checked, Scalar } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { mulT, subT } from '../ops/arith'
import { signT } from '../ops/rounding'
import { movingAverage } from './ema'
import type { Hyper } from './hyper'
import { COMMON, type OptimizerOptions } from './options'
import { optimize, type Rule } from './optimizer'

/** Options of `lion`. */
export interface LionOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** Share of the average in the sign that is taken, above 0 and at most 1; 0.9 by default. */
  readonly beta1?: Hyper
  /** Decay of the average gradient, 0.99 by default. */
  readonly beta2?: Hyper
}

export const lionRule: Rule<LionOptions> = {
  name: 'lion',
  className: 'Lion',
  defaults: { ...COMMON, learningRate: 0.001, beta1: 0.9, beta2: 0.99 },
  check: ({ beta1 }) => {
    if (typeof beta1 === 'number') checkNumber('lion', 'beta1', beta1, (v) => v > 0 && v <= 1, 'above 0 and at most 1')
  },
  hypers: ({ learningRate, beta1, beta2 }) => ({ learningRate, beta1, beta2 }),
  decays: ['beta2'],
  write: ({ weight, gradient, slot, hyper, scalars }) => {
    const m = slot('m')
    const direction = signT(movingAverage(m, gradient, scalars['beta1']!))
    return {
      next: subT(weight, mulT(hyper('learningRate'), direction)),
      slots: [[m, movingAverage(m, gradient, scalars['beta2']!)]],
    }
  },
}

/**
 * Lion: w - lr sign(β₁ m + (1 - β₁) g), then m = β₂ m + (1 - β₂) g. Source: Chen et al. 2023, arXiv:2302.06675.
 */
export function lion<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'lion', L['shape']>, L>,
  variables: readonly V[],
  options: LionOptions = {},
): Update<V>[] {
  return optimize(lionRule, loss as Tensor, variables, options) as never
}
