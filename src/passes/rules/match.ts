import type { AnyOp } from '../../ir/op'
import { apply, type Tensor } from '../../ir/tensor'
import { isFloat } from '../../ir/type'
import { broadcastT } from '../../ops/broadcast'
import { constantValue, scalarConstant } from '../../ops/leaf'
import { type OpName, OPS } from '../../ops/table'
import type { Rule } from '../rewrite'
import { foldConstants } from './fold'
import type { ParsedRule, Pattern } from './pattern'

/** What the variables of a rule stand for, by their place in its list of names. */
type Slots = (Tensor | undefined)[]
type Matcher = (t: Tensor, slots: Slots) => boolean

/** The op that a rule asks of each operand of the tensor it replaces; undefined where any will do. */
const headsOf = ({ left }: ParsedRule): readonly (string | undefined)[] =>
  left.kind === 'op' ? left.args.map((p) => (p.kind === 'any' ? undefined : p.kind === 'op' ? p.op : 'constant')) : []

interface Fork {
  readonly rules: readonly { readonly heads: readonly (string | undefined)[]; readonly rule: Rule }[]
  readonly byOp: Map<string, Fork>
}

/** Parsed rules for tensors of one op as one rule: which of them the ops of the operands allow is found out once. */
export function anyOf(parsed: readonly ParsedRule[]): Rule {
  const all: Fork = {
    rules: parsed.map((p) => ({ heads: headsOf(p), rule: whenTried(p) })),
    byOp: new Map<string, Fork>(),
  }
  return (t, shared) => {
    let at = all
    for (let i = 0; i < t.inputs.length; i++) {
      if (at.rules.length === 0) return undefined
      at = narrowed(at, i, t.inputs[i]!.op.name)
    }
    for (const { rule } of at.rules) {
      const next = rule(t, shared)
      if (next !== undefined) return next
    }
    return undefined
  }
}

/** Most rules are never tried. */
function whenTried(parsed: ParsedRule): Rule {
  let rule: Rule | undefined
  return (t, shared) => (rule ??= compileRule(parsed))(t, shared)
}

function narrowed(fork: Fork, i: number, op: string): Fork {
  const known = fork.byOp.get(op)
  if (known) return known
  const rules = fork.rules.filter(({ heads }) => heads[i] === undefined || heads[i] === op)
  const made = { rules, byOp: new Map<string, Fork>() }
  fork.byOp.set(op, made)
  return made
}

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
    // The first operand of a selection is a condition, the result of a comparison is one.
    if (dtypes && !dtypes.includes(t.inputs.at(-1)!.dtype)) return undefined
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
