import type { Axis } from '../../ir/affine'
import type { Local, Param } from '../../ir/loop'
import type { Buffer } from '../../ir/plan'
import type { Call, Fn, Lanes, Position, Scalar } from '../../ir/scalar'
import { bytesOf, type DType } from '../../ir/type'
import type { FuncBuilder } from './assembler'
import type { OperandsOf, OpName, ValType } from './opcodes'

/** A kernel needs what this target cannot do yet; another target can. */
export class TargetError extends Error {
  override readonly name = 'TargetError'
}

/** Ends the emission of what this target cannot do yet. */
export const refuse = (what: string): never => {
  throw new TargetError(`${what} is not yet on this target (WebAssembly)`)
}

/** What the identities of a kernel are in the function being written. */
export interface FunctionScope {
  readonly f: FuncBuilder
  axis(axis: Axis): number
  local(local: Local): number
  addressOf(buffer: Buffer): number
  /** Whether a pointer may lie before its buffer, so that only its sum with a constant is an address. */
  isSigned(pointer: Local): boolean
}

/** Where a local of this type lives. Conditions are 0 and 1, in vectors all bits of a lane. */
export function valType(dtype: DType, lanes: Lanes): ValType {
  if (lanes > 1) return 'v128'
  return dtype === 'float32' ? 'f32' : dtype === 'float64' ? 'f64' : 'i32'
}

/** Instructions without an immediate. */
type Plain = { [N in OpName]: OperandsOf<N> extends [] ? N : never }[OpName]
/** An instruction for one point and the one for four. */
type Row = readonly [scalar: Plain, vector: Plain]

/** What each function is on float32; null where it is not yet on this target, or not on float32. */
const FLOATS: Readonly<Record<Exclude<Fn, 'cast' | 'round' | 'select' | 'splat'>, Row | null>> = {
  add: ['f32.add', 'f32x4.add'],
  sub: ['f32.sub', 'f32x4.sub'],
  mul: ['f32.mul', 'f32x4.mul'],
  div: ['f32.div', 'f32x4.div'],
  neg: ['f32.neg', 'f32x4.neg'],
  max: ['f32.max', 'f32x4.max'],
  min: ['f32.min', 'f32x4.min'],
  abs: ['f32.abs', 'f32x4.abs'],
  sqrt: ['f32.sqrt', 'f32x4.sqrt'],
  exp: null,
  log: null,
  pow: null,
  tanh: null,
  sigmoid: null,
  expm1: null,
  log1p: null,
  log2: null,
  log10: null,
  sin: null,
  cos: null,
  tan: null,
  asin: null,
  acos: null,
  atan: null,
  atan2: null,
  sinh: null,
  cosh: null,
  asinh: null,
  acosh: null,
  atanh: null,
  erf: null,
  erfc: null,
  hypot: null,
  floor: ['f32.floor', 'f32x4.floor'],
  ceil: ['f32.ceil', 'f32x4.ceil'],
  trunc: ['f32.trunc', 'f32x4.trunc'],
  nearest: ['f32.nearest', 'f32x4.nearest'],
  rem: null,
  bitAnd: null,
  bitOr: null,
  bitXor: null,
  shiftLeft: null,
  shiftRight: null,
  lt: ['f32.lt', 'f32x4.lt'],
  le: ['f32.le', 'f32x4.le'],
  eq: ['f32.eq', 'f32x4.eq'],
  ne: ['f32.ne', 'f32x4.ne'],
  and: null,
  or: null,
  not: null,
}

const CONDITIONS: Readonly<Partial<Record<Fn, Row>>> = {
  and: ['i32.and', 'v128.and'],
  or: ['i32.or', 'v128.or'],
  not: ['i32.eqz', 'v128.not'],
  eq: ['i32.eq', 'i32x4.eq'],
  ne: ['i32.ne', 'i32x4.ne'],
}

const fourTimes = (value: number): Float32Array => new Float32Array(4).fill(value)

/** Appends what leaves the value of a scalar on the stack, and returns its number of lanes. */
export function pushScalar(s: Scalar, scope: FunctionScope): Lanes {
  const { f } = scope
  switch (s.kind) {
    case 'const':
      if (s.dtype === 'float32') f.op('f32.const', s.value)
      else if (s.dtype === 'bool') f.op('i32.const', s.value)
      else refuse(`a constant ${s.dtype}`)
      return 1
    case 'local':
      f.op('local.get', scope.local(s.local))
      return s.local.lanes
    case 'element': {
      if (s.partial) refuse('a load that a selection guards')
      const place = pushAddress(s.from, s.at, scope)
      if (s.lanes > 1) f.op('v128.load', place)
      else if (s.dtype === 'float32') f.op('f32.load', place)
      else if (s.dtype === 'float64') f.op('f64.load', place)
      else if (s.dtype === 'bool') f.op('i32.load8_u', place)
      else refuse(`an element of ${s.dtype}`)
      return s.lanes
    }
    case 'call':
      return pushCall(s, scope)
    case 'axis':
      return refuse(`the value of axis ${s.axis.name}`)
    case 'load':
    case 'acc':
      throw new Error(`a ${s.kind} is left in a kernel that is emitted`)
  }
}

