import { GraphError } from '../ir/errors'
import { isTensor, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import type { Selection } from './decay'
import { filePattern } from './file-pattern'
import type { OptimizerOptions } from './options'
import { optimize, prepare, type Rule } from './optimizer'
import { isSchedule, scheduleOf } from './schedules'

/** An optimiser as a model keeps it: a rule with its options. */
export interface OptimizerSpec {
  /** Keras's name of the class. */
  readonly className: string
  /** Part of the names of the state, `entry/name/...`. */
  readonly name: string
  /**
   * All options, plain JSON: schedules as class and config, patterns as source and flags. Reading it throws where a
   * hyper-parameter is a tensor or a function, which no file can hold.
   */
  readonly config: Readonly<Record<string, unknown>>
  /** The learning rate as a number; undefined where a schedule, a tensor or a function gives it. */
  readonly learningRate: number | undefined
  /** The learning rate that a schedule gives behind some steps; undefined where it is no schedule. */
  scheduledRate(step: number): number | undefined
  /** The updates of one step, for an entry. */
  updates(loss: Tensor, variables: readonly Variable[], extra?: SpecExtra): Update[]
}
/** What a model adds to the options. */
export type SpecExtra = Pick<OptimizerOptions, 'constraints' | 'name' | 'path'>

/** An object of any kind. */
export const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null

/** Throws for an option that the rule does not have or that makes no sense. */
export function makeSpec<O extends OptimizerOptions>(rule: Rule<O>, given: O): OptimizerSpec {
  const { options } = prepare(rule, given)
  const name = options.name ?? rule.name
  const { constraints, path, ...kept } = options
  return Object.freeze({
    className: rule.className,
    name,
    get config() {
      const entries = Object.entries({ name, ...kept })
      return Object.freeze(Object.fromEntries(entries.map(([key, v]) => [key, toJson(rule.name, key, v)])))
    },
    learningRate: rateOf((kept as { readonly learningRate?: unknown }).learningRate),
    scheduledRate: (step: number) => {
      const { learningRate } = kept as { readonly learningRate?: unknown }
      return isSchedule(learningRate) ? learningRate.at(step) : undefined
    },
    updates: (loss: Tensor, variables: readonly Variable[], extra: SpecExtra = {}) =>
      optimize(rule, loss, variables, { ...(options as unknown as O), name, ...extra }, true),
  })
}

const rateOf = (rate: unknown): number | undefined => (typeof rate === 'number' ? rate : undefined)

/** Options from a config. */
export function optionsOf(config: unknown): object {
  if (isRecord(config) && !Array.isArray(config))
    return Object.fromEntries(Object.entries(config).map(([key, value]) => [key, fromJson(value)]))
  throw new GraphError(
    `optimizerOf: the config must be an object, it is ${String(JSON.stringify(config)).slice(0, 80)}`,
  )
}

function toJson(rule: string, option: string, value: unknown): unknown {
  if (isSchedule(value)) return { className: value.className, config: value.config }
  if (Array.isArray(value)) return (value as Selection).map((which) => selectionJson(rule, option, which))
  if (typeof value !== 'function' && !isRecord(value)) return value
  const found = typeof value === 'function' ? 'a function' : 'a tensor'
  throw new GraphError(`${rule}: ${option} is ${found}, which no configuration can hold; give a number or a schedule`)
}

/** A variable is known by its whole name. */
function selectionJson(rule: string, option: string, which: Selection[number]): unknown {
  if (typeof which === 'string') return which
  if (!isRecord(which) || !(which instanceof RegExp || isTensor(which)))
    throw new GraphError(`${rule}: ${option} must be names, patterns and variables`)
  if (which instanceof RegExp) {
    // What could not be read back is not written.
    const { source, flags } = filePattern(`${rule}: ${option}`, which.source, which.flags)
    return { source, flags }
  }
  return { source: `^${which.name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, flags: '' }
}

function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson)
  if (!isRecord(value)) return value
  if (typeof value['source'] === 'string')
    return filePattern('optimizerOf', value['source'], String(value['flags'] ?? ''))
  return 'className' in value ? scheduleOf(value as never) : value
}
