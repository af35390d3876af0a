import type { Axis } from '../ir/affine'
import type { Kernel, Local, Param, Stmt } from '../ir/loop'
import type { Fn } from '../ir/functions'
import type { Position, Scalar } from '../ir/scalar'
import { LINE_WIDTH } from '../ir/text'
import { affineText, atom, binary, elementText, type Expression, type KernelNames, PRECEDENCE } from './expression'
import type { Dialect } from './js'
import { commentText, Namer } from './names'

/** One kernel as a function; identities get their names here. */
export function kernelText(
  kernel: Kernel,
  paramName: (param: Param) => string,
  dialect: Dialect,
  outerNames: Iterable<string> = [],
): string {
  const names = kernelNames(kernel, paramName, outerNames)
  const params = [
    ...(kernel.times ?? []).map((axis) => dialect.place(names.axis(axis))),
    ...kernel.params.map((p) => dialect.param(names.param(p), p.buffer.dtype)),
  ]
  const head = listText(`function ${kernel.name}`, params, '', dialect.param('', 'float32') === '' ? ' {' : ': void {')
  const lines = bodyLines(kernel.body, names, dialect, '  ')
  return [...kernel.doc.flatMap((line) => commentLines(line)), head, ...lines, '}'].join('\n')
}

/** A comment, broken at spaces where it is longer than a line. */
export function commentLines(line: string, mark = '// '): string[] {
  const width = LINE_WIDTH - mark.length
  const lines: string[] = []
  let rest = commentText(line)
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > 8 ? space : width
    lines.push(rest.slice(0, end))
    rest = `    ${rest.slice(end).trimStart()}`
  }
  return [...lines, rest].map((text) => `${mark}${text}`.trimEnd())
}

/** `head(a, b)tail` on one line if it fits, else one item a line. */
export function listText(head: string, items: readonly string[], pad: string, tail = ''): string {
  const line = `${pad}${head}(${items.join(', ')})${tail}`
  if (line.length <= LINE_WIDTH) return line
  return `${pad}${head}(\n${items.map((item) => `${pad}  ${item},\n`).join('')}${pad})${tail}`
}

function kernelNames(kernel: Kernel, paramName: (param: Param) => string, outerNames: Iterable<string>): KernelNames {
  const params = new Map(kernel.params.map((p) => [p, paramName(p)]))
  const namer = new Namer([...outerNames, ...params.values(), kernel.name])
  const axes = new Map<Axis, string>()
  const locals = new Map<Local, string>()
  const lookup = <K extends Axis | Local>(map: Map<K, string>, key: K, wish: string): string => {
    const known = map.get(key)
    if (known !== undefined) return known
    const made = namer.unique(wish)
    map.set(key, made)
    return made
  }
  return {
    axis: (axis) => lookup(axes, axis, axis.name),
    local: (local) => lookup(locals, local, local.hint),
    param: (param) => params.get(param)!,
  }
}

function bodyLines(body: readonly Stmt[], names: KernelNames, dialect: Dialect, pad: string): string[] {
  return body.flatMap((s, i) => {
    if (countedBy(body[i - 1], s)) return []
    const loop = body[i + 1]
    const step = loop && countedBy(s, loop)
    return step ? countedLines(s as Let, loop as While, step, names, dialect, pad) : stmtLines(s, names, dialect, pad)
  })
}

type Let = Extract<Stmt, { kind: 'let' | 'var' }>
type While = Extract<Stmt, { kind: 'while' }>

/** How a loop moves the whole number that is set before it and ends its turns, where it does so by one. */
function countedBy(first: Stmt | undefined, loop: Stmt): '++' | '--' | undefined {
  if (first?.kind !== 'var' || loop.kind !== 'while' || first.local.dtype !== 'int32') return undefined
  const { condition } = loop
  const last = loop.body.at(-1)
  if (condition.kind !== 'call' || last?.kind !== 'set' || last.local !== first.local) return undefined
  const isOwn = (x: Scalar | undefined): boolean => x?.kind === 'local' && x.local === first.local
  const { value } = last
  if (value.kind !== 'call' || !isOwn(value.args[0]) || value.args[1]?.kind !== 'const' || value.args[1].value !== 1)
    return undefined
  if (value.fn === 'add' && condition.fn === 'lt' && isOwn(condition.args[0])) return '++'
  return value.fn === 'sub' && condition.fn === 'le' && isOwn(condition.args[1]) ? '--' : undefined
}

/** Such a loop, as people write it. */
function countedLines(
  { local, value }: Let,
  { condition, body }: While,
  step: string,
  names: KernelNames,
  dialect: Dialect,
  pad: string,
): string[] {
  const i = names.local(local)
  const from = scalarText(value, names, dialect).text
  const head = `for (let ${i} = ${from}; ${scalarText(condition, names, dialect).text}; ${i}${step}) {`
  return [`${pad}${head}`, ...bodyLines(body.slice(0, -1), names, dialect, `${pad}  `), `${pad}}`]
}

