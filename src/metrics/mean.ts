import { quoted, requireFunction } from '../ir/names-of'
import { add, cast, div, mul, where } from '../api/math'
import { sum } from '../api/reduce'
import { divNoNan } from '../api/special-values'
import type { Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { stretched } from '../losses/align'
import { isLoss, type Loss } from '../losses/loss'
import { type OwnFunction, ownValues } from '../losses/own-function'
import { type Batch, makeMetric, type Metric, metricClass, type MetricOptions, type States, sums } from './metric'

/** Values of a batch and which of them count, if not all do. */
export interface Values {
  readonly values: Tensor
  readonly valid?: Tensor | undefined
}

const KEPT = ['total', 'count'] as const

/** The sum of weighted values, and of weights, of which each sample's are averaged over its other axes. */
export function meanUpdate(
  name: string,
  states: States,
  { values, valid }: Values,
  weight: Tensor | undefined,
): States {
  const wide = cast(values, 'float64')
  const weights = weight && stretched(name, 'the weight', cast(weight, 'float64'), wide)
  const only = (t: Tensor): Tensor => (valid ? where(valid, t, 0) : t)
  const perSample = sizeOf(wide.shape.slice(1))
  const mean = (t: Tensor): Tensor => (perSample > 1 ? div(sum(t), perSample) : sum(t))
  const total = mean(only(weights ? mul(wide, weights) : wide))
  const counted = weights ? mean(only(weights)) : valid ? mean(cast(valid, 'float64')) : (wide.shape[0] ?? 1)
  return { total: add(states['total']!, total), count: add(states['count']!, counted) }
}

export const meanResult = ({ total, count }: States): Tensor => divNoNan(total!, count!)

/** A class of metrics that are weighted means of values. */
export function meanClass<D extends object, R extends object = Record<never, never>>(rules: {
  readonly className: string
  readonly name: string
  readonly defaults: D
  readonly required?: readonly (keyof R & string)[]
  check?(options: R & D): void
  values(target: Tensor, prediction: Tensor, options: R & D): Values
  result?(mean: Tensor): Tensor
}) {
  const { className, result = (mean: Tensor) => mean } = rules
  return metricClass<D, R>({
    ...rules,
    states: () => sums([], ...KEPT),
    update: (states, { target, prediction, weight }: Batch, options) =>
      meanUpdate(className, states, rules.values(target, prediction, options), weight),
    result: (states) => result(meanResult(states)),
  })
}

/** Values of a loss, without those that it leaves out itself. */
export function lossValues(loss: Loss, target: Tensor, prediction: Tensor): Values {
  const values = loss(target, prediction)
  return { values, valid: loss.valid?.(target, prediction, values) }
}

/** The class of what `meanOf` makes. */
export const MEAN = 'MeanMetricWrapper'

/**
 * The weighted mean over samples of what a loss, or a function of target and prediction, gives: [B], or more axes, over which
 * each sample is averaged first. A loss and its metric agree. As `MeanMetricWrapper` in Keras.
 */
export function meanOf(of: Loss | OwnFunction, options: MetricOptions = {}): Metric {
  requireFunction('meanOf: what is averaged', of)
  const name = options.name ?? (of.name === '' ? 'mean' : of.name)
  const className = MEAN
  return makeMetric({
    className,
    name,
    config: isLoss(of) ? { name, fn: { className: of.className, config: of.config } } : { name },
    states: () => sums([], ...KEPT),
    update: (states, target, prediction, weight) => {
      const found = isLoss(of)
        ? lossValues(of, target, prediction)
        : { values: ownValues(of, `metric ${quoted(name)}`, target, prediction) }
      return meanUpdate(className, states, found, weight)
    },
    result: meanResult,
  })
}

/** The weighted mean of what is predicted; there is no target. */
export const mean = meanClass({
  className: 'Mean',
  name: 'mean',
  defaults: {},
  values: (_target, prediction) => ({ values: prediction }),
})

/** The weighted sum of what is predicted; there is no target. */
export const sumOf = metricClass({
  className: 'Sum',
  name: 'sum',
  defaults: {},
  states: () => sums([], 'total'),
  update: (states, { prediction, weight }) => {
    const wide = cast(prediction, 'float64')
    const weights = weight && stretched('Sum', 'the weight', cast(weight, 'float64'), wide)
    return { total: add(states['total']!, sum(weights ? mul(wide, weights) : wide)) }
  },
  result: ({ total }) => total!,
})
