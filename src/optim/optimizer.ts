import { gradients } from '../api/gradient'
import { makeVariable } from '../api/leaf'
import { GraphError } from '../ir/errors'
import { valueText } from '../ir/names-of'
import { currentOrigin, onBehalfOf } from '../ir/origin'
import { describe, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { currentTrace } from '../ir/trace'
import { isFloat, sameShape, showType } from '../ir/type'
import { isVariable, type Update, type Variable, variableAttrs } from '../ir/variable'
import { castTensor } from '../ops/promote'
import { accumulate, accumulationSteps } from './accumulate'
import { clipGradients, clipOf } from './clip'
import { checkSelection, decayed, isSelected } from './decay'
import { averaging, checkFrequency } from './ema'
import {
  checkDecay,
  checkHyper,
  checkMomentum,
  type Counter,
  type Hyper,
  hyperScalar,
  type Scalars,
  stepCounter,
} from './hyper'
import { complete, type Complete, type OptimizerOptions } from './options'

/** What a rule needs to write its update of one variable. */
export interface RuleContext {
  readonly variable: Variable
  /** The variable's value, after weight decay where there is any. */
  readonly weight: Tensor
  readonly gradient: Tensor
  readonly scalars: Scalars
  /** This step, from 1, a float64 scalar. */
  step(): Tensor
  /** A slot kept between steps, of the variable's dtype, and its shape if none is given. */
  slot(kind: string, first?: number, shape?: readonly number[]): Variable
  /** A hyper-parameter in the dtype of the variable. */
  hyper(name: string): Tensor
  /** A float64 scalar expression in the dtype of the variable. */
  cast(x: Tensor): Tensor
}

/** The next value of a variable, and of its slots. */
export interface Written {
  readonly next: Tensor
  readonly slots?: readonly Update[]
}

/** A rule as data: the functions of the same name and the optimisers of models are both made of it. */
export interface Rule<O extends OptimizerOptions = OptimizerOptions> {
  /** Keras's name for instances. */
  readonly name: string
  readonly className: string
  readonly defaults: Complete<O>
  /** Refuses options that make no sense. */
  check?(options: Complete<O>): void
  /** The hyper-parameters in use, beside those of clipping, decay and averages. */
  hypers(options: Complete<O>): Readonly<Record<string, Hyper>>
  /** Hyper-parameters that are the decay of an average: below 1. */
  readonly decays?: readonly string[]
  /** Which hyper-parameter is the decay of a variable; `weightDecay` if absent. */
  decayOf?(variable: Variable, options: Complete<O>): string
  /** State that all variables share, as further scalars, and its updates. */
  shared?(prefix: string, scalars: Scalars, step: () => Tensor): { readonly scalars: Scalars; readonly updates: readonly Update[] } // prettier-ignore
  write(context: RuleContext, options: Complete<O>): Written
}

/** Options complete and checked, and the hyper-parameters in use. */
export interface Prepared<O> {
  readonly options: Complete<O> & Complete<OptimizerOptions>
  readonly hypers: Readonly<Record<string, Hyper>>
  readonly clip: ReturnType<typeof clipOf>
  /** Calls between steps, if gradients are accumulated. */
  readonly calls: number | undefined
}

export function prepare<O extends OptimizerOptions>(rule: Rule<O>, given: O): Prepared<O> {
  const { name } = rule
  const options = complete(name, rule.defaults, given)
  const common: Complete<OptimizerOptions> = options
  rule.check?.(options)
  checkOwn(name, common)
  checkFrequency(name, common.emaOverwriteFrequency)
  const clip = clipOf(name, common)
  const hypers = {
    ...rule.hypers(options),
    ...(common.weightDecay === null ? {} : { weightDecay: common.weightDecay }),
    ...(clip ? { [clip.name]: clip.value } : {}),
    ...(common.useEma ? { emaMomentum: common.emaMomentum } : {}),
  }
  for (const [hyper, value] of Object.entries(hypers)) {
    checkHyper(name, hyper, value)
    if (rule.decays?.includes(hyper)) checkDecay(name, hyper, value)
    if (hyper === 'momentum') checkMomentum(name, hyper, value)
  }
  // Also where no average is kept: what is never read would be wrong in silence.
  checkMomentum(name, 'emaMomentum', common.emaMomentum)
  checkSelection(name, 'excludeFromWeightDecay', common.excludeFromWeightDecay)
  return { options, hypers, clip, calls: accumulationSteps(name, common.gradientAccumulationSteps) }
}

/**
 * Runs a rule over variables: gradients of the loss, hyper-parameters as state scalars that can be set without compiling
 * anew, and one update a variable beside those of its slots. In Keras's order: accumulate, clip, decay, the rule, averages,
 * constraints. An empty list, which would never learn, is that of a model whose layers are all frozen, or a mistake.
 */
export function optimize<O extends OptimizerOptions>(
  rule: Rule<O>,
  loss: Tensor,
  variables: readonly Variable[],
  given: O,
  mayBeEmpty = false,
): Update[] {
  checkTrained(rule.name, variables)
  if (variables.length === 0 && !mayBeEmpty)
    throw new GraphError(
      `${rule.name}: the list of variables is empty, so nothing would be trained; ` +
        `weights of a layer have their variables once the layer was called`,
    )
  const { options, hypers, clip, calls } = prepare(rule, given)
  const common: Complete<OptimizerOptions> = options
  const entry = currentTrace()?.entry
  const prefix = common.path ?? `${entry === undefined ? '' : `${entry}/`}${common.name ?? rule.name}`
  let made: Counter | undefined
  const counter = (): Counter => (made ??= stepCounter(prefix))
  const step = (): Tensor => counter().step
  const own: Scalars = Object.fromEntries(
    Object.entries(hypers).map(([name, h]) => [name, hyperScalar(rule.name, prefix, name, h, counter)]),
  )
  const extra = rule.shared?.(prefix, own, step)
  const scalars: Scalars = { ...own, ...extra?.scalars }
  const average = common.useEma
    ? averaging(common.emaOverwriteFrequency, scalars['emaMomentum']!, counter())
    : undefined
  const found = gradients(rule.name, loss, variables, {}, 'leave it out of the list of what is trained')
  // The rule is one call of the user's: all it builds has that line.
  return onBehalfOf(currentOrigin(), () => {
    const sums = calls === undefined ? undefined : accumulate(prefix, variables, found, calls)
    const means = sums?.means ?? found
    const ready = clip ? clipGradients(clip.name, means, scalars[clip.name]!) : means
    const updates = variables.flatMap((variable, i): Update[] => {
      const cast = (x: Tensor): Tensor => castTensor(x, variable.dtype)
      const hyper = (name: string): Tensor => cast(scalars[name]!)
      const slot: RuleContext['slot'] = (kind, first = 0, shape = variable.shape) =>
        makeVariable(`${prefix}/${variable.name}/${kind}`, shape, variable.dtype, first, { kind: 'slot', slot: kind })
      const decay = rule.decayOf?.(variable, options) ?? 'weightDecay'
      const decays = decay in scalars && !isSelected(variable, common.excludeFromWeightDecay)
      const weight = decays ? decayed(variable, hyper('learningRate'), hyper(decay)) : variable
      const context = { variable, weight, gradient: ready[i]!, scalars, step, slot, hyper, cast }
      const { next, slots = [] } = rule.write(context, options)
      const averaged = average?.(next, slot('average'))
      const last = constrained(rule.name, variable, averaged?.next ?? next, common.constraints?.get(variable))
      return [[variable, last], ...slots, ...(averaged?.slots ?? [])]
    })
    const all = [...updates, ...(extra?.updates ?? []), ...(made ? [made.update] : [])]
    return sums ? sums.gated(all) : all
  })
}

/** Options whose values are neither numbers nor flags. */
function checkOwn(rule: string, { name, path, constraints }: Complete<OptimizerOptions>): void {
  for (const [option, value] of Object.entries({ name, path }))
    if (value !== undefined && typeof value !== 'string')
      throw new GraphError(`${rule}: ${option} must be a string, it is ${valueText(value)}`)
  if (constraints !== undefined && !(constraints instanceof Map))
    throw new GraphError(
      `${rule}: constraints must be a Map from variables to functions, they are ${valueText(constraints)}`,
    )
}

function checkTrained(rule: string, variables: readonly Variable[]): void {
  if (!Array.isArray(variables))
    throw new GraphError(`${rule}: what is trained must be a list of variables, such as [w, b]`)
  variables.forEach((v, i) => {
    requireTrainable(rule, v)
    if (variables.indexOf(v) !== i) throw new GraphError(`${rule}: ${describe(v)} is in the list twice`)
  })
}

function requireTrainable(rule: string, v: unknown): asserts v is Variable {
  if (!isTensor(v)) {
    const isWeight = typeof v === 'object' && v !== null && 'variableAt' in v
    const what = isWeight ? 'a weight; give its variable, w.variable once the layer was called' : valueText(v)
    throw new GraphError(`${rule}: variables are trained, one is ${what}`)
  }
  if (!isVariable(v)) throw new GraphError(`${rule}: ${describe(v)} is not a variable`)
  if (!isFloat(v.dtype)) throw new GraphError(`${rule}: ${describe(v)} is ${v.dtype}; only floats are trained`)
  if (variableAttrs(v).role.kind === 'untrained')
    throw new GraphError(`${rule}: ${describe(v)} was made with { trainable: false }`)
}

function constrained(rule: string, variable: Variable, next: Tensor, constraint?: (w: Tensor) => Tensor): Tensor {
  if (!constraint) return next
  const value: unknown = constraint(next)
  requireTensor(`${rule}: the constraint of ${describe(variable)}`, value)
  if (sameShape(value.shape, variable.shape) && value.dtype === variable.dtype) return value
  throw new GraphError(
    `${rule}: the constraint of ${describe(variable)} must return ${showType(variable)}, it returned ${describe(value)}`,
  )
}
