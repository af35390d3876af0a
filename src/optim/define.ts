import { GraphError } from '../ir/errors'
import { checkKeys, quoted, requireFunction, requireList, requireRecord, valueText } from '../ir/names-of'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { sameShape, showType } from '../ir/type'
import type { Update, Variable } from '../ir/variable'
import type { Hyper } from './hyper'
import { COMMON, type OptimizerOptions } from './options'
import type { Rule, RuleContext, Written } from './optimizer'
import { isOfLibrary } from './rules'
import { isRecord, makeSpec, type OptimizerSpec } from './spec'

/** Hyper-parameters with what they are if nothing is given: finite numbers from 0, a learning rate among them. */
export type OptimizerHypers = Readonly<Record<string, number>> & { readonly learningRate: number }

/** What a rule of one's own sees of one variable. */
export interface OptimizerContext<H extends OptimizerHypers = OptimizerHypers> {
  readonly variable: Variable
  /** The variable's value, after weight decay where there is any. */
  readonly weight: Tensor
  /** Of the loss by the variable, after accumulation and clipping where these are asked for; of its shape and dtype. */
  readonly gradient: Tensor
  /** A hyper-parameter in the dtype of the variable, a scalar that can be set between steps. */
  hyper(name: keyof H & string): Tensor
  /** This step, from 1, a float64 scalar. */
  step(): Tensor
  /** What is kept from step to step under a name, of the variable's dtype, and of its shape if none is given; `first` at first, 0 by default. */
  slot(kind: string, first?: number, shape?: readonly number[]): Variable
  /** A float scalar in the dtype of the variable. */
  cast(x: Tensor): Tensor
}

/** A rule of one's own. */
export interface OptimizerRule<H extends OptimizerHypers = OptimizerHypers> {
  /** Names it in files, such as 'Signum'. */
  readonly className: string
  /** The first part of the names of its state; the name of the class in lower case if absent. */
  readonly name?: string
  /** The hyper-parameters, numbers from 0, with what they are if nothing is given. */
  readonly hypers: H
  /** The next value of a variable, of its shape and dtype, and of each slot that was asked for. */
  update(context: OptimizerContext<H>): {
    readonly next: Tensor
    readonly slots?: readonly (readonly [slot: Variable, next: Tensor])[]
  }
}

/** Hyper-parameters of one's own beside what every optimiser takes. */
export type OwnOptimizerOptions<H extends OptimizerHypers = OptimizerHypers> = OptimizerOptions & {
  readonly [K in keyof H]?: Hyper
}

/** Makes optimisers of a class of one's own. */
export interface OptimizerFactory<H extends OptimizerHypers = OptimizerHypers> {
  (options?: OwnOptimizerOptions<H>): OptimizerSpec
  readonly rule: OptimizerRule<H>
}

/**
 * Makes optimisers of a kind of one's own from a rule for one variable. Clipping, weight decay, averages, accumulation,
 * constraints and schedules are there as for any other; every hyper-parameter is state that can be set between steps.
 * What it gives goes to `compile` of a model, and its `updates(loss, variables)` to an entry; `loadModel` takes it among its
 * `customObjects`. Throws a GraphError for a rule that nothing can be trained by, and where it is used for a `next` of another
 * shape or dtype than the variable.
 *
 *     const signum = defineOptimizer({
 *       className: 'Signum',
 *       hypers: { learningRate: 0.001, beta: 0.9 },
 *       update: ({ weight, gradient, hyper, slot }) => {
 *         const momentum = slot('momentum')
 *         const next = lerp(gradient, momentum, hyper('beta'))
 *         return { next: sub(weight, mul(hyper('learningRate'), sign(next))), slots: [[momentum, next]] }
 *       },
 *     })
 *     net.compile({ optimizer: signum({ learningRate: 0.01 }), loss: 'mse' })
 */
export function defineOptimizer<const H extends OptimizerHypers>(rule: OptimizerRule<H>): OptimizerFactory<H> {
  const where = checkRule(rule)
  const { className, name = className.toLowerCase(), hypers } = rule
  const names = Object.keys(hypers)
  type Options = OptimizerOptions & Readonly<Record<string, unknown>>
  const whole: Rule<Options> = {
    name,
    className,
    defaults: { ...COMMON, ...hypers },
    hypers: (options) => Object.fromEntries(names.map((key) => [key, options[key] as Hyper])),
    write: (context) => written(where, rule, context),
  }
  const factory = (options: OwnOptimizerOptions<H> = {}): OptimizerSpec => makeSpec(whole, options as Options)
  return Object.assign(factory, { rule })
}

