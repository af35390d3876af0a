import { named } from '../api/leaf'
import { checkOneOf } from '../ir/names-of'
import type { Checked, Scalar } from '../ir/shapes'
import { apply, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT, mulT, subT } from '../ops/arith'
import { scalarConstant } from '../ops/leaf'
import { maximumOp } from '../ops/select'
import { squareT } from '../ops/transcendental'
import { expT, logT, sqrtT } from '../ops/unary'
import { movingAverage } from './ema'
import type { Hyper } from './hyper'
import { COMMON, type OptimizerOptions } from './options'
import { optimize, type Rule, type RuleContext } from './optimizer'

/** Options of `adam`. */
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
/** Here `weightDecay` is 0.004 by default. */
export type AdamWOptions = AdamOptions

const checkPlacement = (rule: string, { epsilonPlacement }: AdamOptions): void =>
  checkOneOf(rule, 'epsilonPlacement', epsilonPlacement, ['keras', 'paper'])

export const adamRule: Rule<AdamOptions> = {
  name: 'adam',
  className: 'Adam',
  defaults: {
    ...COMMON,
    learningRate: 0.001,
    beta1: 0.9,
    beta2: 0.999,
    epsilon: 1e-7,
    epsilonPlacement: 'keras',
    amsgrad: false,
  },
  check: (options) => checkPlacement('adam', options),
  hypers: ({ learningRate, beta1, beta2, epsilon }) => ({ learningRate, beta1, beta2, epsilon }),
  decays: ['beta1', 'beta2'],
  write: ({ weight, gradient, slot, hyper, cast, scalars, step }, { epsilonPlacement, amsgrad }) => {
    const { beta1, beta2, learningRate } = scalars
    const { first, second, slots } = moments({ gradient, slot }, beta1!, beta2!)
    let spread = second
    if (amsgrad) {
      const largest = slot('vMax')
      spread = apply(maximumOp, [largest, second], {})
      slots.push([largest, spread])
    }
    const correction1 = shortfall(beta1!, step())
    const rootCorrection2 = sqrtT(shortfall(beta2!, step()))
    const change =
      epsilonPlacement === 'keras'
        ? divT(
            mulT(named('stepSize', cast(divT(mulT(learningRate!, rootCorrection2), correction1))), first),
            addT(sqrtT(spread), hyper('epsilon')),
          )
        : divT(
            mulT(named('stepSize', cast(divT(learningRate!, correction1))), first),
            addT(divT(sqrtT(spread), cast(rootCorrection2)), hyper('epsilon')),
          )
    return { next: subT(weight, change), slots }
  },
}

export const adamwRule: Rule<AdamWOptions> = {
  ...adamRule,
  name: 'adamw',
  className: 'AdamW',
  check: (options) => checkPlacement('adamw', options),
  defaults: { ...adamRule.defaults, weightDecay: 0.004 },
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
  return optimize(adamRule, loss as Tensor, variables, options) as never
}

/** Adam with decoupled weight decay. Source: Loshchilov & Hutter 2019, arXiv:1711.05101. */
export function adamw<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'adamw', L['shape']>, L>,
  variables: readonly V[],
  options: AdamWOptions = {},
): Update<V>[] {
  return optimize(adamwRule, loss as Tensor, variables, options) as never
}

/** The averages of the gradient and of its square, and the updates of the slots that keep them. */
export function moments(
  { gradient, slot }: Pick<RuleContext, 'gradient' | 'slot'>,
  beta1: Tensor,
  beta2: Tensor,
  [ofGradient, ofSquare]: readonly [string, string] = ['m', 'v'],
): { readonly first: Tensor; readonly second: Tensor; readonly slots: Update[] } {
  const [m, v] = [slot(ofGradient), slot(ofSquare)]
  const first = movingAverage(m, gradient, beta1)
  const second = movingAverage(v, squareT(gradient), beta2)
  return {
    first,
    second,
    slots: [
      [m, first],
      [v, second],
    ],
  }
}

/** 1 - βᵗ in float64. */
export const shortfall = (beta: Tensor, step: Tensor): Tensor =>
  subT(scalarConstant(1, 'float64'), expT(mulT(step, logT(beta))))
