import type { BitFn } from '../../ir/functions'
import type { Lanes } from '../../ir/scalar'
import type { FunctionScope } from './address'
import { repeated } from './operations'

/** Exponents and mantissas of the float32 on the stack, by its bits. */
export function pushBits(fn: BitFn, lanes: Lanes, scope: FunctionScope): Lanes {
  const { f } = scope
  const isWide = lanes > 1
  const integer = (value: number): void => {
    if (isWide) f.op('v128.const', repeated(value, 'int32'))
    else f.op('i32.const', value)
  }
  const add = isWide ? 'i32x4.add' : 'i32.add'
  const sub = isWide ? 'i32x4.sub' : 'i32.sub'
  const shiftLeft = isWide ? 'i32x4.shl' : 'i32.shl'
  const truncate = isWide ? 'i32x4.trunc_sat_f32x4_s' : 'i32.trunc_sat_f32_s'
  /** From an exponent to the float that is 2 to its power. */
  const power = (): void => {
    integer(127)
    f.op(add).op('i32.const', 23).op(shiftLeft)
    if (!isWide) f.op('f32.reinterpret_i32')
  }
  switch (fn) {
    case 'scale': {
      const [whole, half] = [scope.temporary(isWide ? 'v128' : 'i32'), scope.temporary(isWide ? 'v128' : 'i32')]
      f.op(truncate)
        .op('local.tee', whole)
        .op('i32.const', 1)
        .op(isWide ? 'i32x4.shr_s' : 'i32.shr_s')
      f.op('local.tee', half)
      power()
      f.op(isWide ? 'f32x4.mul' : 'f32.mul')
        .op('local.get', whole)
        .op('local.get', half)
        .op(sub)
      power()
      f.op(isWide ? 'f32x4.mul' : 'f32.mul')
      return lanes
    }
    case 'pow2':
      f.op(truncate)
      power()
      return lanes
    case 'mantissa':
      if (!isWide) f.op('i32.reinterpret_f32')
      integer(0x7fffff)
      f.op(isWide ? 'v128.and' : 'i32.and')
      integer(0x3f800000)
      f.op(isWide ? 'v128.or' : 'i32.or')
      if (!isWide) f.op('f32.reinterpret_i32')
      return lanes
    case 'exponent':
      if (!isWide) f.op('i32.reinterpret_f32')
      f.op('i32.const', 23).op(isWide ? 'i32x4.shr_u' : 'i32.shr_u')
      integer(255)
      f.op(isWide ? 'v128.and' : 'i32.and')
      integer(127)
      f.op(sub).op(isWide ? 'f32x4.convert_i32x4_s' : 'f32.convert_i32_s')
      return lanes
  }
}
