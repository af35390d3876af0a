import type { AnyOp } from '../../ir/op'
import { apply, type Tensor } from '../../ir/tensor'
import { isFloat, sameShape } from '../../ir/type'
import { broadcastT } from '../../ops/broadcast'
import { constantValue, scalarConstant } from '../../ops/leaf'
import { type OpName, OPS } from '../../ops/table'
import type { Rule } from '../rewrite'
import { foldConstants } from './fold'
import type { ParsedRule, Pattern } from './pattern'

/** What the variables of a rule stand for, by their place in its list of names. */
type Slots = (Tensor | undefined)[]
type Matcher = (t: Tensor, slots: Slots) => boolean

/** A parsed text rule as a rule of the rewriting engine, for tensors of the op at the top of its left side. */
export function compileRule(rule: ParsedRule): Rule {
  const { text, left } = rule
  if (left.kind !== 'op') throw new Error(`rule "${text.rule}": the left side must be an op`)
  const names: string[] = []
  const operands = left.args.map((arg) => matcherOf(arg, names))
  const order = cheapestFirst(left.args)
  const { dtypes } = text
  const slots: Slots = names.map(() => undefined)
  return (t) => {
    if (dtypes && !dtypes.includes(t.dtype)) return undefined
    slots.fill(undefined)
    for (const i of order) if (!operands[i]!(t.inputs[i]!, slots)) return undefined
    const result = build(rule.right, (name) => slots[names.indexOf(name)], t)
    return result && result.dtype === t.dtype ? broadcastT(result, t.shape) : undefined
  }
}

/** Most tensors fail at a number or at the op of an operand: those are compared before anything is bound. */
const cheapestFirst = (args: readonly Pattern[]): number[] =>
  args.map((_, i) => i).sort((i, j) => PRICE[args[i]!.kind] - PRICE[args[j]!.kind])
const PRICE: Readonly<Record<Pattern['kind'], number>> = { number: 0, op: 1, constant: 2, any: 3 }

function matcherOf(p: Pattern, names: string[]): Matcher {
  switch (p.kind) {
    case 'number':
      return (t) => Object.is(constantValue(t), p.value)
    case 'constant':
    case 'any': {
      const isConstant = p.kind === 'constant'
      if (!names.includes(p.name)) names.push(p.name)
      const slot = names.indexOf(p.name)
      return (t, slots) => (!isConstant || constantValue(t) !== undefined) && bind(slot, t, slots)
    }
    case 'op': {
      const { op } = p
      const operands = p.args.map((arg) => matcherOf(arg, names))
      const order = cheapestFirst(p.args)
      return (t, slots) => t.op.name === op && order.every((i) => operands[i]!(t.inputs[i]!, slots))
    }
  }
}

function bind(slot: number, t: Tensor, slots: Slots): boolean {
  const before = slots[slot]
  slots[slot] = before ?? t
  if (before === undefined || before === t) return true
  return constantValue(t) !== undefined && Object.is(constantValue(before), constantValue(t))
}

/** The right side over the bound tensors; undefined where folding its constants would lose them to overflow or underflow. */
function build(p: Pattern, bound: (name: string) => Tensor | undefined, model: Tensor): Tensor | undefined {
  switch (p.kind) {
    case 'number':
      return scalarConstant(p.value, model.dtype)
    case 'constant':
    case 'any':
      return bound(p.name)
    case 'op': {
      const args = p.args.map((arg) => build(arg, bound, model))
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
