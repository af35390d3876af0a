import type { Buffer } from '../../ir/plan'
import { Namer, word } from '../names'
import { commentLines } from '../text'
import type { FuncBuilder, FuncOptions, MemoryOptions, ModuleWriter } from './builder'
import { type FuncType, type Named, opcodes, type OperandsOf, type OpName, type Turns, type ValType } from './opcodes'
import { operandText, type OperandNames } from './wat-operands'
import { close, comment, instruction, listLines, type Node, type Part, remarked, wrapped } from './wat-text'

/** A module as text. */
export interface WatModule {
  readonly writer: ModuleWriter
  /** All of it, below these lines of comment. */
  text(heading: readonly string[]): string
  /** In which lines of that text each function stands, by the name it was given; counted from 1, both ends included. */
  lines(heading: readonly string[]): ReadonlyMap<string, readonly [first: number, last: number]>
  /** The function that was given this name. */
  func(name: string): string
}

export interface WatOptions {
  readonly memory: MemoryOptions
  /** What comments call a buffer: a word. */
  readonly nameOf: (buffer: Buffer) => string
}

interface Func {
  readonly name: string
  readonly type: FuncType
}

/** What a module and its functions have in common. */
interface WatContext {
  readonly nameOf: (buffer: Buffer) => string
  readonly functions: Func[]
}

/** Starts a module that is written for people: the same instructions as in binary, folded, with names and comments. */
export function watModule({ memory, nameOf }: WatOptions): WatModule {
  const namer = new Namer([], word)
  const functions: Func[] = []
  const imports = [importText(memory.import, memoryText(memory))]
  const texts = new Map<string, (pad: string) => string[]>()
  const declare = (name: string, type: FuncType): Func => {
    const func = { name: namer.unique(name), type }
    functions.push(func)
    return func
  }
  const linesFor = (name: string, pad: string): string[] => {
    const lines = texts.get(name)
    if (!lines) throw new Error(`the module has no function ${name}`)
    return lines(pad)
  }
  const importLines = (): string[] => imports.map((text) => `  ${text}`)
  const headingLines = (heading: readonly string[]): string[] => heading.flatMap((line) => commentLines(line, ';; '))
  const countOf = (lines: readonly string[]): number => lines.join('\n').split('\n').length
  const writer: ModuleWriter = {
    importFunc(module, field, type) {
      const { name } = declare(field, type)
      imports.push(importText([module, field], `(func $${name}${typeText(type)})`))
      return functions.length - 1
    },
    func(name, options = {}) {
      const { params = [], results = [] } = options
      const { builder, lines } = watFunc(declare(name, { params, results }), name, options, { nameOf, functions })
      texts.set(name, lines)
      return builder
    },
  }
  return {
    writer,
    text: (heading) => {
      const parts = [importLines(), ...[...texts.keys()].map((name) => linesFor(name, '  '))]
      const body = parts.map((lines) => lines.join('\n')).join('\n\n')
      return [...headingLines(heading), '', `(module\n${body}\n)\n`].join('\n')
    },
    lines: (heading) => {
      const found = new Map<string, readonly [number, number]>()
      // The empty line and the one that opens the module, then a function after each empty line.
      let last = headingLines(heading).length + 2 + countOf(importLines())
      for (const name of texts.keys()) {
        const first = last + 2
        last = first + countOf(linesFor(name, '  ')) - 1
        found.set(name, [first, last])
      }
      return found
    },
    func: (name) => `${linesFor(name, '').join('\n')}\n`,
  }
}

/** A block that is not yet closed. */
interface Frame {
  readonly head: string
  readonly operands: readonly Node[]
  readonly label?: string
  readonly isLoop: boolean
  readonly results: number
  readonly parts: Part[]
}

