import type { Affine } from '../ir/affine'
import type { Position, Scalar } from '../ir/scalar'
import { FN_COST } from '../ir/scalar'
import { LINE_WIDTH } from '../ir/text'
import type { FlatStore } from './flat'

/** Widths are estimates in characters, from above for all but the longest names: only line breaks depend on them. */
const NAME = 32
const name = (text: string): number => Math.min(text.length, NAME) + 2

const positionWidth = ({ base, terms }: Affine): number => {
  let width = base === 0 && terms.size > 0 ? 0 : String(base).length + 3
  terms.forEach((k, axis) => {
    width += axis.name.length + (Math.abs(k) === 1 ? 3 : 6 + String(k).length)
  })
  return width
}
const elementWidth = (buffer: string, { index, pointer }: Position): number =>
  name(buffer) + 2 + positionWidth(index) + (pointer ? 4 : 0)

const INFIX: ReadonlySet<string> = new Set([
  'add',
  'sub',
  'mul',
  'div',
  'lt',
  'le',
  'eq',
  'ne',
  'and',
  'or',
  'select',
  'rem',
  'bitAnd',
  'bitOr',
  'bitXor',
  'shiftLeft',
  'shiftRight',
  'rotateLeft',
])

/** Brackets and operators, or the name of a function, around the operands of a call. */
export const callWidth = ({ fn, args }: Extract<Scalar, { kind: 'call' }>): number =>
  INFIX.has(fn) ? 4 * args.length : FN_COST[fn] === 0 && fn !== 'round' ? 0 : fn.length + 7 + 2 * args.length

export function widthOf(s: Scalar, known: ReadonlyMap<Scalar, number>): number {
  switch (s.kind) {
    case 'call':
      return s.args.reduce((sum, a) => sum + known.get(a)!, callWidth(s)) * (s.fn === 'rotateLeft' ? 2 : 1)
    case 'element':
      return elementWidth(s.from.buffer.name, s.at)
    case 'const':
      return String(s.value).length
    case 'local':
      return name(s.local.hint)
    default:
      return 4
  }
}

const indent = (depth: number): number => 2 * (depth + 1)
/** What `const name = ` leaves on a line at a loop depth. */
export const roomForLet = (depth: number): number => LINE_WIDTH - indent(depth) - 'const  = '.length - 20
/** What a store leaves on a line for its value. */
export const roomForStore = ({ to, at }: FlatStore, depth: number): number =>
  LINE_WIDTH - indent(depth) - elementWidth(to.buffer.name, { index: at }) - 3
