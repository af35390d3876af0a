import { callF, ELLIPSIS, type Formula, nameF, numberF } from '../ir/formula'
import type { Tensor } from '../ir/tensor'
import { constantValue } from '../ops/leaf'
import type { StandInAttrs } from '../ops/region'
import { partFormula } from './region-formula'
import { windowProductOp, windowScatterOp } from '../ops/window-product'
import type { DType } from '../ir/type'

const MAX_DEPTH = 6

/** The fewest digits that still name this float32. */
function shortNumber(value: number, dtype: DType): number {
  if (dtype !== 'float32') return value
  for (let digits = 1; digits <= 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return value
}

const constantF = (value: number, dtype: DType): Formula =>
  dtype === 'bool' ? { kind: 'truth', value: value !== 0 } : numberF(shortNumber(value, dtype))

/** What people call the op that made a tensor. */
export function spokenName(t: Tensor): string {
  const { op, attrs } = t.origin.written ?? t
  if (op.name === 'contract') return 'matmul'
  if (op.name === 'standIn') return (attrs as StandInAttrs).role
  const isWindowed = op === windowProductOp || op === windowScatterOp
  return isWindowed ? (attrs as { readonly title: string }).title : op.name
}

/**
 * What a tensor is in mathematics: the op over its operands, in names where `known` gives one, written out otherwise.
 * Views are transparent, so that a formula reads as the model does.
 */
export function formulaOf(t: Tensor, known: (t: Tensor) => Formula | undefined, deepest = MAX_DEPTH): Formula {
  const operand = (x: Tensor, depth: number): Formula => {
    const value = constantValue(x)
    if (value !== undefined) return constantF(value, x.dtype)
    return known(x) ?? (depth > deepest ? ELLIPSIS : written(x, depth))
  }
  const written = (x: Tensor, depth: number): Formula => {
    const { op, inputs, attrs } = x.origin.written ?? x
    if (op.kind === 'leaf') return known(x) ?? nameF(op.name)
    if (op.name === 'broadcastTo' || op.name === 'reshape' || op.name === 'identity')
      return operand(inputs[0]!, depth + 1)
    if (op.kind === 'part') return partFormula(x, (y) => operand(y, depth + 1))
    const operands = inputs.map((y) => operand(y, depth + 1))
    return op.formula ? op.formula(operands, attrs) : callF(op.name, operands)
  }
  return written(t, 0)
}
