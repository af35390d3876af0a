import { rangeOf } from '../../ir/affine'
import type { Call, Element, Lanes, Scalar } from '../../ir/scalar'
import { bytesOf, type DType, isFloat } from '../../ir/type'
import { type FunctionScope, type Place, pushAddress, pushOffset, pushSum } from './address'
import { pushCast, wrapByte } from './conversion'
import { pushBits } from './bits'
import { laneOps, lanesOf, OPERATIONS, repeated } from './operations'
import { pushLanewise, pushPeriodic, pushPoint } from './points'
import { pushRemainder } from './remainder'
import { isVector, splatNumber } from './splat'
import { pushFold, pushMasks, pushRamp } from './vectors'

/** Appends what leaves the value of a scalar on the stack, and returns its number of lanes. */
export function pushScalar(s: Scalar, scope: FunctionScope): Lanes {
  const { f } = scope
  switch (s.kind) {
    case 'const':
      if (s.dtype === 'float32') f.op('f32.const', s.value)
      else if (s.dtype === 'float64') f.op('f64.const', s.value)
      else f.op('i32.const', s.value)
      return 1
    case 'local':
      f.op('local.get', scope.local(s.local))
      return s.local.lanes
    case 'axis':
      f.op('local.get', scope.axis(s.axis))
      return 1
    case 'element':
      return pushElement(s, scope)
    case 'call':
      return pushCall(s, scope)
    case 'load':
    case 'acc':
      throw new Error(`a ${s.kind} is left in a kernel that is emitted`)
  }
}

export function pushElement(s: Element, scope: FunctionScope): Lanes {
  const { f } = scope
  const place = s.partial ? pushGuarded(s, scope) : pushAddress(s.from, s.at, scope)
  const { dtype } = s
  if (s.lanes === 1) {
    f.op(
      dtype === 'float32'
        ? 'f32.load'
        : dtype === 'float64'
          ? 'f64.load'
          : bytesOf(dtype) === 1
            ? 'i32.load8_u'
            : 'i32.load',
      place,
    )
  } else if (bytesOf(dtype) > 1) f.op('v128.load', place)
  else {
    f.op('v128.load32_zero', place).op('i16x8.extend_low_i8x16_u').op('i32x4.extend_low_i16x8_u')
    // 0 - 1 has all bits set.
    if (dtype === 'bool') f.op('i32x4.neg')
  }
  return s.lanes
}

/**
 * The address of a load that a selection guards. Where it is not taken it may read what lies beside the buffer, which does
 * no harm, but it must not leave the memory. A vector that is half inside does not: there is room around all buffers.
 */
function pushGuarded({ from, at, dtype, lanes }: Element, scope: FunctionScope): Place {
  const { f, memoryBytes } = scope
  const bytes = bytesOf(dtype)
  const [low, high] = rangeOf(at.index)
  const base = scope.addressOf(from.buffer)
  const isInMemory = base + low * bytes >= 0 && base + (high + lanes) * bytes <= memoryBytes
  if (isInMemory && !at.offset) return pushAddress(from, at, scope)
  const address = scope.temporary('i32')
  pushSum(base + at.index.base * bytes, at.index.terms, bytes, scope)
  if (at.offset) pushOffset(at.offset, bytes, scope)
  f.op('local.tee', address).op('i32.const', 0).op('local.get', address)
  f.op('i32.const', memoryBytes - 16)
    .op('i32.le_u')
    .op('select')
  return { offset: 0, align: bytes, buffer: from.buffer, element: at.index.base }
}

function pushCall(s: Call, scope: FunctionScope): Lanes {
  const { fn, args, dtype } = s
  switch (fn) {
    case 'round':
      // Every float32 here is one already.
      return pushScalar(args[0]!, scope)
    case 'splat':
      return pushSplat(args[0]!, scope)
    case 'ramp':
      pushScalar(args[0]!, scope)
      return pushRamp(scope)
    case 'foldAdd':
    case 'foldMul':
    case 'foldMax':
    case 'foldMin':
      return pushFold(fn, dtype, pushScalar(args[0]!, scope), scope)
    case 'cast':
      return pushCast(args[0]!.dtype, dtype, pushScalar(args[0]!, scope), scope)
    case 'select':
      return pushSelect(s, scope)
    case 'scale':
    case 'pow2':
    case 'exponent':
    case 'mantissa':
      return pushBits(fn, dtype as 'float32' | 'float64', pushAll(args, scope), scope)
    case 'copysign':
      return pushCopysign(s, scope)
    case 'rem':
      return dtype === 'float32' ? pushRemainder(s, scope) : pushOperation(s, scope)
    case 'shiftLeft':
    case 'shiftRight':
    case 'rotateLeft':
      return pushShift(s, scope)
    case 'sin':
    case 'cos':
    case 'tan': {
      if (args.length === 1) return pushOperation(s, scope)
      const lanes = pushAll(args, scope)
      pushPeriodic(s, lanes, scope)
      return lanes
    }
    default:
      return pushOperation(s, scope)
  }
}