function pushCall(s: Call, scope: FunctionScope): Lanes {
  const { f } = scope
  const { fn, args, dtype } = s
  switch (fn) {
    case 'round':
      // Every float32 here is one already.
      return pushScalar(args[0]!, scope)
    case 'splat':
      return pushSplat(args[0]!, scope)
    case 'cast':
      return pushCast(args[0]!, dtype, scope)
    case 'select': {
      if (dtype !== 'float32' && dtype !== 'bool') refuse(`select of ${dtype}`)
      const lanes = pushScalars([args[1]!, args[2]!, args[0]!], scope)
      f.op(lanes > 1 ? 'v128.bitselect' : 'select')
      return lanes
    }
    default: {
      const from = args[0]!.dtype
      const row = from === 'float32' ? FLOATS[fn] : from === 'bool' ? CONDITIONS[fn] : undefined
      if (!row) return refuse(`${fn} of ${from}`)
      const lanes = pushScalars(args, scope)
      f.op(row[lanes > 1 ? 1 : 0])
      return lanes
    }
  }
}

function pushScalars(all: readonly Scalar[], scope: FunctionScope): Lanes {
  const lanes = all.map((s) => pushScalar(s, scope))
  return lanes[0]!
}

function pushSplat(s: Scalar, scope: FunctionScope): Lanes {
  const { f } = scope
  if (s.kind === 'const' && s.dtype === 'float32') {
    f.op('v128.const', fourTimes(s.value))
  } else if (s.kind === 'element' && s.dtype === 'float32') {
    const place = pushAddress(s.from, s.at, scope)
    f.op('v128.load32_splat', place)
  } else if (s.dtype === 'float32') {
    pushScalar(s, scope)
    f.op('f32x4.splat')
  } else if (s.dtype === 'bool') {
    // 0 - 1 has all bits set.
    f.op('i32.const', 0)
    pushScalar(s, scope)
    f.op('i32.sub').op('i32x4.splat')
  } else refuse(`splat of ${s.dtype}`)
  return 4
}

function pushCast(s: Scalar, dtype: DType, scope: FunctionScope): Lanes {
  const { f } = scope
  const conversion = `${s.dtype} to ${dtype}`
  if (conversion !== 'float64 to float32' && conversion !== 'bool to float32') return refuse(`cast from ${conversion}`)
  const lanes = pushScalar(s, scope)
  if (s.dtype === 'float64') f.op('f32.demote_f64')
  else if (lanes > 1) f.op('v128.const', fourTimes(1)).op('v128.and')
  else f.op('f32.convert_i32_u')
  return lanes
}

/** Appends the part of an address that moves, and returns the part that does not as the immediate of the access. */
export function pushAddress(
  { buffer }: Param,
  { index, pointer }: Position,
  scope: FunctionScope,
): { readonly offset: number; readonly align: number } {
  const bytes = bytesOf(buffer.dtype)
  const offset = scope.addressOf(buffer) + index.base * bytes
  // The immediate is added without wrapping around, so it cannot make up for a part that is negative.
  const isSigned = offset < 0 || isNegative(index.terms) || (pointer !== undefined && scope.isSigned(pointer))
  pushSum(isSigned ? offset : 0, index.terms, bytes, scope, pointer)
  return { offset: isSigned ? 0 : offset, align: bytes }
}

/** Whether a sum of axes may lie below zero. */
export const isNegative = (terms: ReadonlyMap<Axis, number>): boolean => [...terms.values()].some((k) => k < 0)

/** Appends constant + pointer + scale * (the sum of the terms). */
export function pushSum(
  constant: number,
  terms: ReadonlyMap<Axis, number>,
  scale: number,
  scope: FunctionScope,
  pointer?: Local,
): void {
  const { f } = scope
  let count = 0
  const added = (): void => {
    if (count++ > 0) f.op('i32.add')
  }
  if (pointer) {
    f.op('local.get', scope.local(pointer))
    added()
  }
  for (const [axis, k] of terms) {
    f.op('local.get', scope.axis(axis))
    if (k * scale !== 1) f.op('i32.const', k * scale).op('i32.mul')
    added()
  }
  if (constant !== 0 || count === 0) {
    f.op('i32.const', constant)
    added()
  }
}
