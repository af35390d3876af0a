import { type Formula, type Infix, infixF, nameF, numberF, type Range } from '../../src/ir/formula'

const RELATIONS = ['<<', '>>', '<', '≤', '=', '≠', '>', '≥', '∧', '∨', '⊻', '&', '|', '^'] as const
const PRODUCTS = ['⊙', '/', '·', '⊗'] as const
const NUMBER = /^-?(?:\d+(?:\.\d+)?(?:e-?\d+)?|Infinity)/
/** A sign before a number that is raised to a power and the like belongs to all of it. */
const SIGNED = /^-(?:\d+(?:\.\d+)?(?:e-?\d+)?|Infinity)(?![\d.e²^ᵀ[])/

/** Reads what `formulaText` writes, in the precedence that a reader of mathematics brings along. */
export function parseFormula(text: string): Formula {
  let rest = text
  const peek = (start: string): boolean => rest.startsWith(start)
  const take = (start: string): boolean => {
    if (!peek(start)) return false
    rest = rest.slice(start.length)
    return true
  }
  const need = (start: string): void => {
    if (!take(start)) throw new Error(`expected ${start} at ${rest} in ${text}`)
  }
  const match = (pattern: RegExp): string | undefined => {
    const found = pattern.exec(rest)?.[0]
    if (found !== undefined) rest = rest.slice(found.length)
    return found
  }
  const infixOf = <S extends Infix>(symbols: readonly S[]): S | undefined => symbols.find((s) => take(` ${s} `))

  const loose = (): Formula => {
    if (take('new ')) return nameF(match(/^[\w/]+/)!, true)
    const left = relation()
    const word = infixOf(['at', 'from', 'in'])
    return word ? infixF(word, left, relation()) : left
  }
  const relation = (): Formula => {
    const left = sum()
    const symbol = infixOf(RELATIONS)
    if (!symbol) return left
    let all = infixF(symbol, left, sum())
    while ((symbol === '∧' || symbol === '∨') && take(` ${symbol} `)) all = infixF(symbol, all, sum())
    return all
  }
  const sum = (): Formula => {
    let all = product()
    for (let s = infixOf(['+', '-']); s; s = infixOf(['+', '-'])) all = infixF(s, all, product())
    return all
  }
  const product = (): Formula => {
    const left = sign()
    const symbol = infixOf(PRODUCTS)
    if (!symbol) return left
    let all = infixF(symbol, left, sign())
    while (symbol === '⊙' && take(' ⊙ ')) all = infixF('⊙', all, sign())
    return all
  }
  const sign = (): Formula => {
    for (const symbol of ['¬', '~', '-'] as const)
      if (peek(symbol) && !SIGNED.test(rest)) {
        take(symbol)
        return { kind: 'prefix', symbol, of: postfix() }
      }
    return postfix()
  }
  const postfix = (): Formula => {
    const of = indexed()
    if (take('²')) return { kind: 'power', of, exponent: numberF(2) }
    if (take('ᵀ')) return { kind: 'transpose', of }
    return take('^') ? { kind: 'power', of, exponent: indexed() } : of
  }
  const indexed = (): Formula => {
    let of = atom()
    while (take('[')) {
      of = { kind: 'index', of, at: list(position) }
      need(']')
    }
    return of
  }
  const position = (): Formula | Range => {
    const range = match(/^-?\d+:-?\d+(?::-?\d+)?/)
    if (range === undefined) return loose()
    const [from, to, step = 1] = range.split(':').map(Number) as [number, number, number?]
    return { kind: 'range', from, to, step }
  }
  const list = <T>(item: () => T): T[] => {
    const items = [item()]
    while (take(', ')) items.push(item())
    return items
  }
  const atom = (): Formula => {
    if (take('…')) return { kind: 'ellipsis' }
    if (take('(')) return closed(loose(), ')')
    if (take('[')) return { kind: 'indicator', condition: closed(loose(), ']') }
    if (take('|')) return { kind: 'bars', of: closed(loose(), '|') }
    const number = match(NUMBER)
    if (number !== undefined) return numberF(Number(number))
    const name = match(/^[\w/]+/)
    if (name === undefined) throw new Error(`nothing readable at ${rest} in ${text}`)
    if (take('(')) return called(name)
    return name === 'true' || name === 'false' ? { kind: 'truth', value: name === 'true' } : nameF(name)
  }
  const closed = (inside: Formula, close: string): Formula => {
    need(close)
    return inside
  }
  const called = (name: string): Formula => {
    if (name === 'einsum') {
      const [letters, result] = match(/^'[^']*'/)!.slice(1, -1).split('->') as [string, string] // prettier-ignore
      const operands: Formula[] = []
      while (take(', ')) operands.push(loose())
      need(')')
      return { kind: 'einsum', letters: letters.split(','), result, operands }
    }
    const operands: Formula[] = []
    const options: (string | readonly number[])[] = []
    while (!take(')')) {
      take(', ')
      const axes = match(/^axes (\d+(, \d+)*)/) ?? match(/^axis \d+(?=\))/)
      if (axes !== undefined) {
        need(')')
        return { kind: 'reduce', name, of: operands[0]!, axes: axes.slice(5).split(', ').map(Number) }
      }
      const option = match(/^(?:step|derivative) \d+/)
      const numbers = match(/^\[-?\d+, -?\d+\]/)
      if (option !== undefined) options.push(option)
      else if (numbers !== undefined) options.push(numbers.slice(1, -1).split(', ').map(Number))
      else operands.push(loose())
    }
    const [a, b, c] = operands as [Formula, Formula, Formula]
    if (name === 'where') return { kind: 'cases', condition: a, yes: b, no: c }
    return name === 'abs' ? { kind: 'bars', of: a } : { kind: 'call', name, operands, options }
  }
  const whole = loose()
  if (rest !== '') throw new Error(`left over: ${rest} in ${text}`)
  return whole
}
