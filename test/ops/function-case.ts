import type { DType } from 'gradloom'
import type { CheckedCase } from './check'
import type { OpCase } from './operands'
import { pointwise, type Values } from './values'

export interface FunctionCase extends CheckedCase {
  readonly reference: (...operands: Values[]) => Values
}
export interface FunctionRow {
  /** False: it has no gradient, or none that finite differences find. */
  readonly differentiable?: boolean
  readonly cases: readonly FunctionCase[]
}

/** Cases beside their meaning, written without a look at how the function is made. */
export const meaning = (cases: readonly OpCase[], reference: FunctionCase['reference']): FunctionCase[] =>
  cases.map((test) => ({ ...test, reference }))

/** A reference that takes the values at each point, operands broadcast. */
export const each =
  (f: (...values: number[]) => number, dtype?: DType): FunctionCase['reference'] =>
  (...operands) =>
    pointwise(f, dtype)(operands)
