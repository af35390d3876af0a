import { makeVariable } from '../api/leaf'
import type { Checked, Scalar } from '../ir/shapes'
import { apply, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT, mulT, subT } from '../ops/arith'
import { normT } from '../ops/statistics'
import { scalarConstant } from '../ops/leaf'
import { absT } from '../ops/rounding'
import { andT, lessT, maximumOp, whereT } from '../ops/select'
import { expT, like, sqrtT } from '../ops/unary'
import { moments, shortfall } from './adam'
import { movingAverage } from './ema'
import type { Hyper } from './hyper'
import { COMMON, type OptimizerOptions } from './options'
import { optimize, type Rule } from './optimizer'

/** Adamax, Nadam and Lamb: what they have in common with Adam. */
export interface AdamKinOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** Decay of the average gradient, 0.9 by default. */
  readonly beta1?: Hyper
  /** Decay of the average squared gradient (Adamax: of the largest), 0.999 by default. */
  readonly beta2?: Hyper
  /** Added to the divisor, 1e-7 by default. */
  readonly epsilon?: Hyper
}

const KIN: Pick<Rule<AdamKinOptions>, 'defaults' | 'hypers' | 'decays'> = {
  defaults: { ...COMMON, learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  hypers: ({ learningRate, beta1, beta2, epsilon }) => ({ learningRate, beta1, beta2, epsilon }),
  decays: ['beta1', 'beta2'],
}
/** 1 - x in float64. */
const rest = (x: Tensor): Tensor => subT(scalarConstant(1, 'float64'), x)

export const adamaxRule: Rule<AdamKinOptions> = {
  ...KIN,
  name: 'adamax',
  className: 'Adamax',
  write: ({ weight, gradient, slot, hyper, cast, scalars, step }) => {
    const [m, u] = [slot('m'), slot('u')]
    const first = movingAverage(m, gradient, scalars['beta1']!)
    const largest = apply(maximumOp, [mulT(hyper('beta2'), u), absT(gradient)], {})
    const rate = cast(divT(scalars['learningRate']!, shortfall(scalars['beta1']!, step())))
    return {
      next: subT(weight, divT(mulT(rate, first), addT(largest, hyper('epsilon')))),
      slots: [
        [m, first],
        [u, largest],
      ],
    }
  },
}

/**
 * Adamax, Adam by the largest gradient: m = β₁ m + (1 - β₁) g, u = max(β₂ u, |g|), then w - lr / (1 - β₁ᵗ) m / (u + epsilon).
 * Source: Kingma & Ba 2015, arXiv:1412.6980, section 7.
 */
export function adamax<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'adamax', L['shape']>, L>,
  variables: readonly V[],
  options: AdamKinOptions = {},
): Update<V>[] {
  return optimize(adamaxRule, loss as Tensor, variables, options) as never
}

/** The share of the average gradient at a step: β₁ (1 - 0.96ᵗ / 2). */
const nadamShare = (beta1: Tensor, step: Tensor): Tensor => {
  const power = expT(mulT(scalarConstant(Math.log(0.96), 'float64'), step))
  return mulT(beta1, rest(mulT(scalarConstant(0.5, 'float64'), power)))
}

export const nadamRule: Rule<AdamKinOptions> = {
  ...KIN,
  name: 'nadam',
  className: 'Nadam',
  shared: (prefix, { beta1 }, step) => {
    const product = makeVariable(`${prefix}/shareProduct`, [], 'float64', 1, { kind: 'scalar' })
    const next = mulT(product, nadamShare(beta1!, step()))
    return { scalars: { product: next }, updates: [[product, next]] }
  },
  write: ({ weight, gradient, slot, hyper, cast, scalars, step }) => {
    const { learningRate, beta1, beta2, product } = scalars
    const { first, second, slots } = moments({ gradient, slot }, beta1!, beta2!)
    const following = nadamShare(beta1!, addT(step(), scalarConstant(1, 'float64')))
    const ofAverage = divT(mulT(learningRate!, following), rest(mulT(product!, following)))
    const ofGradient = divT(mulT(learningRate!, rest(nadamShare(beta1!, step()))), rest(product!))
    const spread = divT(sqrtT(second), cast(sqrtT(shortfall(beta2!, step()))))
    const ahead = addT(mulT(cast(ofAverage), first), mulT(cast(ofGradient), gradient))
    return {
      next: subT(weight, divT(ahead, addT(spread, hyper('epsilon')))),
      slots,
    }
  },
}

/**
 * Adam with Nesterov's momentum. With the share uₜ = β₁ (1 - 0.96ᵗ / 2) and the product Pₜ of the shares so far:
 * w - lr m̂ / (√v̂ + epsilon), m̂ = uₜ₊₁ m / (1 - Pₜ₊₁) + (1 - uₜ) g / (1 - Pₜ), v̂ = v / (1 - β₂ᵗ).
 * Source: Dozat 2015, "Incorporating Nesterov Momentum into Adam".
 */
export function nadam<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'nadam', L['shape']>, L>,
  variables: readonly V[],
  options: AdamKinOptions = {},
): Update<V>[] {
  return optimize(nadamRule, loss as Tensor, variables, options) as never
}

export const lambRule: Rule<AdamKinOptions> = {
  ...KIN,
  name: 'lamb',
  className: 'Lamb',
  write: ({ weight, gradient, slot, hyper, cast, scalars, step }) => {
    const { beta1, beta2 } = scalars
    const { first, second, slots } = moments({ gradient, slot }, beta1!, beta2!)
    const spread = divT(sqrtT(second), cast(sqrtT(shortfall(beta2!, step()))))
    const direction = divT(divT(first, cast(shortfall(beta1!, step()))), addT(spread, hyper('epsilon')))
    const length = (x: Tensor): Tensor => normT(x, { axes: x.shape.map((_, i) => i), keepDims: false })
    const [ofWeight, ofStep] = [length(weight), length(direction)]
    const zero = like(0, weight)
    const areThere = andT(lessT(zero, ofWeight), lessT(zero, ofStep))
    const trust = whereT(areThere, divT(ofWeight, ofStep), like(1, weight))
    return {
      next: subT(weight, mulT(mulT(trust, hyper('learningRate')), direction)),
      slots,
    }
  },
}

/**
 * Adam's direction m̂ / (√v̂ + epsilon), scaled for each variable to the variable's norm; by 1 where either norm is 0.
 * Source: You et al. 2020, arXiv:1904.00962.
 */
export function lamb<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'lamb', L['shape']>, L>,
  variables: readonly V[],
  options: AdamKinOptions = {},
): Update<V>[] {
  return optimize(lambRule, loss as Tensor, variables, options) as never
}
