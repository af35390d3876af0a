import type { DType } from 'gradloom'
import { Check, type CheckedCase, type Floats } from './check'
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

/** A case for itself. */
export interface Composed extends FunctionCase {
  readonly differentiable?: boolean
}

/** Values in both floats, and gradients of both orders against differences of the reference. */
export function checkComposed({ differentiable = true, ...test }: Composed): void {
  const isGeneric = test.inputs.some((x) => x.dtype === 'float')
  const floats: readonly Floats[] = isGeneric ? ['float32', 'float64'] : ['float64']
  for (const f of floats) {
    const made = new Check({ differentiable }, test, f)
    made.values()
    made.gradients()
  }
}
