import { GraphError } from '../ir/errors'
import { isTensor, type Tensor } from '../ir/tensor'
import { isVariable, type Variable } from '../ir/variable'
import { mulT, subT } from '../ops/arith'
import type { Hyper } from './hyper'

/** Variables: themselves, a part of their names, or a pattern that a part of their names matches. */
export type Selection = readonly (Variable | string | RegExp)[]

export interface DecayOptions {
  /** Decoupled decay: before the rule, w is reduced by learningRate · weightDecay · w. None by default but where the rule says so. */
  readonly weightDecay?: Hyper | null
  /** Variables that do not decay. */
  readonly excludeFromWeightDecay?: Selection
}

/** Throws for what is no list of variables, names and patterns. */
export function checkSelection(rule: string, name: string, selection: unknown): void {
  const isOne = (which: unknown): boolean =>
    typeof which === 'string' || which instanceof RegExp || (isTensor(which) && isVariable(which))
  if (Array.isArray(selection) && selection.every(isOne)) return
  const found = Array.isArray(selection) ? 'a list of others' : typeof selection
  throw new GraphError(`${rule}: ${name} must be a list of variables, names and patterns, it is ${found}`)
}

export const isSelected = (variable: Variable, selection: Selection): boolean =>
  selection.some((which) =>
    typeof which === 'string'
      ? variable.name.includes(which)
      : which instanceof RegExp
        ? variable.name.search(which) >= 0
        : which === variable,
  )

/** The value that the rule sees; rate and decay are scalars in the dtype of the variable. */
export const decayed = (variable: Variable, rate: Tensor, decay: Tensor): Tensor =>
  subT(variable, mulT(mulT(rate, decay), variable))
