import type { Fn, Lanes } from '../../ir/scalar'
import type { DType } from '../../ir/type'
import type { OperandsOf, OpName, ValType } from './opcodes'

/** Instructions without an immediate. */
export type Plain = { [N in OpName]: OperandsOf<N> extends [] ? N : never }[OpName]

/** The instruction for one point, and the one for a vector; null where it takes several. */
export type Row = readonly [scalar: Plain | null, vector: Plain | null]

/** Where a local of this type lives. Conditions are 0 and 1, in vectors all bits of a lane. */
export function valType(dtype: DType, lanes: Lanes): ValType {
  if (lanes > 1) return 'v128'
  return dtype === 'float32' ? 'f32' : dtype === 'float64' ? 'f64' : 'i32'
}

/** Called the same in the instruction set. */
const FLOAT_FNS = [
  'add',
  'sub',
  'mul',
  'div',
  'neg',
  'max',
  'min',
  'abs',
  'sqrt',
  'floor',
  'ceil',
  'trunc',
  'nearest',
  'lt',
  'le',
  'eq',
  'ne',
] as const satisfies readonly Fn[]

const floats = (scalar: 'f32' | 'f64', vector: 'f32x4' | 'f64x2'): Partial<Record<Fn, Row>> =>
  Object.fromEntries([
    ...FLOAT_FNS.map((fn): [string, Row] => [fn, [`${scalar}.${fn}`, `${vector}.${fn}`]]),
    ['copysign', [`${scalar}.copysign`, null]],
  ])

const INTEGERS: Readonly<Partial<Record<Fn, Row>>> = {
  add: ['i32.add', 'i32x4.add'],
  sub: ['i32.sub', 'i32x4.sub'],
  mul: ['i32.mul', 'i32x4.mul'],
  neg: [null, 'i32x4.neg'],
  abs: [null, 'i32x4.abs'],
  max: [null, 'i32x4.max_s'],
  min: [null, 'i32x4.min_s'],
  bitAnd: ['i32.and', 'v128.and'],
  bitOr: ['i32.or', 'v128.or'],
  bitXor: ['i32.xor', 'v128.xor'],
  shiftLeft: ['i32.shl', null],
  shiftRight: ['i32.shr_s', null],
  rotateLeft: ['i32.rotl', null],
  lt: ['i32.lt_s', 'i32x4.lt_s'],
  le: ['i32.le_s', 'i32x4.le_s'],
  eq: ['i32.eq', 'i32x4.eq'],
  ne: ['i32.ne', 'i32x4.ne'],
}

const CONDITIONS: Readonly<Partial<Record<Fn, Row>>> = {
  and: ['i32.and', 'v128.and'],
  or: ['i32.or', 'v128.or'],
  not: ['i32.eqz', 'v128.not'],
  ne: ['i32.ne', 'v128.xor'],
  lt: ['i32.lt_u', null],
  le: ['i32.le_u', null],
  eq: ['i32.eq', null],
  // Arithmetic on conditions counts modulo "any".
  add: ['i32.or', 'v128.or'],
  max: ['i32.or', 'v128.or'],
  mul: ['i32.and', 'v128.and'],
  min: ['i32.and', 'v128.and'],
  sub: ['i32.xor', 'v128.xor'],
}

/** What is one instruction, by the dtype of the first operand. */
export const OPERATIONS: Readonly<Record<DType, Readonly<Partial<Record<Fn, Row>>>>> = {
  // The remainder takes several (`remainder.ts`); that of float64 is the host's.
  float32: { ...floats('f32', 'f32x4'), rem: [null, null] },
  float64: floats('f64', 'f64x2'),
  int32: INTEGERS,
  uint8: INTEGERS,
  bool: CONDITIONS,
}

interface LaneOps {
  readonly splat: Plain
  readonly extract: 'f32x4.extract_lane' | 'f64x2.extract_lane' | 'i32x4.extract_lane'
  readonly replace: 'f32x4.replace_lane' | 'f64x2.replace_lane' | 'i32x4.replace_lane'
}

/** How the lanes of a vector are reached. */
export function laneOps(dtype: DType): LaneOps {
  if (dtype === 'float32') return { splat: 'f32x4.splat', extract: 'f32x4.extract_lane', replace: 'f32x4.replace_lane' }
  if (dtype === 'float64') return { splat: 'f64x2.splat', extract: 'f64x2.extract_lane', replace: 'f64x2.replace_lane' }
  return { splat: 'i32x4.splat', extract: 'i32x4.extract_lane', replace: 'i32x4.replace_lane' }
}

/** Points of a dtype in a vector register. */
export const lanesOf = (dtype: DType): 2 | 4 => (dtype === 'float64' ? 2 : 4)

/** A constant with one value in all lanes. */
export function repeated(value: number, dtype: DType): ArrayBufferView {
  if (dtype === 'float32') return new Float32Array(4).fill(value)
  return dtype === 'float64' ? new Float64Array(2).fill(value) : new Int32Array(4).fill(value)
}
