import type { CallOption, Formula, Infix, Range } from '../ir/formula'
import { continues, LEVEL, type Level, levelOf } from './formula-text'
import { latexName, latexText } from './latex-names'
import { numberText } from './names'

const SYMBOLS: Readonly<Record<Infix, string>> = {
  '+': '+',
  '-': '-',
  '⊙': '\\odot',
  '/': '/',
  '·': '\\cdot',
  '⊗': '\\otimes',
  '<': '<',
  '≤': '\\le',
  '=': '=',
  '≠': '\\ne',
  '>': '>',
  '≥': '\\ge',
  '∧': '\\land',
  '∨': '\\lor',
  '⊻': '\\veebar',
  '&': '\\mathbin{\\&}',
  '|': '\\mathbin{|}',
  '^': '\\oplus',
  '<<': '\\ll',
  '>>': '\\gg',
  at: '\\text{ at }',
  from: '\\text{ from }',
  in: '\\in',
}
const SIGNS = { '-': '-', '¬': '\\lnot ', '~': '\\mathord{\\sim}' } as const

/** Functions and reductions that have a command of their own. */
const COMMANDS: ReadonlyMap<string, string> = new Map([
  ...['exp', 'log', 'sin', 'cos', 'tan', 'sinh', 'cosh', 'tanh', 'max', 'min'].map((f) => [f, `\\${f}`] as const),
  ...[['asin', '\\arcsin'], ['acos', '\\arccos'], ['atan', '\\arctan'], ['log2', '\\log_{2}'], ['log10', '\\log_{10}']] as const, // prettier-ignore
  ...([
    ['maximum', '\\max'],
    ['minimum', '\\min'],
    ['determinant', '\\det'],
  ] as const),
  ...([
    ['argMax', '\\arg\\max'],
    ['argMin', '\\arg\\min'],
  ] as const),
])
/** Functions whose operand stands inside their symbol. */
const FENCES: ReadonlyMap<string, readonly [open: string, close: string]> = new Map([
  ['sqrt', ['\\sqrt{', '}']],
  ['cbrt', ['\\sqrt[3]{', '}']],
  ['floor', ['\\lfloor ', ' \\rfloor']],
  ['ceil', ['\\lceil ', ' \\rceil']],
])
const SERIES: ReadonlyMap<string, string> = new Map([
  ['sum', '\\sum'],
  ['prod', '\\prod'],
])

/**
 * A formula in LaTeX's math mode, in commands that KaTeX and MathJax know too: `d_{W_{1}} = x^{\top} \cdot d_{z_{1}}`. A number below
 * `\sum` and other reductions is an axis. Names of any kind come out as letters, never as markup.
 */
export const formulaLatex = (formula: Formula): string => printed(formula).latex

interface Printed {
  readonly latex: string
  readonly level: Level
}

function printed(f: Formula): Printed {
  switch (f.kind) {
    case 'name':
      return atom(latexName(f.name, f.fresh ? 'new' : undefined))
    case 'number':
      return numberLatex(f.value)
    case 'truth':
      return atom(`\\text{${f.value}}`)
    case 'ellipsis':
      return atom('\\ldots')
    case 'infix':
      return f.symbol === '/'
        ? { latex: `\\frac{${formulaLatex(f.a)}}{${formulaLatex(f.b)}}`, level: LEVEL.postfix }
        : { latex: infixLatex(f.symbol, f.a, f.b), level: levelOf(f.symbol) }
    case 'prefix':
      return { latex: `${SIGNS[f.symbol]}${signed(f.of)}`, level: LEVEL.sign }
    case 'power':
      return power(f.of, formulaLatex(f.exponent))
    case 'transpose':
      return power(f.of, '\\top')
    case 'bars':
      return atom(`\\left|${formulaLatex(f.of)}\\right|`)
    case 'index':
      return atom(`${within(f.of, LEVEL.atom)}[${f.at.map(positionLatex).join(', ')}]`)
    case 'call':
      return callLatex(f.name, f.operands, f.options)
    case 'reduce': {
      const series = SERIES.get(f.name)
      return series === undefined
        ? atom(`${headOf(f.name)}_{${f.axes.join(',')}}${bracketed(formulaLatex(f.of))}`)
        : // How far a sum reaches to the right is for brackets to say, around it and in it.
          { latex: `${series}_{${f.axes.join(',')}} ${within(f.of, LEVEL.postfix)}`, level: LEVEL.loose }
    }
    case 'einsum':
      return atom(
        `\\operatorname{einsum}_{${f.letters.join(',')} \\to ${f.result}}${bracketed(f.operands.map(formulaLatex).join(', '))}`,
      )
    case 'indicator':
      return atom(fenced('[', formulaLatex(f.condition), ']'))
    case 'cases': {
      const rows = [
        `${formulaLatex(f.yes)} & \\text{if } ${formulaLatex(f.condition)}`,
        `${formulaLatex(f.no)} & \\text{else}`,
      ]
      return { latex: `\\begin{cases} ${rows.join(' \\\\ ')} \\end{cases}`, level: LEVEL.loose }
    }
  }
}

