import type { Lanes } from '../../ir/scalar'
import { type DType, isFloat } from '../../ir/type'
import type { FunctionScope } from './address'
import { repeated } from './operations'

/** Converts the value on the stack as stores and casts do: to integers it truncates and wraps, NaN and infinities give 0. */
export function pushCast(from: DType, to: DType, lanes: Lanes, scope: FunctionScope): Lanes {
  const { f } = scope
  const wide = lanes > 1
  if (to === 'bool') pushTest(from, wide, scope)
  else if (from === 'bool') pushCondition(to, wide, scope)
  else if (isFloat(from) && isFloat(to)) {
    if (from !== to && wide) throw new Error(`a vector of ${from} has another length as ${to}`)
    if (from !== to) f.op(to === 'float64' ? 'f64.promote_f32' : 'f32.demote_f64')
  } else if (isFloat(to)) {
    if (wide && to === 'float64') throw new Error('a vector of integers has another length as float64')
    f.op(wide ? 'f32x4.convert_i32x4_s' : to === 'float32' ? 'f32.convert_i32_s' : 'f64.convert_i32_s')
  } else {
    if (isFloat(from)) pushTruncation(from, lanes, scope)
    if (to === 'uint8') wrapByte(lanes, scope)
  }
  return lanes
}

/** Keeps the low byte of an integer on the stack. */
export function wrapByte(lanes: Lanes, { f }: FunctionScope): void {
  if (lanes > 1) f.op('v128.const', repeated(255, 'int32')).op('v128.and')
  else f.op('i32.const', 255).op('i32.and')
}

/** Whether the value differs from 0, as NaN does. */
function pushTest(from: DType, wide: boolean, { f }: FunctionScope): void {
  if (from === 'bool') return
  if (wide) {
    f.op('v128.const', repeated(0, 'int32'))
    f.op(from === 'float32' ? 'f32x4.ne' : from === 'float64' ? 'f64x2.ne' : 'i32x4.ne')
  } else if (from === 'float32') f.op('f32.const', 0).op('f32.ne')
  else if (from === 'float64') f.op('f64.const', 0).op('f64.ne')
  else f.op('i32.const', 0).op('i32.ne')
}

/** 1 where a condition holds. */
function pushCondition(to: DType, wide: boolean, { f }: FunctionScope): void {
  if (wide) {
    f.op('v128.const', repeated(1, to)).op('v128.and')
  } else if (to === 'float32') f.op('f32.convert_i32_u')
  else if (to === 'float64') f.op('f64.convert_i32_u')
}

/** Modulo 2^32, as JavaScript's `x | 0`; the instruction alone would stop at the ends of the range. */
function pushTruncation(from: 'float32' | 'float64', lanes: Lanes, scope: FunctionScope): void {
  const { f } = scope
  if (lanes > 1) return pushWideTruncation(from, scope)
  const whole = scope.temporary('f64')
  if (from === 'float32') f.op('f64.promote_f32')
  f.op('f64.trunc')
    .op('local.tee', whole)
    .op('local.get', whole)
    .op('f64.const', 2 ** -32)
    .op('f64.mul')
  f.op('f64.floor')
    .op('f64.const', 2 ** 32)
    .op('f64.mul')
    .op('f64.sub')
    .op('i32.trunc_sat_f64_u')
}

/**
 * The nearest multiple of 2^32 is taken away first, which is 0 within the range, and exact beyond, where all float32 are
 * whole. Infinities become NaN. What is left lies from -2^31 to 2^31, and only there the instruction stops, 1 short.
 */
function pushWideTruncation(from: 'float32' | 'float64', scope: FunctionScope): void {
  if (from === 'float64') throw new Error(`a vector of ${from} has another length as integers`)
  const { f } = scope
  const x = scope.temporary('v128')
  const float = (value: number): void => void f.op('v128.const', repeated(value, 'float32'))
  f.op('local.tee', x).op('local.get', x)
  float(2 ** -32)
  f.op('f32x4.mul').op('f32x4.nearest')
  float(2 ** 32)
  f.op('f32x4.mul').op('f32x4.sub').op('local.tee', x).op('i32x4.trunc_sat_f32x4_s').op('local.get', x)
  float(2 ** 31)
  // A lane of a condition that holds is -1.
  f.op('f32x4.eq').op('i32x4.sub')
}
