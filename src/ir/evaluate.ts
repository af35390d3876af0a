import { erf, erfc, nearest } from './special'
import type { VectorFn } from './functions'
import { threefry2x32 } from './threefry'
import { type Fn, type Scalar, walk } from './scalar'
import type { DType } from './type'

type Conversion = 'cast' | 'round'
/** Functions of one point whose value does not depend on dtypes. */
export type PointFn = Exclude<Fn, Conversion | VectorFn>

/** The meaning of each scalar function, in float64; what every target is held to. Conditions are 0 and 1. */
export const MEANING: Readonly<Record<PointFn, (...args: number[]) => number>> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  neg: (a) => -a,
  max: (a, b) => (a > b || a !== a ? a : b),
  min: (a, b) => (a < b || a !== a ? a : b),
  abs: (a) => Math.abs(a),
  sqrt: (a) => Math.sqrt(a),
  exp: (a) => Math.exp(a),
  log: (a) => Math.log(a),
  pow: (a, b) => (b === 0 ? 1 : a ** b),
  tanh: (a) => Math.tanh(a),
  sigmoid: (a) => (a >= 0 ? 1 / (1 + Math.exp(-a)) : Math.exp(a) / (1 + Math.exp(a))),
  expm1: (a) => Math.expm1(a),
  log1p: (a) => Math.log1p(a),
  log2: (a) => Math.log2(a),
  log10: (a) => Math.log10(a),
  sin: (a) => Math.sin(a),
  cos: (a) => Math.cos(a),
  tan: (a) => Math.tan(a),
  asin: (a) => Math.asin(a),
  acos: (a) => Math.acos(a),
  atan: (a) => Math.atan(a),
  atan2: (a, b) => Math.atan2(a, b),
  sinh: (a) => Math.sinh(a),
  cosh: (a) => Math.cosh(a),
  asinh: (a) => Math.asinh(a),
  acosh: (a) => Math.acosh(a),
  atanh: (a) => Math.atanh(a),
  erf: (a) => erf(a),
  erfc: (a) => erfc(a),
  hypot: (a, b) => Math.hypot(a, b),
  floor: (a) => Math.floor(a),
  ceil: (a) => Math.ceil(a),
  trunc: (a) => Math.trunc(a),
  nearest: (a) => nearest(a),
  rem: (a, b) => a % b,
  bitAnd: (a, b) => a & b,
  bitOr: (a, b) => a | b,
  bitXor: (a, b) => a ^ b,
  shiftLeft: (a, b) => a << b,
  shiftRight: (a, b) => a >> b,
  rotateLeft: (a, b) => (a << b) | (a >>> (32 - b)),
  lt: (a, b) => Number(a < b),
  le: (a, b) => Number(a <= b),
  eq: (a, b) => Number(a === b),
  ne: (a, b) => Number(a !== b),
  and: (a, b) => Number(a !== 0 && b !== 0),
  or: (a, b) => Number(a !== 0 || b !== 0),
  not: (a) => Number(a === 0),
  select: (c, a, b) => (c !== 0 ? a : b),
  // In two halves: either alone could leave the range.
  scale: (a, b) => a * 2 ** Math.floor(b / 2) * 2 ** (b - Math.floor(b / 2)),
  pow2: (a) => 2 ** a,
  exponent: exponentOf,
  mantissa: (a) => a / 2 ** exponentOf(a),
  copysign: (a, b) => (isBelow(a) === isBelow(b) ? a : -a),
  threefry0: (...words) => threefry2x32(...(words as Words))[0],
  threefry1: (...words) => threefry2x32(...(words as Words))[1],
}

type Words = [number, number, number, number]
const isBelow = (x: number): boolean => x < 0 || Object.is(x, -0)

function exponentOf(x: number): number {
  const near = Math.floor(Math.log2(Math.abs(x)))
  // The logarithm is rounded: next to a power of two it may be that of the power.
  return 2 ** near > Math.abs(x) ? near - 1 : near
}

/** The value of a scalar without loads and axes, rounded to the dtype of each call as a store would. */
export function evaluate(root: Scalar): number {
  const values = new Map<Scalar, number>()
  for (const s of walk([root])) values.set(s, valueOf(s, values))
  return values.get(root)!
}

function valueOf(s: Scalar, values: ReadonlyMap<Scalar, number>): number {
  if (s.kind === 'const') return s.value
  if (s.kind !== 'call') throw new Error(`evaluate: a ${s.kind} has no value by itself`)
  const args = s.args.map((a) => values.get(a)!)
  if (s.fn === 'cast' || s.fn === 'round') return convert(args[0]!, s.dtype)
  const value = meaningOf(s.fn)(...args)
  return s.dtype === 'int32' && s.fn === 'mul' ? Math.imul(args[0]!, args[1]!) : convert(value, s.dtype)
}

const meaningOf = (fn: Exclude<Fn, Conversion>): ((...args: number[]) => number) => {
  const meaning = (MEANING as Readonly<Partial<Record<Fn, (...args: number[]) => number>>>)[fn]
  if (!meaning) throw new Error(`evaluate: ${fn} is a function of vectors`)
  return meaning
}

/** Conversion as stores and casts do it: ints wrap after truncation, NaN gives 0, bool compares with 0. */
export function convert(value: number, dtype: DType): number {
  switch (dtype) {
    case 'float32':
      return Math.fround(value)
    case 'float64':
      return value
    case 'int32':
      return value | 0
    case 'uint8':
      return value & 255
    case 'bool':
      return Number(value !== 0)
  }
}