function watFunc(
  { name, type }: Func,
  exportName: string,
  { doc = [], paramNames = [], export: exported = false }: FuncOptions,
  { nameOf, functions }: WatContext,
): { readonly builder: FuncBuilder; readonly lines: (pad: string) => string[] } {
  const namer = new Namer([], word)
  const named = new Map<Named, string>()
  const symbol = (key: Named | undefined): string => {
    if (key === undefined) return namer.unique('tmp')
    const known = named.get(key) ?? namer.unique(key.name)
    named.set(key, known)
    return known
  }
  const paramName = (of: string | Buffer = 'param'): string => (typeof of === 'string' ? of : nameOf(of))
  const locals = type.params.map((_, i) => namer.unique(paramName(paramNames[i])))
  const declared: string[] = []
  const frames: Frame[] = [
    { head: '', operands: [], isLoop: false, results: type.results.length, parts: [{ body: [] }] },
  ]
  const body = (): Node[] => frames.at(-1)!.parts.at(-1)!.body
  /** The last values on the stack, with what ran between them. */
  const take = (count: number): Node[] => {
    const from = body()
    let at = from.length
    for (let values = 0; values < count && at > 0;) values += from[--at]!.values
    return from.splice(at)
  }
  const open = (op: 'block' | 'loop' | 'if', result: ValType | undefined, turns: Turns | undefined): void => {
    const label = turns && symbol(turns.axis)
    const head = [
      `${op}${label === undefined ? '' : ` $${label}`}${result ? ` (result ${result})` : ''}`,
      ...(turns ? [` ;; ${turnsText(label!, turns)}`] : []),
    ].join('')
    frames.push({
      head,
      operands: op === 'if' ? take(1) : [],
      ...(label === undefined ? {} : { label }),
      isLoop: op === 'loop',
      results: result ? 1 : 0,
      parts: [{ ...(op === 'if' ? { name: 'then' } : {}), body: [] }],
    })
  }
  /** How many values a call or a branch takes beside its own operands. */
  const taken = (op: OpName, operands: readonly unknown[]): number => {
    if (op === 'call') return functions[operands[0] as number]!.type.params.length
    if (op === 'return') return type.results.length
    if (op !== 'br' && op !== 'br_if') return 0
    const frame = frames.at(-1 - (operands[0] as number))!
    return frame.isLoop ? 0 : frame.results
  }
  const builder: FuncBuilder = {
    name: exportName,
    index: functions.length - 1,
    local(valType, key) {
      const local = symbol(key)
      declared.push(`(local $${local} ${valType})`)
      return locals.push(local) - 1
    },
    op<N extends OpName>(op: N, ...operands: OperandsOf<N>) {
      if (op === 'block' || op === 'loop' || op === 'if') {
        const [result, turns] = operands as OperandsOf<'loop'>
        open(op, result, turns)
      } else if (op === 'else') frames.at(-1)!.parts.push({ name: 'else', body: [] })
      else if (op === 'end') {
        const { head, operands: condition, parts, results } = frames.pop()!
        body().push({ head, operands: condition, parts, values: results })
      } else {
        const row = opcodes[op]
        const names: OperandNames = { locals, functions, labels: frames.map((f) => f.label), nameOf }
        const head = op + operandText(row.operand, names, row.limit, operands)
        const more = taken(op, operands)
        // A branch that is not taken leaves what it would have taken along.
        const left = op === 'br_if' ? more : op === 'call' ? functions[operands[0] as number]!.type.results.length : 0
        const args = take(row.params.length + more)
        body().push(instruction(head, BITWISE.has(op) ? args.map(asBits) : args, row.results.length + left))
      }
      return builder
    },
    note(text, isBehind = false) {
      const last = isBehind ? body().pop() : undefined
      body().push(last ? remarked(last, text) : comment(text))
    },
    end: () => {
      if (frames.length !== 1)
        throw new Error(`wasm function '${exportName}' ends with ${frames.length - 1} blocks open`)
    },
  }
  const lines = (pad: string): string[] => {
    const exports = exported === false ? '' : ` (export ${quotedText(exported === true ? exportName : exported)})`
    const head = `${pad}(func $${name}${exports}${typeText(type, locals)}`
    const inner = `${pad}  `
    const statements = listLines(frames[0]!.parts[0]!.body, inner, 1)
    return [
      ...doc.flatMap((line) => commentLines(line, `${pad};; `)),
      ...close([head, ...wrapped(declared, inner), ...statements], pad),
    ]
  }
  return { builder, lines }
}

const BITWISE: ReadonlySet<OpName> = new Set(['i32.and', 'i32.or', 'i32.xor'])

/** A mask as people read it. */
function asBits(node: Node): Node {
  const value = /^i32\.const (-?\d{3,})$/.exec(node.head)?.[1]
  return value === undefined ? node : instruction(`i32.const 0x${(Number(value) >>> 0).toString(16)}`, [], 1)
}

/** As the head of a loop in JavaScript, where bounds are easier to see. */
const turnsText = (i: string, { from, to, step }: Turns): string =>
  `${i} = ${from}; ${i} < ${to}; ${i}${step === 1 ? '++' : ` += ${step}`}`

function typeText({ params, results }: FuncType, names?: readonly string[]): string {
  const param = (type: ValType, i: number): string => ` (param ${names ? `$${names[i]} ` : ''}${type})`
  return params.map(param).join('') + results.map((type) => ` (result ${type})`).join('')
}

const importText = ([module, field]: readonly [string, string], what: string): string =>
  `(import ${quotedText(module)} ${quotedText(field)} ${what})`

const memoryText = ({ minPages, maxPages, shared = false }: MemoryOptions): string =>
  `(memory ${minPages}${maxPages === undefined ? '' : ` ${maxPages}`}${shared ? ' shared' : ''})`

/** Whatever is no letter, digit or underscore as its bytes. */
const quotedText = (text: string): string =>
  `"${Array.from(new TextEncoder().encode(text), (byte) => {
    const letter = String.fromCharCode(byte)
    return /\w/.test(letter) ? letter : `\\${byte.toString(16).padStart(2, '0')}`
  }).join('')}"`