/** Whether something makes optimisers of one's own. */
export const isOptimizerFactory = (x: unknown): x is OptimizerFactory =>
  typeof x === 'function' && 'rule' in x && typeof (x.rule as Partial<OptimizerRule> | undefined)?.update === 'function'

const KEYS: readonly (keyof OptimizerRule)[] = ['className', 'name', 'hypers', 'update']

/** How errors name the rule. */
function checkRule(rule: OptimizerRule): string {
  if (!isRecord(rule))
    throw new GraphError(`defineOptimizer: a rule { className, hypers, update } is needed, it is ${valueText(rule)}`)
  checkKeys('defineOptimizer', rule, KEYS, 'key')
  const { className, name, hypers, update } = rule as Partial<OptimizerRule>
  for (const [key, value] of Object.entries({ className, ...(name === undefined ? {} : { name }) }))
    if (typeof value !== 'string' || !/^[A-Za-z][\w-]*$/.test(value))
      throw new GraphError(
        `defineOptimizer: ${key} must be a word of letters, digits, _ and -, it is ${valueText(value)}`,
      )
  const where = `defineOptimizer of ${quoted(className!)}`
  if (isOfLibrary(className!))
    throw new GraphError(`${where}: the library has an optimiser of that class; another name is needed`)
  requireRecord(where, 'hypers', hypers)
  for (const [key, value] of Object.entries(hypers)) {
    if (key in COMMON || ['name', 'path', 'constraints'].includes(key))
      throw new GraphError(`${where}: every optimiser has ${quoted(key)}; another name is needed`)
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      throw new GraphError(`${where}: ${quoted(key)} must be a finite number from 0, it is ${valueText(value)}`)
  }
  if (!('learningRate' in hypers))
    throw new GraphError(`${where}: hypers must have a learningRate, which schedules and weight decay set`)
  requireFunction(`${where}: update`, update)
  return className!
}

function written(where: string, rule: OptimizerRule, given: RuleContext): Written {
  const { variable, scalars } = given
  const slots = new Map<string, Variable>()
  const context: OptimizerContext = {
    variable,
    weight: given.weight,
    gradient: given.gradient,
    step: () => given.step(),
    cast: (x) => given.cast(x),
    hyper: (key) => {
      if (Object.hasOwn(scalars, key)) return given.hyper(key)
      const known = Object.keys(rule.hypers).join(', ')
      throw new GraphError(`${where}: there is no hyper-parameter ${quoted(key)}; there are ${known}`)
    },
    slot: (kind, first, shape) => {
      const slot = slots.get(kind) ?? given.slot(kind, first, shape)
      slots.set(kind, slot)
      return slot
    },
  }
  const found: unknown = rule.update(context)
  if (!isRecord(found))
    throw new GraphError(`${where}: update must return { next, slots }, it returned ${valueText(found)}`)
  const { next, slots: moved = [] } = found as { readonly next?: unknown; readonly slots?: readonly Update[] }
  requireValue(where, variable, next)
  requireList(`${where}: slots`, 'pairs of a slot and its next value', moved)
  const left = new Map([...slots].map(([kind, slot]) => [slot, kind]))
  for (const pair of moved) {
    requireList(`${where}: slots`, 'a slot and its next value', pair)
    const [slot, value] = pair
    if (!left.delete(slot))
      throw new GraphError(`${where}: slots must hold each slot that update asked for once, beside its next value`)
    requireValue(where, slot, value)
  }
  for (const kind of left.values())
    throw new GraphError(`${where}: update gives no next value of the slot ${quoted(kind)} of ${describe(variable)}`)
  return { next, slots: moved }
}

function requireValue(where: string, variable: Variable, next: unknown): asserts next is Tensor {
  if (isTensor(next) && sameShape(next.shape, variable.shape) && next.dtype === variable.dtype) return
  const shown = isTensor(next) ? describe(next) : valueText(next)
  throw new GraphError(
    `${where}: the next value of ${describe(variable)} must be ${showType(variable)}, update gives ${shown}`,
  )
}