/** Vectors are shifted by one amount for all lanes; where amounts differ, each lane goes by itself. */
function pushShift(s: Call, scope: FunctionScope): Lanes {
  const [x, by] = s.args as readonly [Scalar, Scalar]
  if (by.kind !== 'call' || by.fn !== 'splat' || !isVector(x)) return pushOperation(s, scope)
  const { f } = scope
  const amount = by.args[0]!
  const lanes = pushScalar(x, scope)
  if (s.fn === 'rotateLeft') {
    const value = scope.temporary('v128')
    f.op('local.tee', value)
    pushScalar(amount, scope)
    f.op('i32x4.shl').op('local.get', value).op('i32.const', 32)
    pushScalar(amount, scope)
    f.op('i32.sub').op('i32x4.shr_u').op('v128.or')
    return lanes
  }
  pushScalar(amount, scope)
  f.op(s.fn === 'shiftLeft' ? 'i32x4.shl' : 'i32x4.shr_s')
  if (s.dtype === 'uint8') wrapByte(lanes, scope)
  return lanes
}

function pushCopysign(s: Call, scope: FunctionScope): Lanes {
  const [x, sign] = s.args as readonly [Scalar, Scalar]
  if ((splatNumber(sign) ?? 0) < 0) {
    const lanes = pushScalar(x, scope)
    const bits = SIGNS[lanes as keyof typeof SIGNS].map((word) => ~word)
    scope.f.op('v128.const', Int32Array.from(bits)).op('v128.or')
    return lanes
  }
  const lanes = pushAll(s.args, scope)
  if (lanes === 1) pushPoint(s, scope)
  else scope.f.op('v128.const', Int32Array.from(SIGNS[lanes])).op('v128.bitselect')
  return lanes
}
/** All bits but the sign, of float64 and of float32. */
const SIGNS = { 2: [-1, 0x7fffffff, -1, 0x7fffffff], 4: Array<number>(4).fill(0x7fffffff) } as const

function pushSelect({ args }: Call, scope: FunctionScope): Lanes {
  const [condition, a, b] = args as readonly [Scalar, Scalar, Scalar]
  const lanes = pushAll([a, b], scope)
  // A condition that is the same in all lanes does not know how many there are.
  const isVector = pushScalar(condition, scope) > 1
  scope.f.op(isVector ? 'v128.bitselect' : 'select')
  return lanes
}

function pushAll(all: readonly Scalar[], scope: FunctionScope): Lanes {
  let lanes: Lanes = 1
  for (const s of all) {
    const own = pushScalar(s, scope)
    if (own > lanes) lanes = own
  }
  return lanes
}

function pushOperation(s: Call, scope: FunctionScope): Lanes {
  const { f } = scope
  const { fn, args } = s
  const from = args[0]!.dtype
  if (from === 'bool' && fn === 'neg') return pushScalar(args[0]!, scope)
  if (scope.isRelaxed && fn === 'add' && isFloat(from) && pushMultiplyAdd(args, from, scope)) return lanesOf(from)
  const extreme = isFloat(from) && (fn === 'max' || fn === 'min') ? fn : undefined
  const bound = extreme && splatNumber(args[1]!)
  if (fn === 'max' && Object.is(bound, 0) && isVector(args[0]!)) return pushPositive(args[0]!, args[1]!, scope)
  const lanes = pushAll(args, scope)
  // pmax(x, number) keeps a NaN of x, at half the price of max. Of two zeros it keeps x, which is wrong for min(x, -0).
  if (lanes > 1 && extreme && bound !== undefined && !Number.isNaN(bound) && !(fn === 'min' && Object.is(bound, -0)))
    f.op(`${from === 'float32' ? 'f32x4' : 'f64x2'}.p${extreme}`)
  else if (lanes === 1) pushPoint(s, scope)
  else {
    const op = OPERATIONS[from][fn]?.[1]
    if (op) f.op(op)
    else if (from === 'bool') pushMasks(fn, scope)
    else pushLanewise(s, lanes, scope)
  }
  if (s.dtype === 'uint8') wrapByte(lanes, scope)
  return lanes
}

/** max(x, 0): 0 for all that is at most 0, -0 too, and x, NaN too, elsewhere; at half the price of max. */
function pushPositive(x: Scalar, zero: Scalar, scope: FunctionScope): Lanes {
  const { f } = scope
  const value = scope.temporary('v128')
  const lanes = pushScalar(x, scope)
  f.op('local.tee', value).op('local.get', value)
  pushScalar(zero, scope)
  f.op(lanes === 4 ? 'f32x4.le' : 'f64x2.le').op('v128.andnot')
  return lanes
}

/** A sum with a product among its vectors as one instruction, where the engine is free to round once. */
function pushMultiplyAdd(args: readonly Scalar[], from: DType, scope: FunctionScope): boolean {
  const at = args.findIndex((a) => a.kind === 'call' && a.fn === 'mul')
  const product = args[at]
  if (product?.kind !== 'call') return false
  const operands = [...product.args, args[1 - at]!]
  if (!operands.every(isVector)) return false
  pushAll(operands, scope)
  scope.f.op(from === 'float32' ? 'f32x4.relaxed_madd' : 'f64x2.relaxed_madd')
  return true
}

function pushSplat(s: Scalar, scope: FunctionScope): Lanes {
  const { f } = scope
  const { dtype } = s
  if (s.kind === 'const' && dtype !== 'bool') f.op('v128.const', repeated(s.value, dtype))
  else if (s.kind === 'element' && (dtype === 'float32' || dtype === 'int32'))
    f.op('v128.load32_splat', pushAddress(s.from, s.at, scope))
  else {
    // 0 - 1 has all bits set.
    if (dtype === 'bool') f.op('i32.const', 0)
    pushScalar(s, scope)
    if (dtype === 'bool') f.op('i32.sub')
    f.op(laneOps(dtype).splat)
  }
  return lanesOf(dtype)
}