function stmtLines(s: Stmt, names: KernelNames, dialect: Dialect, pad: string): string[] {
  switch (s.kind) {
    case 'for': {
      const i = names.axis(s.axis)
      const starts = s.inductions.map((p) => `, ${names.local(p.local)} = ${affineText(p.from, names)}`)
      const steps = s.inductions.map((p) => `, ${increment(names.local(p.local), p.step)}`)
      const head = `for (let ${i} = ${s.from}${starts.join('')}; ${i} < ${s.to}; ${increment(i, s.step)}${steps.join('')}) {`
      return [`${pad}${head}`, ...bodyLines(s.body, names, dialect, `${pad}  `), `${pad}}`]
    }
    case 'if':
    case 'while': {
      const condition = scalarText(s.condition, names, dialect).text
      return [`${pad}${s.kind} (${condition}) {`, ...bodyLines(s.body, names, dialect, `${pad}  `), `${pad}}`]
    }
    case 'let': {
      const value = scalarText(s.value, names, dialect).text
      return assignment(`${pad}const ${names.local(s.local)} =`, value, pad)
    }
    case 'var': {
      const value = scalarText(s.value, names, dialect).text
      return assignment(`${pad}let ${names.local(s.local)} =`, value, pad)
    }
    case 'set':
      return [pad + setText(names.local(s.local), s, names, dialect)]
    case 'store': {
      const value = s.value
      const place = placeText(s.to, s.at, names, dialect)
      if (value.kind === 'call' && (value.fn === 'add' || value.fn === 'sub') && isFloating(value.dtype)) {
        const [a, b] = value.args.map((arg) => scalarText(arg, names, dialect)) as [Expression, Expression]
        if (a.text === place) return [`${pad}${place} ${value.fn === 'add' ? '+' : '-'}= ${b.text}`]
        const sum = dialect.fn[value.fn]([a, b], value.dtype, value.args[0]!.dtype)
        return [`${pad}${place} = ${dialect.stored(sum, s.to.buffer.dtype).text}`]
      }
      return [`${pad}${place} = ${dialect.stored(scalarText(value, names, dialect), s.to.buffer.dtype).text}`]
    }
    case 'note':
      return [`${pad}// ${commentText(s.text)}`]
  }
}

/** Broken after its sign where it is longer than a line. */
const assignment = (left: string, value: string, pad: string): string[] =>
  left.length + 1 + value.length <= LINE_WIDTH ? [`${left} ${value}`] : [left, `${pad}  ${value}`]

const isFloating = (dtype: string): boolean => dtype === 'float32' || dtype === 'float64'

const increment = (name: string, step: number): string =>
  step === 1 ? `${name}++` : step < 0 ? `${name} -= ${-step}` : `${name} += ${step}`

/** Assignments read as people write them: `s += x`, and a maximum as a comparison that keeps NaN. */
function setText(
  name: string,
  { local, value }: Extract<Stmt, { kind: 'set' }>,
  names: KernelNames,
  dialect: Dialect,
): string {
  if (value.kind === 'call' && value.args[0]?.kind === 'local' && value.args[0].local === local) {
    const operand = value.args[1] && scalarText(value.args[1], names, dialect).text
    if (isFloating(value.dtype) && value.fn === 'add') return `${name} += ${operand}`
    if (isFloating(value.dtype) && value.fn === 'sub') return `${name} -= ${operand}`
    if (isFloating(value.dtype) && value.fn === 'mul') return `${name} *= ${operand}`
    const isName = value.args[1]?.kind === 'local'
    if (isName && value.fn === 'max')
      return `if (${operand} > ${name} || ${operand} !== ${operand}) ${name} = ${operand}`
    if (isName && value.fn === 'min')
      return `if (${operand} < ${name} || ${operand} !== ${operand}) ${name} = ${operand}`
  }
  return `${name} = ${scalarText(value, names, dialect).text}`
}

function placeText(from: Param, at: Position, names: KernelNames, dialect: Dialect): string {
  if (!at.offset) return elementText(from, at, names)
  return elementText(from, at, names, binaryOperand(offsetText(at.offset, names, dialect)))
}
/** What the size of sums and products of numbers and places stays below. */
function sizeLimit(s: Scalar): number {
  if (s.kind === 'const') return Math.abs(s.value)
  if (s.kind === 'axis') return s.axis.extent
  if (s.kind !== 'call' || !PLAIN[s.fn]) return Infinity
  const [a, b] = s.args.map(sizeLimit) as [number, number]
  return s.fn === 'mul' ? a * b : a + b
}

const PLAIN: Readonly<Partial<Record<Fn, readonly [operator: string, precedence: number]>>> = {
  add: ['+', PRECEDENCE.add],
  sub: ['-', PRECEDENCE.add],
  mul: ['*', PRECEDENCE.multiply],
}
/** The computed part of a position, which leads nowhere outside its buffer: nothing wraps. */
function offsetText(s: Scalar, names: KernelNames, dialect: Dialect): Expression {
  const plain = s.kind === 'call' && s.dtype === 'int32' ? PLAIN[s.fn] : undefined
  if (s.kind !== 'call' || !plain) return scalarText(s, names, dialect)
  const [a, b] = s.args.map((x) => offsetText(x, names, dialect)) as [Expression, Expression]
  return binary(plain[0], plain[1], a, b)
}
/** Stands in front of a sum. */
const binaryOperand = ({ text, precedence }: Expression): string => (precedence >= PRECEDENCE.add ? text : `(${text})`)

function scalarText(s: Scalar, names: KernelNames, dialect: Dialect): Expression {
  switch (s.kind) {
    case 'const':
      return dialect.constant(s.value, s.dtype)
    case 'axis':
      return atom(names.axis(s.axis))
    case 'local':
      return atom(names.local(s.local))
    case 'element':
      return dialect.loaded(placeText(s.from, s.at, names, dialect), s.dtype)
    case 'call': {
      if (s.dtype === 'int32' && sizeLimit(s) < 2 ** 31) return offsetText(s, names, dialect)
      const print = (dialect.fn as Readonly<Partial<Record<Fn, Dialect['fn']['add']>>>)[s.fn]
      if (!print) throw new Error(`${s.fn} is for targets with vectors: it has no text`)
      return print(
        s.args.map((a) => scalarText(a, names, dialect)),
        s.dtype,
        s.args[0]!.dtype,
      )
    }
    case 'load':
    case 'acc':
      throw new Error(`a ${s.kind} is left in a kernel that is printed`)
  }
}
