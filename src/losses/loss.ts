import { checkNumber } from '../api/build'
import { checkFlags, checkKeys, flagsOf, meantOf, quoted, withoutUndefined } from '../ir/names-of'
import { calledAs } from '../ir/origin'
import { requireTensor, type Tensor } from '../ir/tensor'
import { OWN_CLASS } from './own-function'

/** How values become one number; 'mean' is another name of 'sumOverBatchSize'. */
export type Reduction = 'sumOverBatchSize' | 'sum' | 'mean' | 'meanWithSampleWeight' | 'none'
export const REDUCTIONS: readonly Reduction[] = ['sumOverBatchSize', 'sum', 'mean', 'meanWithSampleWeight', 'none']

/** What every loss takes. */
export interface LossOptions {
  /** Keras's name of the loss by default. */
  readonly name?: string
  /** 'sumOverBatchSize' by default: the sum of the values divided by their number. null is 'none'. */
  readonly reduction?: Reduction | null
}

/** A loss as in Keras 3: called, it gives values that are not reduced; `lossValue` gives the number to minimise. */
export interface Loss {
  /** One value a sample: the shape of the prediction without its last axis, or what the loss says. */
  (target: Tensor, prediction: Tensor): Tensor
  /** Keras's name of the class. */
  readonly className: string
  readonly name: string
  /** All options, defaults filled in, as plain JSON: `lossOf({ className, config })` gives the loss again. */
  readonly config: Readonly<Record<string, unknown>>
  readonly reduction: Reduction
  /** Which of the values (bool, in their shape) count, where the loss itself leaves some out of means. */
  readonly valid?: (target: Tensor, prediction: Tensor, values: Tensor) => Tensor
}

/** What makes losses of one class. */
export interface LossFactory<O extends object> {
  (options?: Partial<O> & LossOptions): Loss
  readonly className: string
}

interface LossClass<O extends object> {
  readonly className: string
  readonly name: string
  /** All options of its own, with their defaults. */
  readonly defaults: O
  check?(options: O): void
  values(target: Tensor, prediction: Tensor, options: O): Tensor
  valid?(options: O): Loss['valid']
}

/** A factory of losses that checks its options when it is called, and tensors when the loss is. */
export function lossClass<O extends object>(rules: LossClass<O>): LossFactory<O> {
  const { className, defaults } = rules
  const factory = (options: Partial<O> & LossOptions = {}): Loss => {
    checkKeys(className, options, ['name', 'reduction', ...Object.keys(defaults)])
    checkFlags(className, options as object, flagsOf(defaults))
    const own = { ...defaults, ...withoutUndefined(options) } as O & LossOptions
    rules.check?.(own)
    const given = own.reduction === undefined ? 'sumOverBatchSize' : (own.reduction ?? 'none')
    const reduction = meantOf(className, 'reduction', given, REDUCTIONS)
    const name = own.name ?? rules.name
    const valid = rules.valid?.(own)
    return makeLoss((target, prediction) => rules.values(target, prediction, own), {
      className,
      name,
      config: { ...own, name, reduction },
      reduction,
      ...(valid ? { valid } : {}),
    })
  }
  return Object.assign(factory, { className })
}

/** A loss of a function of tensors. */
export function makeLoss(values: (target: Tensor, prediction: Tensor) => Tensor, parts: Pick<Loss, keyof Loss>): Loss {
  const call = (target: Tensor, prediction: Tensor): Tensor => {
    for (const t of [target, prediction]) requireTensor(titleOf(parts), t)
    // In a function of somebody else ops speak for themselves.
    return isOwn(parts) ? values(target, prediction) : calledAs(parts.className, () => values(target, prediction))
  }
  // The name of a function cannot be assigned.
  const properties = Object.entries(parts).map(([key, value]) => [key, { value, enumerable: true }] as const)
  return Object.defineProperties(call, Object.fromEntries(properties)) as unknown as Loss
}

/** Whether a loss is a function that has no class. */
export const isOwn = ({ className }: Pick<Loss, 'className'>): boolean => className === OWN_CLASS

/** What errors call a loss. */
export const titleOf = (loss: Pick<Loss, 'className' | 'name'>): string =>
  isOwn(loss) ? `loss ${quoted(loss.name)}` : loss.className

export const isLoss = (x: unknown): x is Loss =>
  typeof x === 'function' && 'className' in x && 'config' in x && 'reduction' in x

export const checkFraction = (className: string, name: string, value: unknown): void =>
  checkNumber(className, name, value, (v) => v >= 0 && v <= 1, 'from 0 to 1')
