import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys, flagsOf, withoutUndefined } from '../ir/names-of'
import { calledAs } from '../ir/origin'
import { requireTensor, type Tensor } from '../ir/tensor'

/** What a metric keeps from batch to batch. */
export interface MetricState {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: 'float64' | 'int32'
  /** What each element begins with, 0 if absent. */
  readonly first?: number
}
/** The state of a metric by name, in a graph. */
export type States = Readonly<Record<string, Tensor>>

/** A metric as in Keras 3, as rules of graphs: whoever uses it keeps the state between batches. */
export interface Metric {
  /** Keras's name of the class. */
  readonly className: string
  readonly name: string
  /** All options, defaults filled in, as plain JSON. */
  readonly config: Readonly<Record<string, unknown>>
  /** State that the metric keeps, for targets and predictions of these shapes; it depends on no extent of the batch. */
  states(target: Tensor, prediction: Tensor): readonly MetricState[]
  /** State after a batch. weight: one a sample, [B], or more of the axes of what is counted; exact over uneven batches. */
  update(states: States, target: Tensor, prediction: Tensor, weight?: Tensor | undefined): States
  /** A float64 scalar, or a vector where the metric says so. */
  result(states: States): Tensor
}

/** What every metric takes. */
export interface MetricOptions {
  /** Keras's name of the metric by default. */
  readonly name?: string
}

type Arguments<R extends object, D extends object> =
  Record<never, never> extends R ? [options?: Partial<D> & MetricOptions] : [options: R & Partial<D> & MetricOptions]
/** What makes metrics of one class: of options that must be given and such as have defaults. */
export interface MetricFactory<R extends object, D extends object> {
  (...options: Arguments<R, D>): Metric
  readonly className: string
}

interface MetricClass<R extends object, D extends object> {
  readonly className: string
  readonly name: string
  readonly defaults: D
  readonly required?: readonly (keyof R & string)[]
  check?(options: R & D): void
  states(target: Tensor, prediction: Tensor, options: R & D): readonly MetricState[]
  update(states: States, batch: Batch, options: R & D): States
  result(states: States, options: R & D): Tensor
}

export interface Batch {
  readonly target: Tensor
  readonly prediction: Tensor
  readonly weight: Tensor | undefined
}

/** A factory of metrics that checks its options when it is called. */
export function metricClass<D extends object, R extends object = Record<never, never>>(
  rules: MetricClass<R, D>,
): MetricFactory<R, D> {
  const { className, defaults, required = [] } = rules
  const factory = (...[given]: Arguments<R, D>): Metric => {
    const options = given ?? {}
    checkKeys(className, options, ['name', ...required, ...Object.keys(defaults)])
    checkFlags(className, options, flagsOf(defaults))
    const missing = required.find((key) => (options as Record<string, unknown>)[key] === undefined)
    if (missing !== undefined) throw new GraphError(`${className}: the option ${missing} must be given`)
    const own = { ...defaults, ...withoutUndefined(options) } as unknown as R & D & MetricOptions
    rules.check?.(own)
    const name = own.name ?? rules.name
    return makeMetric({
      className,
      name,
      config: { ...own, name },
      states: (target, prediction) => rules.states(target, prediction, own),
      update: (states, target, prediction, weight) => rules.update(states, { target, prediction, weight }, own),
      result: (states) => rules.result(states, own),
    })
  }
  return Object.assign(factory, { className })
}

/** A metric whose messages speak of it. */
export function makeMetric(metric: Metric): Metric {
  const { className } = metric
  return {
    ...metric,
    states: (...given) => calledAs(className, () => metric.states(...given)),
    update: (states, target, prediction, weight) => {
      for (const t of [target, prediction]) requireTensor(className, t)
      return calledAs(className, () => metric.update(states, target, prediction, weight))
    },
    result: (states) => calledAs(className, () => metric.result(states)),
  }
}

/** States of float64, all zeros at first. */
export const sums = (shape: readonly number[], ...names: readonly string[]): readonly MetricState[] =>
  names.map((name) => ({ name, shape, dtype: 'float64' }))
