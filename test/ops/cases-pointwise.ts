import * as loom from 'gradloom'
import { sincT } from '../../src/ops/sinc'
import type { POINTWISE } from '../../src/ops/table-pointwise'
import { binary, comparison, integers, one, type OpCase, operand, PAIRS, unary, whole } from './operands'

type Known =
  | 'add'
  | 'sub'
  | 'mul'
  | 'div'
  | 'neg'
  | 'square'
  | 'pow'
  | 'exp'
  | 'log'
  | 'sqrt'
  | 'tanh'
  | 'sigmoid'
  | 'identity'
  | 'relu'
  | 'maximum'
  | 'less'
  | 'lessEqual'
  | 'equal'
  | 'notEqual'
  | 'where'
  | 'cast'
  | 'stopGradient'
type Name = Exclude<keyof typeof POINTWISE, Known>

const logical = (op: OpCase['build']) => [...binary(op, 'bool'), whole(op, 2, 'bool', 'bool')]
const bits = (op: OpCase['build']) => integers(op, 2)
const shifts = (op: OpCase['build']): OpCase[] => [
  { inputs: [operand([5, 7], 'wide', 'int32'), operand([7], 31, 'int32')], build: op },
  { inputs: [operand([5, 7], 256, 'uint8'), operand([5, 1], 8, 'uint8')], build: op },
]
const both = (op: OpCase['build'], domain: 'any' | 'nonZero' = 'any') => [...unary(op, domain), ...integers(op, 1)]

/** Large operands have a quotient that no finite difference moves over a whole number. */
const remainders = (op: OpCase['build']): OpCase[] => [
  ...binary(op, 'any', 'positive').slice(0, 6),
  {
    inputs: [operand([17, 19], 'unit'), operand([19], 'aboveOne')],
    build: (a, b) => op(loom.sub(a, loom.mul(b, 2)), b),
  },
]

/** Elementwise ops beyond the first ones. */
export const POINTWISE_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  floor: both(loom.floor),
  ceil: both(loom.ceil),
  trunc: both(loom.trunc),
  round: both(loom.round),
  sign: both(loom.sign, 'nonZero'),
  abs: both(loom.abs, 'nonZero'),
  expm1: unary(loom.expm1),
  log1p: unary(loom.log1p, 'positive'),
  log2: unary(loom.log2, 'positive'),
  log10: unary(loom.log10, 'positive'),
  exp2: unary(loom.exp2),
  sin: unary(loom.sin),
  cos: unary(loom.cos),
  tan: unary(loom.tan, 'unit'),
  asin: unary(loom.asin, 'unit'),
  acos: unary(loom.acos, 'unit'),
  atan: unary(loom.atan),
  sinh: unary(loom.sinh),
  cosh: unary(loom.cosh),
  asinh: unary(loom.asinh),
  acosh: unary((x) => loom.acosh(x), 'aboveOne'),
  atanh: unary(loom.atanh, 'unit'),
  erf: unary(loom.erf),
  erfc: unary(loom.erfc),
  rsqrt: unary(loom.rsqrt, 'positive'),
  reciprocal: unary(loom.reciprocal, 'nonZero'),
  cbrt: unary(loom.cbrt, 'nonZero'),
  // Near 0, around it and beyond, where the formula changes with the order.
  sinc: [...unary(loom.sinc), one([17, 19], (x) => loom.sinc(x), 'unit'), one([40], (x) => sincT(x, 3))],
  erfinv: unary(loom.erfinv, 'unit'),
  nextafter: binary(loom.nextafter),
  minimum: [...binary(loom.minimum, 'awayFromTies'), ...comparison(loom.minimum).slice(PAIRS.length)],
  power: binary((a, b) => loom.pow(a, b), 'positive', 'any'),
  atan2: binary(loom.atan2, 'nonZero'),
  hypot: binary(loom.hypot, 'nonZero'),
  floorDiv: [...binary(loom.floorDiv, 'any', 'nonZero'), ...integers(loom.floorDiv, 2)],
  mod: [...remainders(loom.mod), ...integers(loom.mod, 2)],
  fmod: [...remainders(loom.fmod), ...integers(loom.fmod, 2)],
  logAddExp: binary(loom.logAddExp),
  xlogy: binary(loom.xlogy, 'any', 'positive'),
  squaredDifference: [...binary(loom.squaredDifference), ...integers(loom.squaredDifference, 2)],
  clip: both((x) => loom.clip(x, x.dtype === 'uint8' ? 7 : -1, 20)).map((test, i) =>
    i % 2 ? test : { ...test, build: (x) => loom.clip(x, 0, 1) },
  ),
  logicalAnd: logical(loom.logicalAnd),
  logicalOr: logical(loom.logicalOr),
  logicalXor: logical(loom.logicalXor),
  logicalNot: [...unary(loom.logicalNot, 'bool')],
  bitwiseAnd: bits(loom.bitwiseAnd),
  bitwiseOr: bits(loom.bitwiseOr),
  bitwiseXor: bits(loom.bitwiseXor),
  // One amount for all lanes of a vector is an instruction of its own.
  leftShift: [...shifts(loom.leftShift), ...integers((x) => loom.leftShift(x, 5), 1)],
  rightShift: [...shifts(loom.rightShift), ...integers((x) => loom.rightShift(x, 3), 1)],
  bitwiseNot: integers(loom.bitwiseNot, 1),
  isNaN: both(loom.isNaN),
  isFinite: both(loom.isFinite),
  isInf: both(loom.isInf),
  softplus: unary(loom.softplus),
  logSigmoid: unary(loom.logSigmoid),
  relu6: [...unary(loom.relu6, 'nonZero'), ...integers(loom.relu6, 1)],
  leakyRelu: unary((x) => loom.leakyRelu(x), 'nonZero'),
  prelu: binary(loom.prelu, 'nonZero'),
  elu: unary((x) => loom.elu(x, { alpha: 0.7 }), 'nonZero'),
  selu: unary(loom.selu, 'nonZero'),
  celu: unary((x) => loom.celu(x, { alpha: 1.5 }), 'nonZero'),
  gelu: [...unary((x) => loom.gelu(x)), ...unary((x) => loom.gelu(x, { approximate: true }))],
  silu: unary(loom.silu),
  mish: unary(loom.mish),
  softsign: unary(loom.softsign, 'nonZero'),
  tanhShrink: unary(loom.tanhShrink),
  hardSigmoid: unary(loom.hardSigmoid),
  hardSilu: unary(loom.hardSilu),
  hardTanh: unary(loom.hardTanh, 'unit'),
  hardShrink: unary((x) => loom.hardShrink(x, { threshold: 0.2 }), 'nonZero'),
  softShrink: unary((x) => loom.softShrink(x, { threshold: 0.2 }), 'nonZero'),
  softmin: unary((x) => loom.softmin(x)).slice(1),
}
