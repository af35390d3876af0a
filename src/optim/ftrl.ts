import { checkNumber } from '../api/build'
import type { Checked, Scalar } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT, mulT, negT, powConstant, subT } from '../ops/arith'
import { clipBetween } from '../ops/clipping'
import { squareT } from '../ops/transcendental'
import { like, sqrtT } from '../ops/unary'
import { checkAccumulator } from './adaptive'
import type { Hyper } from './hyper'
import { COMMON, type OptimizerOptions } from './options'
import { optimize, type Rule } from './optimizer'

/** Options of `ftrl`. */
export interface FtrlOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** How the rate falls with the sum of squared gradients, at most 0: -0.5 by default, 0 for a fixed rate. */
  readonly learningRatePower?: number
  /** First value of the accumulator, 0.1 by default. */
  readonly initialAccumulatorValue?: number
  /** 0 by default. */
  readonly l1RegularizationStrength?: Hyper
  /** 0 by default. */
  readonly l2RegularizationStrength?: Hyper
  /** A penalty on the size of the weights, as if the loss had it; 0 by default. */
  readonly l2ShrinkageRegularizationStrength?: Hyper
  /** β of the paper, 0 by default. */
  readonly beta?: Hyper
}

export const ftrlRule: Rule<FtrlOptions> = {
  name: 'ftrl',
  className: 'Ftrl',
  defaults: {
    ...COMMON,
    learningRate: 0.001,
    learningRatePower: -0.5,
    initialAccumulatorValue: 0.1,
    l1RegularizationStrength: 0,
    l2RegularizationStrength: 0,
    l2ShrinkageRegularizationStrength: 0,
    beta: 0,
  },
  check: ({ learningRatePower, initialAccumulatorValue }) => {
    checkNumber('ftrl', 'learningRatePower', learningRatePower, (v) => Number.isFinite(v) && v <= 0, 'at most 0')
    checkAccumulator('ftrl', initialAccumulatorValue)
  },
  hypers: (options) => {
    const { learningRate, l1RegularizationStrength, l2RegularizationStrength, beta } = options
    const { l2ShrinkageRegularizationStrength } = options
    return {
      learningRate,
      l1RegularizationStrength,
      l2RegularizationStrength,
      l2ShrinkageRegularizationStrength,
      beta,
    }
  },
  write: ({ weight, gradient, slot, hyper, cast, scalars }, { learningRatePower, initialAccumulatorValue }) => {
    const [accumulator, linear] = [slot('accumulator', initialAccumulatorValue), slot('linear')]
    const [rate, l1] = [hyper('learningRate'), hyper('l1RegularizationStrength')]
    const raised = (x: Tensor): Tensor =>
      learningRatePower === -0.5 ? sqrtT(x) : powConstant(x, learningRatePower === 0 ? 0 : -learningRatePower)
    const shrunk = addT(gradient, mulT(mulT(like(2, weight), hyper('l2ShrinkageRegularizationStrength')), weight))
    const sum = addT(accumulator, squareT(gradient))
    const sigma = divT(subT(raised(sum), raised(accumulator)), rate)
    const z = addT(linear, subT(shrunk, mulT(sigma, weight)))
    const twice = mulT(scalars['l2RegularizationStrength']!, like(2, scalars['l2RegularizationStrength']!))
    const penalty = cast(addT(twice, divT(scalars['beta']!, scalars['learningRate']!)))
    const quadratic = addT(divT(raised(sum), rate), penalty)
    return {
      next: divT(subT(clipBetween(z, negT(l1), l1), z), quadratic),
      slots: [
        [accumulator, sum],
        [linear, z],
      ],
    }
  },
}

/**
 * Follow the regularised leader: n' = n + g², z = z + g + 2 shrinkage w - (n'^-p - n^-p) / lr w, then
 * w = (clip(z, ±l1) - z) / ((n'^-p + β) / lr + 2 l2), p being `learningRatePower`. Weights that l1 holds are exactly 0.
 * Source: McMahan et al. 2013, "Ad Click Prediction".
 */
export function ftrl<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'ftrl', L['shape']>, L>,
  variables: readonly V[],
  options: FtrlOptions = {},
): Update<V>[] {
  return optimize(ftrlRule, loss as Tensor, variables, options) as never
}
