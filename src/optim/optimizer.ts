import { gradients } from '../api/gradient'
import { makeVariable } from '../api/leaf'
import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { currentOrigin, onBehalfOf } from '../ir/origin'
import { currentTrace } from '../ir/trace'
import { describe } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { isVariable, type Update, type Variable, variableAttrs } from '../ir/variable'
import { addT, mulT, subT } from '../ops/arith'
import { scalarConstant } from '../ops/leaf'
import { castTensor } from '../ops/promote'
import { accumulate, accumulationSteps } from './accumulate'
import { clipGradients, clipOf, type ClipOptions } from './clip'

/** A number, kept as a state scalar that can be set at any time, or a scalar tensor such as a schedule. */
export type Hyper = number | Tensor<[]>

export interface OptimizerOptions extends ClipOptions {
  /** Part of the names of the optimiser's state, `entry/name/...`; the rule's own name if absent. */
  readonly name?: string
  /**
   * Sums the gradients of this many calls, and applies their mean, clipped where that is asked for, on the last of them; on
   * the others variables, slots and step counters keep their values. 1 by default. As in Keras.
   */
  readonly gradientAccumulationSteps?: number
}

/** What a rule needs to write its update of one variable. */
export interface RuleContext {
  readonly variable: Variable
  readonly gradient: Tensor
  /** A slot of the variable's shape and dtype, kept between steps. */
  slot(kind: string, first?: number): Variable
  /** A hyper-parameter in the dtype of the variable. */
  hyper(name: string): Tensor
  /** A float64 scalar expression in the dtype of the variable. */
  cast(x: Tensor): Tensor
}

/** Hyper-parameters as float64 scalars, exact as they were given. */
export type Scalars = Readonly<Record<string, Tensor>>

/**
 * Runs a rule over variables: gradients of the loss, hyper-parameters as state scalars that can be set without compiling
 * anew, and one update a variable beside those of its slots.
 */
export function optimize(
  rule: string,
  loss: Tensor,
  variables: readonly Variable[],
  options: OptimizerOptions,
  hypers: Readonly<Record<string, Hyper>>,
  write: (context: RuleContext, scalars: Scalars) => { readonly next: Tensor; readonly slots?: readonly Update[] },
  shared: (prefix: string) => { readonly scalars?: Scalars; readonly updates?: readonly Update[] } = () => ({}),
): Update[] {
  for (const v of variables) {
    if (!isVariable(v)) throw new GraphError(`${rule}: ${describe(v)} is not a variable`)
    if (!isFloat(v.dtype)) throw new GraphError(`${rule}: ${describe(v)} is ${v.dtype}; only floats are trained`)
    if (variableAttrs(v).role.kind === 'untrained')
      throw new GraphError(`${rule}: ${describe(v)} was made with { trainable: false }`)
  }
  const entry = currentTrace()?.entry
  const prefix = `${entry === undefined ? '' : `${entry}/`}${options.name ?? rule}`
  const clip = clipOf(rule, options)
  const steps = accumulationSteps(rule, options.gradientAccumulationSteps)
  const numbers = clip ? { ...hypers, [clip.name]: clip.value } : hypers
  const own = Object.fromEntries(Object.entries(numbers).map(([name, h]) => [name, hyperScalar(rule, prefix, name, h)]))
  const extra = shared(prefix)
  const scalars: Scalars = { ...own, ...extra.scalars }
  const found = gradients(rule, loss, variables, {})
  // The rule is one call of the user's: all it builds has that line.
  return onBehalfOf(currentOrigin(), () => {
    const sums = steps === undefined ? undefined : accumulate(prefix, variables, found, steps)
    const means = sums?.means ?? found
    const ready = clip ? clipGradients(clip.name, means, scalars[clip.name]!) : means
    const updates = variables.flatMap((variable, i): Update[] => {
      const { next, slots = [] } = write(
        {
          variable,
          gradient: ready[i]!,
          slot: (kind, first = 0) =>
            makeVariable(`${prefix}/${variable.name}/${kind}`, variable.shape, variable.dtype, first, {
              kind: 'slot',
              slot: kind,
            }),
          hyper: (name) => castTensor(scalars[name]!, variable.dtype),
          cast: (x) => castTensor(x, variable.dtype),
        },
        scalars,
      )
      return [[variable, next], ...slots]
    })
    const all = [...updates, ...(extra.updates ?? [])]
    return sums ? sums.gated(all) : all
  })
}

function hyperScalar(rule: string, prefix: string, name: string, value: Hyper): Tensor {
  if (typeof value !== 'number') {
    if (value.shape.length !== 0 || !isFloat(value.dtype))
      throw new GraphError(`${rule}: ${name} must be a number or a float scalar, it is ${describe(value)}`)
    return castTensor(value, 'float64')
  }
  if (!Number.isFinite(value) || value < 0)
    throw new GraphError(`${rule}: ${name} must be a finite number from 0, it is ${value}`)
  return makeVariable(`${prefix}/${name}`, [], 'float64', value, { kind: 'scalar' })
}

/** Counts steps from 1: the value of this step, and the update that keeps it. */
export function stepCounter(prefix: string): { readonly step: Tensor; readonly update: Update } {
  const iterations = makeVariable(`${prefix}/iterations`, [], 'int32', 0, { kind: 'scalar' })
  const step = addT(iterations, scalarConstant(1, 'int32'))
  return { step: castTensor(step, 'float64'), update: [iterations, step] }
}

/** average * decay + value * (1 - decay), the moving averages of these rules. */
export function movingAverage(average: Tensor, value: Tensor, decay: Tensor, dtype: Variable['dtype']): Tensor {
  const keep = castTensor(decay, dtype)
  const take = castTensor(subT(scalarConstant(1, 'float64'), decay), dtype)
  return addT(mulT(keep, average), mulT(take, value))
}
