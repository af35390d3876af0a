import type { Affine } from '../ir/affine'
import type { Local, Param } from '../ir/loop'
import type { Axis } from '../ir/affine'
import type { Position } from '../ir/scalar'
import { numberText } from './names'

/** Text with the precedence of its outermost operator. */
export interface Expression {
  readonly text: string
  readonly precedence: number
  readonly operator?: string
}

/** JavaScript's, which C and WGSL share for what is printed here. */
export const PRECEDENCE = {
  conditional: 1,
  or: 2,
  and: 3,
  bitwise: 4,
  bitwiseXor: 5,
  bitwiseAnd: 6,
  equal: 7,
  compare: 8,
  shift: 9,
  add: 10,
  multiply: 11,
  unary: 13,
  atom: 15,
}

export const atom = (text: string): Expression => ({ text, precedence: PRECEDENCE.atom })
export const callText = (name: string, ...args: readonly Expression[]): Expression =>
  atom(`${name}(${args.map((a) => a.text).join(', ')})`)

const within = (e: Expression, needsBrackets: boolean): string => (needsBrackets ? `(${e.text})` : e.text)

const BITWISE: ReadonlySet<number> = new Set([
  PRECEDENCE.bitwise,
  PRECEDENCE.bitwiseXor,
  PRECEDENCE.bitwiseAnd,
  PRECEDENCE.shift,
])

/** Brackets as prettier sets them: also between different operators of one rank, and inside bitwise operators. */
export function binary(operator: string, precedence: number, a: Expression, b: Expression): Expression {
  if (a.precedence === PRECEDENCE.atom && b.precedence === PRECEDENCE.atom)
    return { text: `${a.text} ${operator} ${b.text}`, precedence, operator }
  const bitwise = BITWISE.has(precedence)
  const mixed = (e: Expression): boolean =>
    e.precedence === precedence && e.operator !== operator && precedence === PRECEDENCE.multiply
  const logical = (e: Expression): boolean => precedence === PRECEDENCE.or && e.precedence === PRECEDENCE.and
  const inBitwise = (e: Expression): boolean => bitwise && e.precedence < PRECEDENCE.unary
  const left = within(
    a,
    a.precedence < precedence ||
      mixed(a) ||
      logical(a) ||
      inBitwise(a) ||
      (precedence === PRECEDENCE.equal && a.precedence === precedence),
  )
  const right = within(b, b.precedence <= precedence || logical(b) || inBitwise(b))
  return { text: `${left} ${operator} ${right}`, precedence, operator }
}

export function unary(operator: string, a: Expression): Expression {
  const text = a.text.startsWith(operator)
    ? `${operator}(${a.text})`
    : `${operator}${within(a, a.precedence < PRECEDENCE.unary)}`
  return { text, precedence: PRECEDENCE.unary }
}

export const conditional = (c: Expression, a: Expression, b: Expression): Expression => ({
  text: `${within(c, c.precedence <= PRECEDENCE.conditional)} ? ${within(a, a.precedence <= PRECEDENCE.conditional)} : ${within(b, b.precedence <= PRECEDENCE.conditional)}`,
  precedence: PRECEDENCE.conditional,
})

export function number(value: number): Expression {
  const text = numberText(value)
  return { text, precedence: text.startsWith('-') ? PRECEDENCE.unary : PRECEDENCE.atom }
}

/** What identities are called in the kernel being printed. */
export interface KernelNames {
  axis(axis: Axis): string
  local(local: Local): string
  param(param: Param): string
}

/** An affine position: the axis that jumps farthest first, constants last. */
export function affineText(a: Affine, names: KernelNames, pointer?: Local): string {
  if (a.terms.size === 0) {
    const base = a.base === 0 && pointer ? '' : numberText(a.base)
    return pointer ? `${names.local(pointer)}${base && (a.base < 0 ? ` - ${-a.base}` : ` + ${base}`)}` : base
  }
  const terms = [...a.terms]
  const jump = (i: number): number => Math.abs(terms[i]![1])
  // Nearly all have one term or two, and a sort costs more than all the rest of this.
  if (terms.length > 2) terms.sort((p, q) => Math.abs(q[1]) - Math.abs(p[1]))
  else if (terms.length === 2 && jump(1) > jump(0)) terms.reverse()
  const parts = terms.map(([axis, k]) =>
    Math.abs(k) === 1 ? names.axis(axis) : `${names.axis(axis)} * ${Math.abs(k)}`,
  )
  const signs = terms.map(([, k]) => k < 0)
  if (pointer) {
    parts.unshift(names.local(pointer))
    signs.unshift(false)
  }
  // A negative coefficient comes after the constant it is subtracted from.
  if (signs[0]) {
    return parts.reduce((text, part, i) => `${text} ${signs[i] ? '-' : '+'} ${part}`, numberText(a.base))
  }
  const body = parts.reduce((text, part, i) => (text === '' ? part : `${text} ${signs[i] ? '-' : '+'} ${part}`), '')
  if (body === '') return numberText(a.base)
  if (a.base === 0) return body
  return `${body} ${a.base < 0 ? '-' : '+'} ${Math.abs(a.base)}`
}

/** `offset` is the text of the computed part of a position. */
export function elementText(from: Param, at: Position, names: KernelNames, offset?: string): string {
  const index = affineText(at.index, names, at.pointer)
  return `${names.param(from)}[${offset === undefined ? index : index === '0' ? offset : `${offset} + ${index}`}]`
}
