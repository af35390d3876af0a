import type { BitFn } from '../../ir/functions'
import type { Lanes } from '../../ir/scalar'
import type { FunctionScope } from './address'
import { repeated } from './operations'

/** Floats of this size end in a whole number: their low bits are that number, so that an addition converts. */
const WHOLE = { float32: 2 ** 23, float64: 2 ** 52 } as const
const BIAS = { float32: 127, float64: 1023 } as const

/** Exponents and mantissas of the floats on the stack, by their bits. */
export function pushBits(fn: BitFn, dtype: 'float32' | 'float64', lanes: Lanes, scope: FunctionScope): Lanes {
  if (dtype === 'float32') pushBits32(fn, lanes > 1, scope)
  else if (lanes > 1) pushBits64(fn, scope)
  else {
    // Integers of 64 bits are there in vectors only.
    const { f } = scope
    const second = scope.temporary('f64')
    if (fn === 'scale') f.op('local.set', second)
    f.op('f64x2.splat')
    if (fn === 'scale') f.op('local.get', second).op('f64x2.splat')
    pushBits64(fn, scope)
    f.op('f64x2.extract_lane', 0)
  }
  return lanes
}

function pushBits32(fn: BitFn, isWide: boolean, scope: FunctionScope): void {
  const { f } = scope
  const integer = (value: number): void => {
    if (isWide) f.op('v128.const', repeated(value, 'int32'))
    else f.op('i32.const', value)
  }
  const sub = isWide ? 'i32x4.sub' : 'i32.sub'
  const multiply = isWide ? 'f32x4.mul' : 'f32.mul'
  /** From a whole float to the bits that end in it, with a bias. */
  const wholeBits = (bias: number): void => {
    if (isWide) f.op('v128.const', repeated(WHOLE.float32 + bias, 'float32')).op('f32x4.add')
    else
      f.op('f32.const', WHOLE.float32 + bias)
        .op('f32.add')
        .op('i32.reinterpret_f32')
  }
  /** From bits that end in an exponent with its bias to the float that is 2 to its power. */
  const power = (): void => {
    f.op('i32.const', 23).op(isWide ? 'i32x4.shl' : 'i32.shl')
    if (!isWide) f.op('f32.reinterpret_i32')
  }
  switch (fn) {
    case 'scale': {
      const [whole, half] = [scope.temporary(isWide ? 'v128' : 'i32'), scope.temporary(isWide ? 'v128' : 'i32')]
      // Two steps, each with half of the exponent: the bits halved end in half of the number, and of its bias.
      wholeBits(2 * BIAS.float32)
      f.op('local.tee', whole)
        .op('i32.const', 1)
        .op(isWide ? 'i32x4.shr_s' : 'i32.shr_s')
      f.op('local.tee', half)
      power()
      f.op(multiply).op('local.get', whole).op('local.get', half).op(sub)
      power()
      f.op(multiply)
      return
    }
    case 'pow2':
      wholeBits(BIAS.float32)
      power()
      return
    case 'mantissa':
      if (!isWide) f.op('i32.reinterpret_f32')
      integer(0x7fffff)
      f.op(isWide ? 'v128.and' : 'i32.and')
      integer(0x3f800000)
      f.op(isWide ? 'v128.or' : 'i32.or')
      if (!isWide) f.op('f32.reinterpret_i32')
      return
    case 'exponent':
      if (!isWide) f.op('i32.reinterpret_f32')
      f.op('i32.const', 23).op(isWide ? 'i32x4.shr_u' : 'i32.shr_u')
      integer(255)
      f.op(isWide ? 'v128.and' : 'i32.and')
      integer(BIAS.float32)
      f.op(sub).op(isWide ? 'f32x4.convert_i32x4_s' : 'f32.convert_i32_s')
      return
  }
}

function pushBits64(fn: BitFn, scope: FunctionScope): void {
  const { f } = scope
  const float = (value: number): void => void f.op('v128.const', repeated(value, 'float64'))
  const word = (high: number, low: number): void => void f.op('v128.const', Int32Array.of(low, high, low, high))
  /** From an exponent to the float that is 2 to its power. */
  const power = (): void => {
    float(WHOLE.float64 + BIAS.float64)
    f.op('f64x2.add').op('i32.const', 52).op('i64x2.shl')
  }
  switch (fn) {
    case 'scale': {
      const [whole, half] = [scope.temporary('v128'), scope.temporary('v128')]
      f.op('local.tee', whole)
      float(0.5)
      f.op('f64x2.mul').op('f64x2.floor').op('local.tee', half)
      power()
      f.op('f64x2.mul').op('local.get', whole).op('local.get', half).op('f64x2.sub')
      power()
      f.op('f64x2.mul')
      return
    }
    case 'pow2':
      power()
      return
    case 'mantissa':
      word(0xfffff, -1)
      f.op('v128.and')
      float(1)
      f.op('v128.or')
      return
    case 'exponent':
      f.op('i32.const', 52).op('i64x2.shr_u')
      word(0, 0x7ff)
      f.op('v128.and')
      float(WHOLE.float64)
      f.op('v128.or')
      float(WHOLE.float64 + BIAS.float64)
      f.op('f64x2.sub')
      return
  }
}
