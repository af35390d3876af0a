import { checkNumber } from '../api/build'
import type { Checked, Scalar } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT, mulT, subT } from '../ops/arith'
import { squareT } from '../ops/transcendental'
import { sqrtT } from '../ops/unary'
import { movingAverage } from './ema'
import type { Hyper } from './hyper'
import { COMMON, type OptimizerOptions } from './options'
import { optimize, type Rule } from './optimizer'

/** Options of `rmsprop`. */
export interface RmspropOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** Decay of the average of squared gradients, 0.9 by default. */
  readonly rho?: Hyper
  /** 0 by default. */
  readonly momentum?: Hyper
  /** Added inside the root, 1e-7 by default. */
  readonly epsilon?: Hyper
  /** Subtract the squared average gradient, an estimate of the variance. */
  readonly centered?: boolean
}

export const rmspropRule: Rule<RmspropOptions> = {
  name: 'rmsprop',
  className: 'RMSprop',
  defaults: { ...COMMON, learningRate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
  hypers: ({ learningRate, rho, epsilon, momentum }) => ({
    learningRate,
    rho,
    epsilon,
    ...(momentum === 0 ? {} : { momentum }),
  }),
  decays: ['rho'],
  write: ({ weight, gradient, slot, hyper, scalars }, { momentum, centered }) => {
    const velocity = slot('velocity')
    const second = movingAverage(velocity, squareT(gradient), scalars['rho']!)
    const slots: Update[] = [[velocity, second]]
    let spread = second
    if (centered) {
      const average = slot('averageGradient')
      const first = movingAverage(average, gradient, scalars['rho']!)
      slots.push([average, first])
      spread = subT(second, squareT(first))
    }
    const step = divT(mulT(hyper('learningRate'), gradient), sqrtT(addT(spread, hyper('epsilon'))))
    if (momentum === 0) return { next: subT(weight, step), slots }
    const speed = slot('momentum')
    const next = addT(mulT(hyper('momentum'), speed), step)
    return { next: subT(weight, next), slots: [...slots, [speed, next]] }
  },
}

/**
 * RMSProp in Keras's form: v = rho v + (1 - rho) g², then w - lr g / √(v + epsilon), epsilon inside the root.
 * Source: Tieleman & Hinton 2012, Coursera lecture 6.5.
 */
export function rmsprop<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'rmsprop', L['shape']>, L>,
  variables: readonly V[],
  options: RmspropOptions = {},
): Update<V>[] {
  return optimize(rmspropRule, loss as Tensor, variables, options) as never
}

/** Options of `adagrad`. */
export interface AdagradOptions extends OptimizerOptions {
  /** Step size, 0.001 by default. */
  readonly learningRate?: Hyper
  /** First value of the accumulator, 0.1 by default. */
  readonly initialAccumulatorValue?: number
  /** Added inside the root, 1e-7 by default. */
  readonly epsilon?: Hyper
}

export const adagradRule: Rule<AdagradOptions> = {
  name: 'adagrad',
  className: 'Adagrad',
  defaults: { ...COMMON, learningRate: 0.001, initialAccumulatorValue: 0.1, epsilon: 1e-7 },
  check: ({ initialAccumulatorValue }) => checkAccumulator('adagrad', initialAccumulatorValue),
  hypers: ({ learningRate, epsilon }) => ({ learningRate, epsilon }),
  write: ({ weight, gradient, slot, hyper }, { initialAccumulatorValue }) => {
    const accumulator = slot('accumulator', initialAccumulatorValue)
    const next = addT(accumulator, squareT(gradient))
    const step = divT(mulT(hyper('learningRate'), gradient), sqrtT(addT(next, hyper('epsilon'))))
    return { next: subT(weight, step), slots: [[accumulator, next]] }
  },
}

/**
 * Adagrad: a = a + g², then w - lr g / √(a + epsilon).
 * Source: Duchi, Hazan & Singer 2011, JMLR 12.
 */
export function adagrad<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'adagrad', L['shape']>, L>,
  variables: readonly V[],
  options: AdagradOptions = {},
): Update<V>[] {
  return optimize(adagradRule, loss as Tensor, variables, options) as never
}

/** Options of `adadelta`. */
export interface AdadeltaOptions extends OptimizerOptions {
  /** Step size, 0.001 by default; 1 is the paper's. */
  readonly learningRate?: Hyper
  /** Decay of both averages, 0.95 by default. */
  readonly rho?: Hyper
  /** Added inside both roots, 1e-7 by default. */
  readonly epsilon?: Hyper
}

export const adadeltaRule: Rule<AdadeltaOptions> = {
  name: 'adadelta',
  className: 'Adadelta',
  defaults: { ...COMMON, learningRate: 0.001, rho: 0.95, epsilon: 1e-7 },
  hypers: ({ learningRate, rho, epsilon }) => ({ learningRate, rho, epsilon }),
  decays: ['rho'],
  write: ({ weight, gradient, slot, hyper, scalars }) => {
    const [accumulator, changes] = [slot('accumulator'), slot('changes')]
    const spread = movingAverage(accumulator, squareT(gradient), scalars['rho']!)
    const root = (x: Tensor): Tensor => sqrtT(addT(x, hyper('epsilon')))
    const step = divT(mulT(root(changes), gradient), root(spread))
    return {
      next: subT(weight, mulT(hyper('learningRate'), step)),
      slots: [
        [accumulator, spread],
        [changes, movingAverage(changes, squareT(step), scalars['rho']!)],
      ],
    }
  },
}

/**
 * Adadelta: a = rho a + (1 - rho) g², Δ = √(d + epsilon) g / √(a + epsilon) with the average d of Δ² before this step, then
 * w - lr Δ. Source: Zeiler 2012, arXiv:1212.5701.
 */
export function adadelta<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'adadelta', L['shape']>, L>,
  variables: readonly V[],
  options: AdadeltaOptions = {},
): Update<V>[] {
  return optimize(adadeltaRule, loss as Tensor, variables, options) as never
}

/** Throws for a sum of squares that begins below 0. */
export const checkAccumulator = (rule: string, value: unknown): void =>
  checkNumber(rule, 'initialAccumulatorValue', value, (v) => Number.isFinite(v) && v >= 0, 'a finite number from 0')
