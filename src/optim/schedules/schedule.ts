import { GraphError } from '../../ir/errors'
import { checkFlags, checkKeys, flagsOf, withoutUndefined } from '../../ir/names-of'
import { describe, requireTensor, type Tensor } from '../../ir/tensor'
import { isFloat } from '../../ir/type'
import { castTensor } from '../../ops/promote'
import { type Arithmetic, IN_GRAPH, ON_HOST } from './arithmetic'

/** The options of a schedule as plain data. */
export type ScheduleConfig = Readonly<Record<string, number | boolean | string | null | readonly number[]>>

/** A rate as a function of the steps made so far, from 0. */
export interface Schedule {
  /** As a float64 scalar of the graph; `step` is a float scalar. */
  (step: Tensor<[], 'float64'>): Tensor<[], 'float64'>
  /** Keras's name of the class, or PyTorch's. */
  readonly className: string
  /** All options, plain JSON. */
  readonly config: ScheduleConfig
  /** The same formula in float64 on the host. */
  at(step: number): number
}

/** A kind of schedule as data. An option without a default, NEEDED, must be given. */
export interface ScheduleKind<C extends ScheduleConfig = ScheduleConfig> {
  readonly className: string
  readonly factory: string
  readonly options: { readonly [K in keyof C]: C[K] | typeof NEEDED }
  /** Refuses options that make no sense. */
  check(config: C): void
  rate<T>(m: Arithmetic<T>, step: T, config: C): T
}
export const NEEDED = Symbol('needed')

/** Throws for an option that is missing, unknown or makes no sense. */
export function makeSchedule<C extends ScheduleConfig>(kind: ScheduleKind<C>, options: object): Schedule {
  const known = Object.keys(kind.options)
  checkKeys(kind.factory, options, known)
  checkFlags(kind.factory, options, flagsOf(kind.options))
  const config = Object.freeze({ ...kind.options, ...withoutUndefined(options) }) as C
  for (const name of known)
    if ((config[name] as unknown) === NEEDED) throw new GraphError(`${kind.factory}: ${name} must be given`)
  kind.check(config)
  const build = (step: Tensor): Tensor => {
    requireTensor(kind.factory, step)
    if (step.shape.length !== 0 || !isFloat(step.dtype))
      throw new GraphError(`${kind.factory}: the step must be a float scalar, it is ${describe(step)}`)
    return kind.rate(IN_GRAPH, castTensor(step, 'float64'), config)
  }
  const { className } = kind
  return Object.freeze(
    Object.assign(build, { className, config, at: (step: number) => kind.rate(ON_HOST, step, config) }),
  ) as never
}

/** Whether it is a schedule. */
export const isSchedule = (x: unknown): x is Schedule =>
  typeof x === 'function' && 'className' in x && 'config' in x && 'at' in x
