import type { AnyOp } from '../../ir/op'
import { apply, type Tensor } from '../../ir/tensor'
import { isFloat, sameShape } from '../../ir/type'
import { broadcastT } from '../../ops/broadcast'
import { constantValue, scalarConstant } from '../../ops/leaf'
import { type OpName, OPS } from '../../ops/table'
import type { Rule } from '../rewrite'
import { foldConstants } from './fold'
import type { ParsedRule, Pattern } from './pattern'

type Bindings = Map<string, Tensor>

/** A parsed text rule as a rule of the rewriting engine. */
export function compileRule({ text, left, right }: ParsedRule): readonly [op: string, rule: Rule] {
  if (left.kind !== 'op') throw new Error(`rule "${text.rule}": the left side must be an op`)
  const rule: Rule = (t) => {
    if (text.dtypes && !text.dtypes.includes(t.dtype)) return undefined
    const bindings: Bindings = new Map()
    if (!matches(left, t, bindings)) return undefined
    const result = build(right, bindings, t)
    return result && result.dtype === t.dtype ? broadcastT(result, t.shape) : undefined
  }
  return [left.op, rule]
}

function matches(p: Pattern, t: Tensor, bindings: Bindings): boolean {
  switch (p.kind) {
    case 'number': {
      const value = constantValue(t)
      return value === p.value && Object.is(value, p.value)
    }
    case 'constant': {
      if (constantValue(t) === undefined) return false
      return bind(p.name, t, bindings)
    }
    case 'any':
      return bind(p.name, t, bindings)
    case 'op':
      return t.op.name === p.op && p.args.every((arg, i) => matches(arg, t.inputs[i]!, bindings))
  }
}

function bind(name: string, t: Tensor, bindings: Bindings): boolean {
  const before = bindings.get(name)
  if (before)
    return before === t || (constantValue(t) !== undefined && Object.is(constantValue(before), constantValue(t)))
  bindings.set(name, t)
  return true
}

/** The right side over the bound tensors; undefined where folding its constants would lose them to overflow or underflow. */
function build(p: Pattern, bindings: Bindings, model: Tensor): Tensor | undefined {
  switch (p.kind) {
    case 'number':
      return scalarConstant(p.value, model.dtype)
    case 'constant':
    case 'any':
      return bindings.get(p.name)
    case 'op': {
      const args = p.args.map((arg) => build(arg, bindings, model))
      if (args.some((a) => a === undefined)) return undefined
      const made = apply(OPS[p.op as OpName] as AnyOp, args as Tensor[], {})
      const folded = foldConstants(made)
      if (!folded) return made
      return isOrdinary(constantValue(folded)!, made) ? folded : undefined
    }
  }
}

const isOrdinary = (value: number, { dtype }: Tensor): boolean =>
  !isFloat(dtype) || (Number.isFinite(value) && (value === 0 ? false : Math.abs(value) >= 1.2e-38))

export const sameTypeAs = (t: Tensor, x: Tensor): Tensor | undefined =>
  t.dtype === x.dtype && sameShape(t.shape, x.shape) ? x : undefined
