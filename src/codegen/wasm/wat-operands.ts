import type { Buffer } from '../../ir/plan'
import type { OperandKind, Operands } from './opcodes'

/** Names of what operands refer to by number. */
export interface OperandNames {
  readonly locals: readonly string[]
  readonly functions: readonly { readonly name: string }[]
  /** Of enclosing blocks, the innermost one last; some have none. */
  readonly labels: readonly (string | undefined)[]
  readonly nameOf: (buffer: Buffer) => string
}

type Printer<K extends OperandKind> = (names: OperandNames, limit: number, ...operands: Operands[K]) => string

const printers: { readonly [K in OperandKind]: Printer<K> } = {
  none: () => '',
  local: ({ locals }, _limit, index) => ` $${locals[index]!}`,
  memarg: ({ nameOf }, limit, { offset = 0, align = limit, buffer, element = 0 } = {}) => {
    const distance = element === 0 ? '' : element > 0 ? `+${element}` : String(element)
    return [
      offset === 0 ? '' : ` offset=${offset}`,
      align === limit ? '' : ` align=${align}`,
      buffer ? ` (; ${nameOf(buffer)}${distance} ;)` : '',
    ].join('')
  },
  memlane: (names, limit, arg, lane) => {
    const [, immediates, remark] = /^([^(]*)(.*)$/.exec(printers.memarg(names, limit, arg))!
    return `${immediates!.trimEnd()} ${lane}${remark === '' ? '' : ` ${remark}`}`
  },
  i32: ({ nameOf }, _limit, value, at) => ` ${value | 0}${at ? ` (; ${nameOf(at)} ;)` : ''}`,
  f32: (_names, _limit, value) => ` ${float32Text(value)}`,
  f64: (_names, _limit, value) => ` ${float64Text(value)}`,
  v128: (_names, _limit, bytes) => ` ${vectorText(bytes)}`,
  lane: (_names, _limit, lane) => ` ${lane}`,
  lanes: (_names, _limit, lanes) => ` ${lanes.join(' ')}`,
  block: (_names, _limit, result) => (result ? ` (result ${result})` : ''),
  label: ({ labels }, _limit, depth) => {
    const label = labels.at(-1 - depth)
    return label === undefined ? ` ${depth}` : ` $${label}`
  },
  func: ({ functions }, _limit, index) => ` $${functions[index]!.name}`,
}

/** What stands behind the name of an instruction, with a space in front. */
export function operandText<K extends OperandKind>(
  kind: K,
  names: OperandNames,
  limit: number,
  operands: Operands[K],
): string {
  return printers[kind](names, limit, ...operands)
}

/** The fewest digits that are read as this number, also where it is at once rounded to float32. */
function float32Text(value: number): string {
  if (value !== value) {
    const bits = new Int32Array(Float32Array.of(value).buffer)[0]!
    return nanText(bits < 0, (bits & 0x7fffff).toString(16), '400000')
  }
  const number = Math.fround(value)
  for (let digits = 1; digits < 9 && number !== 0; digits++) {
    const short = Number(number.toPrecision(digits))
    // Far enough from the middle of two numbers that rounding twice, as here, is rounding once.
    if ([1, 1 - 2 ** -50, 1 + 2 ** -50].every((k) => Math.fround(short * k) === number)) return finiteText(short)
  }
  return finiteText(number)
}

function float64Text(value: number): string {
  if (value === value) return finiteText(value)
  const bits = new BigUint64Array(Float64Array.of(value).buffer)[0]!
  return nanText(bits >> 63n === 1n, (bits & 0xfffffffffffffn).toString(16), '8000000000000')
}

const nanText = (isNegative: boolean, payload: string, usual: string): string =>
  `${isNegative ? '-' : ''}nan${payload === usual ? '' : `:0x${payload}`}`

function finiteText(value: number): string {
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf'
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Numbers of the type as which the constant is given, but for a NaN that is not the usual one. */
function vectorText(view: ArrayBufferView): string {
  const integers = wordsOf(view)
  const isPlain = (usual: ArrayBufferView): boolean => wordsOf(usual).every((word, i) => word === integers[i])
  const usual = (v: number): number => (v === v ? v : NaN)
  if (view instanceof Float32Array && isPlain(view.map(usual)))
    return `f32x4 ${Array.from(view, float32Text).join(' ')}`
  if (view instanceof Float64Array && isPlain(view.map(usual)))
    return `f64x2 ${Array.from(view, float64Text).join(' ')}`
  // Large ones are masks and patterns of bits.
  const integer = (v: number): string => (Math.abs(v) > 0xffff ? `0x${(v >>> 0).toString(16)}` : String(v))
  return `i32x4 ${Array.from(integers, integer).join(' ')}`
}

const wordsOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Int32Array =>
  new Int32Array(buffer.slice(byteOffset, byteOffset + byteLength))
