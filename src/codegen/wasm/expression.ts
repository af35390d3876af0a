import { rangeOf } from '../../ir/affine'
import type { Call, Lanes, Scalar } from '../../ir/scalar'
import { bytesOf, type DType } from '../../ir/type'
import { type FunctionScope, type Place, pushAddress, pushSum } from './address'
import { isFloat, pushCast, wrapByte } from './conversion'
import { pushBits } from './bits'
import { laneOps, lanesOf, OPERATIONS } from './operations'

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

type Element = Extract<Scalar, { kind: 'element' }>

function pushElement(s: Element, scope: FunctionScope): Lanes {
  const { f } = scope
  const place = s.partial ? pushGuarded(s, scope) : pushAddress(s.from, s.at, scope)
  const { dtype } = s
  if (s.lanes === 1) {
    f.op(dtype === 'float32' ? 'f32.load' : dtype === 'float64' ? 'f64.load' : bytesOf(dtype) === 1 ? 'i32.load8_u' : 'i32.load', place)
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
 * no harm, but it must not leave the memory.
 */
function pushGuarded({ from, at, dtype, lanes }: Element, scope: FunctionScope): Place {
  const { f, memoryBytes } = scope
  const bytes = bytesOf(dtype)
  const [low, high] = rangeOf(at.index)
  const base = scope.addressOf(from.buffer)
  if (base + low * bytes >= 0 && base + (high + lanes) * bytes <= memoryBytes) return pushAddress(from, at, scope)
  const address = scope.temporary('i32')
  pushSum(base + at.index.base * bytes, at.index.terms, bytes, scope)
  f.op('local.tee', address).op('i32.const', 0).op('local.get', address)
  f.op('i32.const', memoryBytes - 16).op('i32.le_u').op('select')
  return { offset: 0, align: bytes }
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
      return pushRamp(args[0]!, scope)
    case 'foldAdd':
    case 'foldMul':
    case 'foldMax':
    case 'foldMin':
      return pushFold(fn, args[0]!, scope)
    case 'cast':
      return pushCast(args[0]!.dtype, dtype, pushScalar(args[0]!, scope), scope)
    case 'select':
      return pushSelect(s, scope)
    case 'scale':
    case 'pow2':
    case 'exponent':
    case 'mantissa':
      return pushBits(fn, pushAll(args, scope), scope)
    default:
      return pushOperation(s, scope)
  }
}

function pushSelect({ args }: Call, scope: FunctionScope): Lanes {
  const [condition, a, b] = args as readonly [Scalar, Scalar, Scalar]
  const lanes = pushAll([a, b, condition], scope)
  scope.f.op(lanes > 1 ? 'v128.bitselect' : 'select')
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
  const lanes = pushAll(args, scope)
  const bound = args[1]
  // pmax(x, constant) keeps a NaN of x, at half the price of max.
  if (lanes > 1 && (fn === 'max' || fn === 'min') && isFloat(from) && bound?.kind === 'call' && isSplatOfNumber(bound))
    f.op(`${from === 'float32' ? 'f32x4' : 'f64x2'}.p${fn}`)
  else if (lanes === 1) pushPoint(s, scope)
  else {
    const op = OPERATIONS[from][fn]?.[1]
    if (op) f.op(op)
    else pushLanewise(s, lanes, scope)
  }
  if (s.dtype === 'uint8') wrapByte(lanes, scope)
  return lanes
}

/** A function of one point, over operands on the stack. */
function pushPoint(s: Call, scope: FunctionScope): void {
  const from = s.args[0]!.dtype
  const op = OPERATIONS[from][s.fn]?.[0]
  if (op) scope.f.op(op)
  else if (from === 'int32' || from === 'uint8') pushInteger(s.fn, scope)
  else pushImported(s, scope)
}

const isSplatOfNumber = (s: Call): boolean => s.fn === 'splat' && s.args[0]!.kind === 'const'

/** The operands lie on the stack: each lane is computed by itself. */
function pushLanewise(s: Call, lanes: Lanes, scope: FunctionScope): void {
  const { f } = scope
  const operands = s.args.map(() => scope.temporary('v128'))
  for (const t of operands.toReversed()) f.op('local.set', t)
  const result = scope.temporary('v128')
  // What a lane of a condition holds is all bits or none.
  const isCondition = s.dtype === 'bool'
  for (let lane = 0; lane < lanes; lane++) {
    f.op('local.get', result)
    if (isCondition) f.op('i32.const', 0)
    s.args.forEach((a, i) => {
      f.op('local.get', operands[i]!).op(laneOps(a.dtype).extract, lane)
      if (a.dtype === 'bool') f.op('i32.const', 1).op('i32.and')
    })
    pushPoint(s, scope)
    if (isCondition) f.op('i32.sub')
    f.op(laneOps(s.dtype).replace, lane).op('local.set', result)
  }
  f.op('local.get', result)
}

/** Functions of integers that are more than an instruction, over operands on the stack. */
function pushInteger(fn: Call['fn'], scope: FunctionScope): void {
  const { f } = scope
  const [a, b] = [scope.temporary('i32'), scope.temporary('i32')]
  switch (fn) {
    case 'max':
    case 'min':
      f.op('local.set', b).op('local.tee', a).op('local.get', b).op('local.get', a).op('local.get', b)
      f.op(fn === 'max' ? 'i32.gt_s' : 'i32.lt_s').op('select')
      return
    case 'neg':
      f.op('i32.const', -1).op('i32.mul')
      return
    case 'abs':
      f.op('local.tee', a).op('i32.const', 31).op('i32.shr_s').op('local.tee', b)
      f.op('local.get', a).op('i32.xor').op('local.get', b).op('i32.sub')
      return
    case 'rem':
      // A division by 0 traps: like the other targets, its remainder is 0.
      f.op('local.tee', b).op('i32.const', 1).op('local.get', b).op('select').op('i32.rem_s')
      return
    default:
      throw new Error(`${fn} of integers is unknown to WebAssembly`)
  }
}

/** A function that the host computes in float64, over operands on the stack. */
function pushImported({ fn, args, dtype }: Call, scope: FunctionScope): void {
  const { f } = scope
  const isNarrow = args[0]!.dtype === 'float32'
  if (isNarrow && args.length === 2) {
    const second = scope.temporary('f32')
    f.op('local.set', second).op('f64.promote_f32').op('local.get', second).op('f64.promote_f32')
  } else if (isNarrow) f.op('f64.promote_f32')
  f.op('call', scope.imported(fn))
  if (dtype === 'float32') f.op('f32.demote_f64')
}

function pushSplat(s: Scalar, scope: FunctionScope): Lanes {
  const { f } = scope
  const { dtype } = s
  if (s.kind === 'const' && dtype !== 'bool') f.op('v128.const', repeated(s.value, dtype))
  else if (s.kind === 'element' && (dtype === 'float32' || dtype === 'int32'))
    f.op('v128.load32_splat', pushAddress(s.from, s.at, scope))
  else {
    if (dtype === 'bool') f.op('i32.const', 0)
    pushScalar(s, scope)
    if (dtype === 'bool') f.op('i32.sub')
    f.op(laneOps(dtype).splat)
  }
  return lanesOf(dtype)
}

function repeated(value: number, dtype: DType): ArrayBufferView {
  if (dtype === 'float32') return new Float32Array(4).fill(value)
  return dtype === 'float64' ? new Float64Array(2).fill(value) : new Int32Array(4).fill(value)
}

function pushRamp(s: Scalar, scope: FunctionScope): Lanes {
  pushScalar(s, scope)
  scope.f.op('i32x4.splat').op('v128.const', Int32Array.of(0, 1, 2, 3)).op('i32x4.add')
  return 4
}

const FOLDED = { foldAdd: 'add', foldMul: 'mul', foldMax: 'max', foldMin: 'min' } as const

/** Halves onto halves, then the two that are left. */
function pushFold(fold: keyof typeof FOLDED, s: Scalar, scope: FunctionScope): Lanes {
  const { f } = scope
  const fn = FOLDED[fold]
  const { dtype } = s
  const lanes = pushScalar(s, scope)
  const vector = scope.temporary('v128')
  f.op('local.set', vector)
  const lane = (i: number): void => void f.op('local.get', vector).op(laneOps(dtype).extract, i)
  const combine = (): void => {
    const op = OPERATIONS[dtype][fn]?.[0]
    if (op) f.op(op)
    else pushInteger(fn, scope)
  }
  const pairs = lanes === 4 ? [[0, 1], [2, 3]] : [[0, 1]]
  pairs.forEach((pair, i) => {
    pair.forEach(lane)
    combine()
    if (i > 0) combine()
  })
  // A lane of a condition is all bits or none.
  if (dtype === 'bool') f.op('i32.const', 1).op('i32.and')
  return 1
}
