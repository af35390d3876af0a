import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formulaText } from '../../src/codegen/formula-text'
import {
  callF,
  choiceF,
  comparison,
  type Formula,
  infix,
  infixF,
  nameF,
  numberF,
  powerF,
  prefix,
  sumOf,
  transposeF,
} from '../../src/ir/formula'
import { formulas } from './formula-trees'
import { parseFormula } from './formula-parser'

test('what is printed reads back as what it was: brackets stand where they must', () => {
  fc.assert(
    fc.property(formulas, (formula) => {
      expect(parseFormula(formulaText(formula))).toEqual(formula)
    }),
    { numRuns: 3000 },
  )
})

const [a, b, c] = ['a', 'b', 'c'].map((name) => nameF(name)) as [Formula, Formula, Formula]
const number = numberF

test.each<[Formula, string]>([
  [infix('-')([infixF('+', a, b), c]), 'a + b - c'],
  [infix('-')([a, infixF('+', b, c)]), 'a - (b + c)'],
  [infixF('⊙', infixF('⊙', a, b), c), 'a ⊙ b ⊙ c'],
  [infixF('⊙', infixF('·', a, b), c), '(a · b) ⊙ c'],
  [infixF('/', infixF('/', a, b), c), '(a / b) / c'],
  [powerF(prefix('-')([a]), 2), '(-a)²'],
  [prefix('-')([powerF(a, 2)]), '-a²'],
  [powerF(powerF(a, 2), 2), '(a²)²'],
  [powerF(number(2), infixF('+', a, b)), '2^(a + b)'],
  [powerF(a, -0.5), 'a^-0.5'],
  [transposeF(infixF('+', a, b)), '(a + b)ᵀ'],
  [transposeF(transposeF(a)), 'a'],
  [infixF('⊙', a, number(-2)), 'a ⊙ (-2)'],
  [sumOf('+')([a, number(-2)]), 'a - 2'],
  [sumOf('-')([a, number(-2)]), 'a + 2'],
  [comparison('<')([number(0), a]), 'a > 0'],
  [comparison('≤')([a, b]), 'a ≤ b'],
  [infixF('=', a, number(-1)), 'a = -1'],
  [infixF('+', nameF('w/m', true), a), '(new w/m) + a'],
  [callF('sqrt', [nameF('w/m', true)]), 'sqrt(new w/m)'],
  [infixF('+', nameF('my weight'), a), '(my weight) + a'],
  [{ kind: 'bars', of: infixF('-', a, { kind: 'bars', of: b }) }, 'abs(a - |b|)'],
  [callF('pad', [a], [0, 1], -Infinity), 'pad(a, [0, 1], -Infinity)'],
])('%#: %j', (formula, text) => expect(formulaText(formula)).toBe(text))

test.each<[Formula, Formula, Formula, string]>([
  [infixF('>', a, number(0)), b, number(0), '[a > 0] ⊙ b'],
  [infixF('=', a, number(0)), number(0), b, '[a ≠ 0] ⊙ b'],
  [infixF('<', a, b), number(0), c, '[¬(a < b)] ⊙ c'],
  [infixF('<', a, b), number(1), number(0), '[a < b]'],
  [infixF('<', a, b), c, a, 'where(a < b, c, a)'],
  [a, b, { kind: 'truth', value: false }, 'a ∧ b'],
  [a, { kind: 'truth', value: true }, b, 'a ∨ b'],
  [a, { kind: 'truth', value: false }, b, '¬a ∧ b'],
  [a, b, { kind: 'truth', value: true }, '¬a ∨ b'],
  [infixF('∧', a, b), infixF('+', a, b), number(0), '[a ∧ b] ⊙ (a + b)'],
])('a choice %#', (condition, yes, no, text) => expect(formulaText(choiceF(condition, yes, no))).toBe(text))

test('two masks of opposite conditions together mask nothing', () => {
  const condition = infixF('<', a, b)
  const opposite = choiceF(condition, { kind: 'truth', value: false }, { kind: 'truth', value: true })
  const either = choiceF(condition, { kind: 'truth', value: true }, opposite)
  expect(formulaText(choiceF(either, c, number(0)))).toBe('c')
})
