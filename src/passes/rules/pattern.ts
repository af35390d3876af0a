import type { AnyOp } from '../../ir/op'
import type { DType } from '../../ir/type'
import { type OpName, OPS } from '../../ops/table'

/** The left or right side of a text rule. */
export type Pattern =
  | { readonly kind: 'any'; readonly name: string }
  /** Matches a rank-0 constant; names start with c or d. */
  | { readonly kind: 'constant'; readonly name: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'op'; readonly op: string; readonly args: readonly Pattern[] }

/** A rule as data: `left -> right`, what it keeps, and for which dtypes it holds. */
export interface TextRule {
  readonly rule: string
  /** Both sides are equal bit for bit; otherwise up to rounding. */
  readonly exact: boolean
  /** The sides may differ in the sign of a zero. */
  readonly zeroSign?: boolean
  /** Wrong at infinities or NaN: off unless fast mathematics is asked for. */
  readonly unsafe?: boolean
  /** The dtypes of operands for which it holds; all where left out. */
  readonly dtypes?: readonly DType[]
}

export interface ParsedRule {
  readonly text: TextRule
  readonly left: Pattern
  readonly right: Pattern
}

const BINARY: Readonly<Record<string, string>> = { '+': 'add', '-': 'sub', '*': 'mul', '/': 'div' }
const isCommutative = (op: string): boolean => (OPS[op as OpName] as AnyOp | undefined)?.commutative === true

export function parseRule(text: TextRule): ParsedRule {
  const [left, right, more] = text.rule.split('->')
  if (left === undefined || right === undefined || more !== undefined)
    throw new Error(`rule "${text.rule}": one -> is needed`)
  // Most rules never fire: their right side is read when the first one does.
  let parsed: Pattern | undefined
  return {
    text,
    left: parsePattern(left),
    get right() {
      return (parsed ??= parsePattern(right))
    },
  }
}

/** The rule with the operands of commutative ops on its left side in every order. */
export function variantsOf(rule: ParsedRule): ParsedRule[] {
  const sides = swaps(rule.left)
  if (sides.length === 1) return [rule]
  return sides.map((left) => ({
    text: rule.text,
    left,
    get right() {
      return rule.right
    },
  }))
}

function swaps(p: Pattern): Pattern[] {
  if (p.kind !== 'op') return [p]
  if (!isCommutative(p.op) && p.args.every((a) => a.kind !== 'op')) return [p]
  const sides = p.args.reduce<Pattern[][]>(
    (all, arg) => all.flatMap((before) => swaps(arg).map((a) => [...before, a])),
    [[]],
  )
  const orders = isCommutative(p.op) ? sides.flatMap(([a, b]) => (isSame(a!, b!) ? [[a!, b!]] : [[a!, b!], [b!, a!]])) : sides // prettier-ignore
  return orders.map((args) => ({ ...p, args }))
}

const isSame = (a: Pattern, b: Pattern): boolean => a.kind === 'any' && b.kind === 'any' && a.name === b.name

/** Grammar: sums of products of signs of atoms; atoms are numbers, variables, calls and brackets. */
export function parsePattern(text: string): Pattern {
  const tokens = text.match(/\d+(?:\.\d+)?|[A-Za-z]\w*|[-+*/(),]/g) ?? []
  if (tokens.join('') !== text.replace(/\s/g, ''))
    throw new Error(`pattern "${text}" has characters that are not understood`)
  let at = 0
  const binary = (symbols: string, operand: () => Pattern) => (): Pattern => {
    let left = operand()
    while (at < tokens.length && symbols.includes(tokens[at]!)) {
      const op = BINARY[tokens[at++]!]!
      left = { kind: 'op', op, args: [left, operand()] }
    }
    return left
  }
  const expect = (token: string): void => {
    if (tokens[at++] !== token) throw new Error(`pattern "${text}": expected ${token}`)
  }
  const atom = (): Pattern => {
    const token = tokens[at++]
    if (token === undefined) throw new Error(`pattern "${text}" ends too early`)
    if (token === '-') {
      const inner = atom()
      return inner.kind === 'number'
        ? { kind: 'number', value: -inner.value }
        : { kind: 'op', op: 'neg', args: [inner] }
    }
    if (token === '(') {
      const inner = sum()
      expect(')')
      return inner
    }
    if (/^\d/.test(token)) return { kind: 'number', value: Number(token) }
    if (tokens[at] !== '(') return { kind: /^[cd]/.test(token) ? 'constant' : 'any', name: token }
    at++
    const args = [sum()]
    while (tokens[at] === ',') {
      at++
      args.push(sum())
    }
    expect(')')
    return { kind: 'op', op: token, args }
  }
  const product = binary('*/', atom)
  const sum = binary('+-', product)
  const result = sum()
  if (at !== tokens.length) throw new Error(`pattern "${text}": trailing ${tokens.slice(at).join(' ')}`)
  return result
}
