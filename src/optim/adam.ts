import { named } from '../api/leaf'
import type { Checked, Scalar } from '../ir/shapes'
import { apply, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT, mulT, subT } from '../ops/arith'
import { scalarConstant } from '../ops/leaf'
import { maximumOp } from '../ops/select'
import { expOp, logOp } from '../ops/unary'
import { sqrtT, squareT } from './adaptive'
import { type Hyper, movingAverage, optimize, type OptimizerOptions, stepCounter } from './optimizer'

export interface AdamOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** Decay of the average gradient, 0.9 by default. */
  readonly beta1?: Hyper
  /** Decay of the average squared gradient, 0.999 by default. */
  readonly beta2?: Hyper
  /** 1e-7 by default. */
  readonly epsilon?: Hyper
  /**
   * Where epsilon goes. `'keras'` (the default): α m / (√v + ε) with α = lr √(1 - β₂ᵗ) / (1 - β₁ᵗ), the paper's remark on
   * order of computation. `'paper'`: lr m̂ / (√v̂ + ε), Algorithm 1, as in PyTorch and TensorFlow.js.
   */
  readonly epsilonPlacement?: 'keras' | 'paper'
  /** Divide by the largest average squared gradient so far. */
  readonly amsgrad?: boolean
}
export interface AdamWOptions extends AdamOptions {
  /** Decoupled decay: w is first reduced by lr · weightDecay · w. 0.004 by default. */
  readonly weightDecay?: Hyper
}

/**
 * Adam: averages m of the gradient and v of its square, corrected for their start at 0.
 * Source: Kingma & Ba 2015, arXiv:1412.6980; AMSGrad: Reddi et al. 2018.
 */
export function adam<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'adam', L['shape']>, L>,
  variables: readonly V[],
  options: AdamOptions = {},
): Update<V>[] {
  return adamRule('adam', loss as Tensor, variables, options) as never
}

/** Adam with decoupled weight decay. Source: Loshchilov & Hutter 2019, arXiv:1711.05101. */
export function adamw<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'adamw', L['shape']>, L>,
  variables: readonly V[],
  options: AdamWOptions = {},
): Update<V>[] {
  return adamRule('adamw', loss as Tensor, variables, options, options.weightDecay ?? 0.004) as never
}

function adamRule(
  rule: string,
  loss: Tensor,
  variables: readonly Variable[],
  options: AdamOptions,
  weightDecay?: Hyper,
): Update[] {
  const {
    learningRate = 0.001,
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-7,
    epsilonPlacement = 'keras',
    amsgrad = false,
  } = options
  const hypers = { learningRate, beta1, beta2, epsilon, ...(weightDecay === undefined ? {} : { weightDecay }) }
  const counted = (prefix: string) => {
    const { step, update } = stepCounter(prefix)
    return { scalars: { step }, updates: [update] }
  }
  return optimize(
    rule,
    loss,
    variables,
    options,
    hypers,
    ({ variable, gradient, slot, hyper, cast }, { beta1: b1, beta2: b2, learningRate: rate, step }) => {
      const m = slot('m')
      const v = slot('v')
      const first = movingAverage(m, gradient, b1!, variable.dtype)
      const second = movingAverage(v, squareT(gradient), b2!, variable.dtype)
      const slots: Update[] = [
        [m, first],
        [v, second],
      ]
      let spread = second
      if (amsgrad) {
        const largest = slot('vMax')
        spread = apply(maximumOp, [largest, second], {})
        slots.push([largest, spread])
      }
      const correction1 = shortfall(b1!, step!)
      const rootCorrection2 = sqrtT(shortfall(b2!, step!))
      const change =
        epsilonPlacement === 'keras'
          ? divT(
              mulT(named('stepSize', cast(divT(mulT(rate!, rootCorrection2), correction1))), first),
              addT(sqrtT(spread), hyper('epsilon')),
            )
          : divT(
              mulT(named('stepSize', cast(divT(rate!, correction1))), first),
              addT(divT(sqrtT(spread), cast(rootCorrection2)), hyper('epsilon')),
            )
      const decayed =
        weightDecay === undefined
          ? variable
          : subT(variable, mulT(mulT(hyper('learningRate'), hyper('weightDecay')), variable))
      return { next: subT(decayed, change), slots }
    },
    counted,
  )
}

/** 1 - βᵗ in float64. */
const shortfall = (beta: Tensor, step: Tensor): Tensor => {
  const power = apply(expOp, [mulT(step, apply(logOp, [beta], {}))], {})
  return subT(scalarConstant(1, 'float64'), power)
}
