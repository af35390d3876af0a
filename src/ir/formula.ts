/**
 * What a tensor is in mathematics, as a tree. Ops say what they are in terms of their operands' trees; brackets, symbols and
 * spelling are the business of the printers (`codegen/formula-text.ts`, `codegen/latex.ts`).
 */
export type Formula =
  /** A tensor by its name; `fresh`: the next value of a variable or of a carry, where its old one is about too. */
  | { readonly kind: 'name'; readonly name: string; readonly fresh?: boolean }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'truth'; readonly value: boolean }
  | { readonly kind: 'infix'; readonly symbol: Infix; readonly a: Formula; readonly b: Formula }
  | { readonly kind: 'prefix'; readonly symbol: Prefix; readonly of: Formula }
  | { readonly kind: 'power'; readonly of: Formula; readonly exponent: Formula }
  /** The last two axes change places. */
  | { readonly kind: 'transpose'; readonly of: Formula }
  | { readonly kind: 'bars'; readonly of: Formula }
  /** Positions along the first axes. */
  | { readonly kind: 'index'; readonly of: Formula; readonly at: readonly (Formula | Range)[] }
  /** A function of operands; options are words, numbers and lists that are no operands. */
  | {
      readonly kind: 'call'
      readonly name: string
      readonly operands: readonly Formula[]
      readonly options: readonly CallOption[]
    }
  | { readonly kind: 'reduce'; readonly name: string; readonly of: Formula; readonly axes: readonly number[] }
  /** A sum of products in Einstein's convention: letters of each operand's axes, then of the result's. */
  | {
      readonly kind: 'einsum'
      readonly letters: readonly string[]
      readonly result: string
      readonly operands: readonly Formula[]
    }
  /** 1 where the condition holds and else 0, which is 0 whatever it is multiplied by: Knuth 1992, arXiv:math/9205211. */
  | { readonly kind: 'indicator'; readonly condition: Formula }
  | { readonly kind: 'cases'; readonly condition: Formula; readonly yes: Formula; readonly no: Formula }
  /** Something too long to be written out. */
  | { readonly kind: 'ellipsis' }

/**
 * `·` is the matrix product, `⊙` goes element by element, `⊗` pairs all elements. `at` moves by an index; in a loop something
 * begins `from` a value, and goes over the slices `in` a tensor.
 */
export type Infix =
  '+' | '-' | '⊙' | '/' | '·' | '⊗' | '<' | '≤' | '=' | '≠' | '>' | '≥' | '∧' | '∨' | '⊻' | '&' | '|' | '^' | '<<' | '>>' | 'at' | 'from' | 'in' // prettier-ignore
export type Prefix = '-' | '¬' | '~'
export type CallOption = string | number | readonly number[]
/** Evenly spaced positions; the end is not one of them. */
export interface Range {
  readonly kind: 'range'
  readonly from: number
  readonly to: number
  readonly step: number
}

export const ELLIPSIS: Formula = { kind: 'ellipsis' }
export const nameF = (name: string, fresh = false): Formula =>
  fresh ? { kind: 'name', name, fresh } : { kind: 'name', name }
export const numberF = (value: number): Formula => ({ kind: 'number', value })
export const infixF = (symbol: Infix, a: Formula, b: Formula): Formula => ({ kind: 'infix', symbol, a, b })
export const powerF = (of: Formula, exponent: Formula | number): Formula => ({
  kind: 'power',
  of,
  exponent: typeof exponent === 'number' ? numberF(exponent) : exponent,
})
export const transposeF = (of: Formula): Formula => (of.kind === 'transpose' ? of.of : { kind: 'transpose', of })
export const indexF = (of: Formula, at: readonly (Formula | Range)[]): Formula => ({ kind: 'index', of, at })
export const callF = (name: string, operands: readonly Formula[], ...options: readonly CallOption[]): Formula => ({
  kind: 'call',
  name,
  operands,
  options,
})

type Write = (operands: readonly Formula[]) => Formula

/** An op that stands between its operands. */
export const infix =
  (symbol: Infix): Write =>
  ([a, b]) =>
    infixF(symbol, a!, b!)

export const prefix =
  (symbol: Prefix): Write =>
  ([of]) => ({ kind: 'prefix', symbol, of: of! })

/** A sum or a difference, without a sign behind the symbol. */
export const sumOf =
  (symbol: '+' | '-'): Write =>
  ([a, b]) =>
    b!.kind === 'number' && b.value < 0
      ? infixF(symbol === '+' ? '-' : '+', a!, numberF(-b.value))
      : infixF(symbol, a!, b!)

/** A product element by element; nothing is said of a factor of one. */
export const productF: Write = ([a, b]) => (isNumber(a!, 1) ? b! : isNumber(b!, 1) ? a! : infixF('⊙', a!, b!))

const TURNED = { '<': '>', '≤': '≥', '=': '=', '≠': '≠' } as const
/** A comparison, with the number on the right: `x > 0`, not `0 < x`. */
export const comparison =
  (symbol: keyof typeof TURNED): Write =>
  ([a, b]) =>
    a!.kind === 'number' && b!.kind !== 'number' ? infixF(TURNED[symbol], b!, a) : infixF(symbol, a!, b!)

/** An op over axes that it takes away. */
export const reduction =
  (name: string) =>
  ([of]: readonly Formula[], { axes }: { readonly axes: readonly number[] }): Formula => ({
    kind: 'reduce',
    name,
    of: of!,
    axes,
  })

/** What follows `axis` in a call. */
export const axisOption = (axis: number, of?: number): string => `axis ${axis}${of === undefined ? '' : ` of ${of}`}`

const isNumber = (f: Formula, value: number): boolean => f.kind === 'number' && f.value === value
const isTruth = (f: Formula, value: boolean): boolean => f.kind === 'truth' && f.value === value
const sameF = (a: Formula, b: Formula): boolean => JSON.stringify(a) === JSON.stringify(b)

/** The opposite of a condition; that of an order is not the order turned round, since NaN is in none. */
function notF(of: Formula): Formula {
  if (of.kind === 'infix' && (of.symbol === '=' || of.symbol === '≠'))
    return infixF(of.symbol === '=' ? '≠' : '=', of.a, of.b)
  return of.kind === 'prefix' && of.symbol === '¬' ? of.of : { kind: 'prefix', symbol: '¬', of }
}

const andF = (a: Formula, b: Formula): Formula => (isTruth(b, true) ? a : infixF('∧', a, b))
const orF = (a: Formula, b: Formula): Formula =>
  isTruth(b, false) ? a : sameF(a, notF(b)) ? { kind: 'truth', value: true } : infixF('∨', a, b)

/** Something where a condition holds, elsewhere zero. */
function maskF(condition: Formula, of: Formula): Formula {
  if (isTruth(condition, true)) return of
  const indicator: Formula = { kind: 'indicator', condition }
  return isNumber(of, 1) ? indicator : infixF('⊙', indicator, of)
}

/** A choice by a condition: between a condition and a constant it is a condition, between a value and zero a mask. */
export function choiceF(condition: Formula, yes: Formula, no: Formula): Formula {
  if (isTruth(no, false)) return andF(condition, yes)
  if (isTruth(yes, true)) return orF(condition, no)
  if (isTruth(yes, false)) return andF(notF(condition), no)
  if (isTruth(no, true)) return orF(notF(condition), yes)
  if (isNumber(no, 0)) return maskF(condition, yes)
  if (isNumber(yes, 0)) return maskF(notF(condition), no)
  return { kind: 'cases', condition, yes, no }
}
