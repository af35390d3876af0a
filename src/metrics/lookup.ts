import { GraphError } from '../ir/errors'
import { bareName } from '../ir/names-of'
import type { Tensor } from '../ir/tensor'
import { byName, type Compared, kindOf, LOSSES, lossOf } from '../losses/lookup'
import { isLoss, type Loss } from '../losses/loss'
import * as factories from './factories'
import { MEAN, meanOf } from './mean'
import type { Metric } from './metric'

/** A factory whose options are not known by their types. */
type Factory = ((options: never) => Metric) & { readonly className: string }
/** All metrics by class. */
export const METRICS: readonly Factory[] = Object.entries(factories)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([, factory]) => factory)

/** Short forms of Keras. */
const SHORT: Readonly<Record<string, string>> = {
  bce: 'BinaryCrossentropy',
  kld: 'KLDivergence',
  logcosh: 'LogCoshError',
  mae: 'MeanAbsoluteError',
  mape: 'MeanAbsolutePercentageError',
  mse: 'MeanSquaredError',
  msle: 'MeanSquaredLogarithmicError',
  rmse: 'RootMeanSquaredError',
}
const ACCURACY = ['accuracy', 'acc']
const CROSSENTROPY = ['crossentropy', 'ce']
const WORD = { binary: 'Binary', categorical: 'Categorical', sparse: 'SparseCategorical' } as const

/** What can be looked up: a name, a class with its config, a metric, a loss, or a function of target and prediction. */
export type MetricId =
  | string
  | Metric
  | Loss
  | ((target: Tensor, prediction: Tensor) => Tensor)
  | { readonly className: string; readonly config?: Readonly<Record<string, unknown>> }

/** What a metric by name is compared with: target and prediction, and the loss beside it. */
export interface MetricContext extends Compared {
  /** Tells 'crossentropy' whether predictions are logits. */
  readonly loss?: Loss | undefined
}

/**
 * A metric by Keras's name of its class in any case, with or without underscores, or by a short form such as `mse`: it takes the
 * name as it was written. 'accuracy' ('acc') and 'crossentropy' ('ce') are binary, sparse or categorical by the shapes of target
 * and prediction, as in Keras. A loss or a function is wrapped by `meanOf`. Throws a GraphError that lists what is known.
 */
export function metricOf(id: MetricId, context: MetricContext): Metric {
  if (typeof id === 'string') return metricOfName(id, context)
  // A class stands for one with its defaults, as in Keras.
  if (typeof id === 'function') {
    const known: readonly unknown[] = [...METRICS, ...LOSSES]
    return known.includes(id) ? metricOf((id as unknown as (options: object) => MetricId)({}), context) : meanOf(id)
  }
  if (typeof id === 'object' && id !== null) {
    if ('update' in id) return id
    if (typeof id.className === 'string') {
      const { fn, name } = (id.config ?? {}) as { readonly fn?: { readonly className: string }; readonly name?: string }
      if (fn && id.className === MEAN) return meanOf(lossOf(fn), name === undefined ? {} : { name })
      const factory = byName('metricOf', id.className, METRICS, SHORT, [])
      return factory((id.config ?? {}) as never)
    }
  }
  throw new GraphError(
    `metricOf: expected a name, a metric, a loss, a function or { className, config }, got ${id === null ? 'null' : typeof id}`,
  )
}

// Shapes of a binary problem: which metric a word such as 'accuracy' means is another question than whether there is one.
const ANY = { shape: [1, 1] } as unknown as Tensor

/** Throws a GraphError for what `metricOf` knows nothing of, whatever it will be compared by. */
export function checkMetric(id: MetricId): void {
  metricOf(id, { target: ANY, prediction: ANY })
}

function metricOfName(name: string, context: MetricContext): Metric {
  const plain = bareName(name)
  const kind = WORD[kindOf(context)]
  if (ACCURACY.includes(plain)) return byClass(`${kind}Accuracy`, { name })
  if (!CROSSENTROPY.includes(plain)) return byClass(name, { name })
  const fromLogits = isLoss(context.loss) && context.loss.config['fromLogits'] === true
  return byClass(`${kind}Crossentropy`, { name, fromLogits })
}
const byClass = (className: string, options: object): Metric =>
  byName('metricOf', className, METRICS, SHORT, [...ACCURACY, ...CROSSENTROPY])(options as never)
