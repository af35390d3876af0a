import fc from 'fast-check'
import { grad, mul, recordSites, sum, type Tensor } from 'gradloom'
import { describe, expect, test } from 'vitest'
import { formulaOf } from '../../src/codegen/formula'
import { formulaText } from '../../src/codegen/formula-text'
import { formulaLatex } from '../../src/codegen/latex'
import { latexName, latexText } from '../../src/codegen/latex-names'
import { callF, choiceF, type Formula, infixF, nameF, numberF, powerF, transposeF } from '../../src/ir/formula'
import { toposort } from '../../src/ir/graph'
import { isFloat } from '../../src/ir/type'
import { makeInput } from '../../src/ops/leaf'
import { type OpName, OPS } from '../../src/ops/table'
import { CASES } from '../ops/cases'
import { formulas } from './formula-trees'
import { checkTex } from './tex'

recordSites(false)

describe('names', () => {
  test.each([
    ['x', 'x'],
    ['W1', 'W_{1}'],
    ['z_2', 'z_{2}'],
    ['logits', '\\mathrm{logits}'],
    ['matmul_2', '\\mathrm{matmul}_{2}'],
    ['conv2d', '\\mathrm{conv2d}'],
    ['h_next', 'h_{\\mathrm{next}}'],
    ['h_t_1', 'h_{t,1}'],
    ['gamma', '\\gamma'],
    ['beta1', '\\beta_{1}'],
    ['learning_rate', '\\text{learning\\_rate}'],
    ['d_W1', 'd_{W_{1}}'],
    ['d_d_x', 'd_{d_{x}}'],
    ['d_', '\\text{d\\_}'],
    ['w/m', '\\text{w/}m'],
    ['encoder/block_1/W2', '\\text{encoder/block\\_1/}W_{2}'],
    ['d_encoder/W', 'd_{\\text{encoder/}W}'],
    ['/', '\\text{/}'],
    ['1 - beta1', '\\text{1 - beta1}'],
    ['µ é 漢字', '\\text{µ é 漢字}'],
  ])('%s', (name, latex) => expect(latexName(name)).toBe(latex))

  test('the next value of a variable', () => expect(latexName('w/m', 'new')).toBe('\\text{w/}m_{\\text{new}}'))

  test('are letters, whatever they hold', () => {
    const hostile = ['\\input{x}', '$$', '}{', '\\end{cases}', '%', '#1', 'a & b \\\\', '^_~', '<b>', '\u0000\ud800\u2028', '\u0301', '\\href{javascript:x}{y}'] // prettier-ignore
    for (const name of hostile) checkTex(formulaLatex(infixF('·', nameF(name), transposeF(nameF(`d_${name}`, true)))))
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (name) => checkTex(latexName(name))))
    const parts = fc.constantFrom('\\', '{', '}', 'text', '_', '^', '$', 'd_', '/', 'W', '1', '%', '<', '~', '&', '#')
    fc.assert(fc.property(fc.array(parts), (words) => checkTex(latexName(words.join('')))))
    expect(latexText('\\{<')).toBe('\\text{\\textbackslash{}\\{\\textless{}}')
  })
})

const [a, b, c] = ['a', 'b', 'c'].map((name) => nameF(name)) as [Formula, Formula, Formula]
const summed = (of: Formula): Formula => ({ kind: 'reduce', name: 'sum', of, axes: [0] })

test.each<[Formula, string]>([
  [infixF('·', transposeF(nameF('x')), infixF('⊙', a, b)), 'x^{\\top} \\cdot (a \\odot b)'],
  [infixF('/', infixF('+', a, b), c), '\\frac{a + b}{c}'],
  [powerF(infixF('/', a, b), 2), '\\left(\\frac{a}{b}\\right)^{2}'],
  [infixF('/', numberF(1), callF('sqrt', [a])), '\\frac{1}{\\sqrt{a}}'],
  [callF('relu', [infixF('/', a, b)]), '\\operatorname{relu}\\left(\\frac{a}{b}\\right)'],
  [summed(a), '\\sum_{0} a'],
  [summed(infixF('⊙', a, b)), '\\sum_{0} (a \\odot b)'],
  [infixF('+', summed(a), b), '\\left(\\sum_{0} a\\right) + b'],
  [{ kind: 'reduce', name: 'max', of: a, axes: [0, 2] }, '\\max_{0,2}(a)'],
  [{ kind: 'reduce', name: 'mean', of: a, axes: [1] }, '\\operatorname{mean}_{1}(a)'],
  [choiceF(infixF('>', a, numberF(0)), b, numberF(0)), '[a > 0] \\odot b'],
  [choiceF(a, b, c), '\\begin{cases} b & \\text{if } a \\\\ c & \\text{else} \\end{cases}'],
  [callF('gather', [a, b], 'axis 0'), '\\operatorname{gather}(a, b, \\text{axis 0})'],
  [callF('pad', [a], [0, 1], [2, 0], -Infinity), '\\operatorname{pad}(a, [0, 1], [2, 0], -\\infty)'],
  [{ kind: 'index', of: a, at: [{ kind: 'range', from: 0, to: 6, step: 2 }, b] }, 'a[0{:}6{:}2, b]'],
  [infixF('⊙', a, numberF(1e-7)), 'a \\odot 10^{-7}'],
  [infixF('⊙', a, numberF(2.5e-8)), 'a \\odot (2.5 \\times 10^{-8})'],
  [infixF('⊙', a, numberF(-2)), 'a \\odot (-2)'],
  [powerF(numberF(-2), 2), '(-2)^{2}'],
  [callF('inverse', [infixF('+', a, b)]), '(a + b)^{-1}'],
  [callF('floor', [a]), '\\lfloor a \\rfloor'],
  [{ kind: 'bars', of: a }, '\\left|a\\right|'],
])('%#: %j', (formula, latex) => {
  expect(formulaLatex(formula)).toBe(latex)
  checkTex(latex)
})

test('any formula is well-formed', () => {
  fc.assert(
    fc.property(formulas, (formula) => checkTex(formulaLatex(formula))),
    { numRuns: 3000 },
  )
})

test('the check refuses what TeX would', () => {
  for (const tex of [
    '{',
    '}',
    '\\frac{a}',
    '\\left(a',
    'x^{1}^{2}',
    'a_{1}_{2}',
    '\\input{x}',
    '\\text{\\sum}',
    'a & b',
    'x^2',
    '(a',
    '\\begin{cases} a \\end{cases}',
    '\\text{a_b}',
    '~',
    '%',
  ])
    // prettier-ignore
    expect(() => checkTex(tex), tex).toThrow()
})

test.each(Object.keys(OPS) as OpName[])('%s and its gradient are well-formed', (name) => {
  for (const { inputs, build } of CASES[name]) {
    const operands = inputs.map(({ shape, dtype }, i) =>
      makeInput(`x${i}`, { shape, dtype: dtype === 'float' ? 'float32' : dtype }),
    )
    const y = build(...operands)
    const by = operands.filter((x) => isFloat(x.dtype))
    const isSmooth = OPS[name].vjp !== null && isFloat(y.dtype) && by.length > 0
    const gradients = isSmooth ? grad(sum(mul(y, y)), by, { disconnected: 'zeros' }) : []
    for (const t of toposort([y, ...gradients]).slice(-60)) {
      const formula = formulaOf(t, (x: Tensor) =>
        x.op.kind === 'leaf' ? nameF(x.origin.name ?? x.op.name) : undefined,
      )
      checkTex(formulaLatex(formula))
      expect(formulaText(formula)).not.toMatch(/undefined|\[object/)
    }
  }
})
