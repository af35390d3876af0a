import { GraphError } from '../ir/errors'
import { bareName, quoted } from '../ir/names-of'
import type { Tensor } from '../ir/tensor'
import * as factories from './factories'
import { isLoss, type Loss, makeLoss } from './loss'
import { OWN_CLASS, type OwnFunction, ownValues } from './own-function'

/** A factory whose options are not known by their types. */
type Factory = ((options?: never) => Loss) & { readonly className: string }
/** All losses by class. */
export const LOSSES: readonly Factory[] = Object.entries(factories)
  .sort(([a], [b]) => (a < b ? -1 : 1))
  .map(([, factory]) => factory)

/** Short forms of Keras. */
const SHORT: Readonly<Record<string, string>> = {
  bce: 'BinaryCrossentropy',
  kld: 'KLDivergence',
  kullbackleiblerdivergence: 'KLDivergence',
  mae: 'MeanAbsoluteError',
  mape: 'MeanAbsolutePercentageError',
  mse: 'MeanSquaredError',
  msle: 'MeanSquaredLogarithmicError',
}
/** What stands for binary, categorical or sparse crossentropy, by the shapes. */
const BY_SHAPE = ['crossentropy', 'ce']

/** One object of a list by its class, its snake_case name or a short form. */
export function byName<T extends { readonly className: string }>(
  what: string,
  name: string,
  all: readonly T[],
  short: Readonly<Record<string, string>>,
  also: readonly string[],
): T {
  const plain = bareName(name)
  const className = bareName(Object.hasOwn(short, plain) ? short[plain]! : plain)
  const found = all.find((one) => bareName(one.className) === className)
  if (found) return found
  const known = [...all.map((one) => one.className), ...Object.keys(short), ...also]
  throw new GraphError(`${what}: there is no ${quoted(name)}; known are ${known.join(', ')}`)
}

/** Targets and predictions whose shapes tell which crossentropy or accuracy is meant. */
export interface Compared {
  readonly target: Tensor
  readonly prediction: Tensor
}

/** As Keras tells them: by the last axis of the prediction, and by whether the target has the classes. */
export function kindOf({ target, prediction }: Compared): 'binary' | 'sparse' | 'categorical' {
  const classes = prediction.shape.length < 2 ? 1 : prediction.shape.at(-1)!
  if (classes === 1) return 'binary'
  return target.shape.length < prediction.shape.length || target.shape.at(-1) === 1 ? 'sparse' : 'categorical'
}

/** What can be looked up: a name, a class with its config, a loss, or a function of target and prediction. */
export type LossId =
  string | Loss | OwnFunction | { readonly className: string; readonly config?: Readonly<Record<string, unknown>> }

/**
 * A loss by Keras's name of its class, `MeanSquaredError`, in any case and with or without underscores, or by a short form such
 * as `mse`; from `{ className, config }`; or of a function, whose name it takes and whose values are reduced as those of any
 * other. 'crossentropy' is told by the shapes of `compared`. Throws a GraphError that lists what is known.
 */
export function lossOf(id: LossId, compared?: Compared): Loss {
  if (typeof id === 'string') {
    const isByShape = BY_SHAPE.includes(bareName(id))
    if (isByShape && !compared)
      throw new GraphError(
        `lossOf: there is no ${quoted(id)} by itself: the target and the prediction tell which one it is`,
      )
    const name = isByShape ? `${kindOf(compared!)}_crossentropy`.replace('sparse', 'sparse_categorical') : id
    return made(byName('lossOf', name, LOSSES, SHORT, BY_SHAPE), {})
  }
  if (isLoss(id)) return id
  // A class stands for one with its defaults, as in Keras.
  if (typeof id === 'function') return LOSSES.includes(id as never) ? made(id as never, {}) : lossOfFunction(id)
  if (typeof id === 'object' && id !== null && typeof id.className === 'string')
    return made(byName('lossOf', id.className, LOSSES, SHORT, []), id.config ?? {})
  throw new GraphError(
    `lossOf: expected a name, a loss, a function or { className, config }, got ${id === null ? 'null' : typeof id}`,
  )
}

/** The same where the shapes come later: 'crossentropy' is told by them when the loss is called. */
export function lossToBe(id: LossId): Loss {
  const name = typeof id === 'object' && id !== null ? id.className : id
  if (typeof name !== 'string' || !BY_SHAPE.includes(bareName(name))) return lossOf(id)
  const reduction = 'sumOverBatchSize'
  const values = (target: Tensor, prediction: Tensor): Tensor =>
    lossOf(name, { target, prediction })(target, prediction)
  return makeLoss(values, { className: 'crossentropy', name: 'crossentropy', config: {}, reduction })
}

const made = (factory: Factory, config: Readonly<Record<string, unknown>>): Loss => factory(config as never)

function lossOfFunction(of: OwnFunction): Loss {
  const name = of.name === '' ? 'loss' : of.name
  const reduction = 'sumOverBatchSize'
  const values = (target: Tensor, prediction: Tensor): Tensor =>
    ownValues(of, `loss ${quoted(name)}`, target, prediction)
  return makeLoss(values, { className: OWN_CLASS, name, config: { name, reduction }, reduction })
}
