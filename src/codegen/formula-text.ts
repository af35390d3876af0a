import type { Formula, Infix, Prefix, Range } from '../ir/formula'
import { numberText } from './names'

/** How tightly the parts of a formula hold together; what is looser than its place asks for gets brackets. */
export const LEVEL = { loose: 0, relation: 1, sum: 2, product: 3, sign: 4, postfix: 5, atom: 6 } as const
export type Level = (typeof LEVEL)[keyof typeof LEVEL]

const SUMS: ReadonlySet<Infix> = new Set<Infix>(['+', '-'])
const PRODUCTS: ReadonlySet<Infix> = new Set<Infix>(['⊙', '/', '·', '⊗'])
/** Those that people chain without brackets. */
const CHAINS: ReadonlySet<Infix> = new Set<Infix>(['⊙', '∧', '∨'])

const WORDS: ReadonlySet<Infix> = new Set<Infix>(['at', 'from', 'in'])

export const levelOf = (symbol: Infix): Level =>
  WORDS.has(symbol) ? LEVEL.loose : SUMS.has(symbol) ? LEVEL.sum : PRODUCTS.has(symbol) ? LEVEL.product : LEVEL.relation

/** Whether the left operand of an infix stands without brackets though it holds together no tighter: `a - b + c`. */
export const continues = (symbol: Infix, left: Formula): boolean =>
  left.kind === 'infix' &&
  ((SUMS.has(symbol) && SUMS.has(left.symbol)) || (left.symbol === symbol && CHAINS.has(symbol)))

/**
 * A formula as plain text: `d_W1 = xᵀ · d_z1`. Products of different kinds are told apart by brackets, and so is a sign behind
 * another symbol.
 */
export const formulaText = (formula: Formula): string => printed(formula).text

/** Text and how tightly it holds together. */
interface Printed {
  readonly text: string
  readonly level: Level
}

function printed(f: Formula): Printed {
  switch (f.kind) {
    case 'name':
      return nameText(f.fresh ? `new ${f.name}` : f.name)
    case 'number':
      return { text: numberText(f.value), level: f.value < 0 || Object.is(f.value, -0) ? LEVEL.sign : LEVEL.atom }
    case 'truth':
      return atom(String(f.value))
    case 'ellipsis':
      return atom('…')
    case 'infix':
      return { text: infixText(f.symbol, f.a, f.b), level: levelOf(f.symbol) }
    case 'prefix':
      return { text: `${f.symbol}${prefixed(f.symbol, f.of)}`, level: LEVEL.sign }
    case 'power':
      return { text: `${within(f.of, LEVEL.atom)}${exponentText(f.exponent)}`, level: LEVEL.postfix }
    case 'transpose':
      return { text: `${within(f.of, LEVEL.atom)}ᵀ`, level: LEVEL.postfix }
    case 'bars': {
      const inside = formulaText(f.of)
      return atom(inside.includes('|') ? `abs(${inside})` : `|${inside}|`)
    }
    case 'index':
      return atom(`${within(f.of, LEVEL.atom)}[${f.at.map(positionText).join(', ')}]`)
    case 'call':
      return atom(callText(f.name, [...f.operands.map(formulaText), ...f.options.map(optionText)]))
    case 'reduce':
      return atom(
        callText(f.name, [formulaText(f.of), `${f.axes.length === 1 ? 'axis' : 'axes'} ${f.axes.join(', ')}`]),
      )
    case 'einsum':
      return atom(callText('einsum', [`'${f.letters.join()}->${f.result}'`, ...f.operands.map(formulaText)]))
    case 'indicator':
      return atom(`[${formulaText(f.condition)}]`)
    case 'cases':
      return atom(callText('where', [f.condition, f.yes, f.no].map(formulaText)))
  }
}

const atom = (text: string): Printed => ({ text, level: LEVEL.atom })
/** What would read as more than a name is bracketed as if it were. */
const nameText = (name: string): Printed => ({
  text: name,
  level: /^[\p{L}\p{N}_$/.:]+$/u.test(name) ? LEVEL.atom : LEVEL.loose,
})
const bracketed = (text: string): string => `(${text})`
const callText = (name: string, operands: readonly string[]): string => `${name}(${operands.join(', ')})`

/** At a place that asks for a level. */
function within(f: Formula, asked: Level): string {
  const { text, level } = printed(f)
  return level < asked ? bracketed(text) : text
}

function infixText(symbol: Infix, a: Formula, b: Formula): string {
  const above = (levelOf(symbol) + 1) as Level
  const left = continues(symbol, a) ? formulaText(a) : within(a, above)
  const right = within(b, above)
  return `${left} ${symbol} ${right.startsWith('-') && above > LEVEL.sum ? bracketed(right) : right}`
}

const prefixed = (symbol: Prefix, of: Formula): string =>
  of.kind === 'number' && symbol === '-' ? bracketed(formulaText(of)) : within(of, LEVEL.postfix)

const exponentText = (exponent: Formula): string =>
  exponent.kind === 'number'
    ? exponent.value === 2
      ? '²'
      : `^${numberText(exponent.value)}`
    : `^${within(exponent, LEVEL.atom)}`

const positionText = (at: Formula | Range): string =>
  at.kind === 'range' ? `${at.from}:${at.to}${at.step === 1 ? '' : `:${at.step}`}` : formulaText(at)

/** A word, a number or a list among the operands of a call. */
export const optionText = (option: string | number | readonly number[]): string =>
  typeof option === 'string'
    ? option
    : typeof option === 'number'
      ? numberText(option)
      : `[${option.map(numberText).join(', ')}]`