const atom = (latex: string): Printed => ({ latex, level: LEVEL.atom })

/** Brackets as high as what they hold. */
function fenced(open: string, latex: string, close: string): string {
  const isHigh = /\\(?:frac|sum|prod|sqrt|begin)(?![a-z])/.test(latex)
  return isHigh ? `\\left${open}${latex}\\right${close}` : `${open}${latex}${close}`
}
const bracketed = (latex: string): string => fenced('(', latex, ')')

function within(f: Formula, asked: Level): string {
  const { latex, level } = printed(f)
  return level < asked ? bracketed(latex) : latex
}

function infixLatex(symbol: Infix, a: Formula, b: Formula): string {
  const above = (levelOf(symbol) + 1) as Level
  const left = continues(symbol, a) ? formulaLatex(a) : within(a, above)
  const right = within(b, above)
  return `${left} ${SYMBOLS[symbol]} ${right.startsWith('-') && above > LEVEL.sum ? bracketed(right) : right}`
}

const signed = (of: Formula): string => (of.kind === 'number' ? bracketed(formulaLatex(of)) : within(of, LEVEL.postfix))

const power = (of: Formula, exponent: string): Printed => ({
  latex: `${within(of, LEVEL.atom)}^{${exponent}}`,
  level: LEVEL.postfix,
})

function numberLatex(value: number): Printed {
  if (value !== value) return atom('\\mathrm{NaN}')
  const level = value < 0 || Object.is(value, -0) ? LEVEL.sign : LEVEL.atom
  if (Math.abs(value) === Infinity) return { latex: value < 0 ? '-\\infty' : '\\infty', level }
  const [digits, exponent] = numberText(value).split('e') as [string, string | undefined]
  if (exponent === undefined) return { latex: digits, level }
  const tens = `10^{${exponent}}`
  if (digits === '1') return { latex: tens, level: LEVEL.postfix }
  return { latex: digits === '-1' ? `-${tens}` : `${digits} \\times ${tens}`, level: LEVEL.product }
}

const headOf = (name: string): string =>
  COMMANDS.get(name) ?? (/^[A-Za-z0-9]+$/.test(name) ? `\\operatorname{${name}}` : latexText(name))

function callLatex(name: string, operands: readonly Formula[], options: readonly CallOption[]): Printed {
  const [only] = operands
  if (only && operands.length === 1 && options.length === 0) {
    const fence = FENCES.get(name)
    if (fence) return atom(`${fence[0]}${formulaLatex(only)}${fence[1]}`)
    if (name === 'inverse') return power(only, '-1')
  }
  return atom(`${headOf(name)}${bracketed([...operands.map(formulaLatex), ...options.map(optionLatex)].join(', '))}`)
}

const optionLatex = (option: CallOption): string =>
  typeof option === 'string'
    ? latexText(option)
    : typeof option === 'number'
      ? numberLatex(option).latex
      : `[${option.map((n) => numberLatex(n).latex).join(', ')}]`

/** Without the space that a colon as a relation would have. */
const positionLatex = (at: Formula | Range): string =>
  at.kind === 'range' ? [at.from, at.to, ...(at.step === 1 ? [] : [at.step])].join('{:}') : formulaLatex(at)
