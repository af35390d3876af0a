import type { BitFn, Fn, VectorFn } from '../../ir/functions'
import { PARITY, ROTATIONS } from '../../ir/threefry'
import { broadcastShapes } from '../../ir/type'
import { arctangent2, complement, exponentialLess1, hypotenuse, logarithmOf1And } from './accurate'
import { int, text, type Value, type ValueType } from './value'
import { type GraphWriter, isFloatValue } from './writer'

/** A scalar function over tensors that broadcast; `type` is that of the result. */
type Write = (to: GraphWriter, args: readonly Value[], type: ValueType) => Value

export const shapeOf = (args: readonly Value[]): number[] =>
  args.reduce<number[]>((shape, x) => broadcastShapes(shape, x.shape)!, [])

const same =
  (op: string): Write =>
  (to, args) =>
    to.compute(op, args, shapeOf(args))
const test =
  (op: string): Write =>
  (to, args) =>
    to.compute(op, args, shapeOf(args), {}, 'bool')
const not = (to: GraphWriter, x: Value): Value => to.node('Not', [x], x.shape)

/** Of conditions the larger is either, the smaller both. */
const extreme =
  (op: string, ofConditions: string): Write =>
  (to, args) =>
    to.compute(args[0]!.type === 'bool' ? ofConditions : op, args, shapeOf(args))

/** The second factor is a number. */
const scaledLog =
  (factor: number): Write =>
  (to, [x]) =>
    to.compute('Mul', [to.compute('Log', [x!], x!.shape), to.number(factor, x!.type)], x!.shape)

const bits =
  (op: string): Write =>
  (to, args) => {
    to.file.need(18)
    return to.compute(op, args, shapeOf(args))
  }

/** Bits moved as those of a number without a sign; counts are taken modulo 32. */
function shifted(to: GraphWriter, [x, count]: readonly Value[], direction: 'LEFT' | 'RIGHT'): Value {
  const held = bits('BitwiseAnd')(to, [to.cast(count!, 'int32'), to.number(31, 'int32')], 'int32')
  const operands = [to.cast(x!, 'uint32'), to.cast(held, 'uint32')]
  return to.node('BitShift', operands, shapeOf(operands), { direction: text(direction) })
}

/** Down with the sign kept: a negative number is turned over, moved, and turned back. */
function shiftedRight(to: GraphWriter, [x, count]: readonly Value[], type: ValueType): Value {
  const wide = to.cast(x!, 'int32')
  const sign = to.cast(to.compute('Less', [wide, to.number(0, 'int32')], wide.shape, {}, 'bool'), 'int32')
  const mask = to.node('Neg', [sign], sign.shape)
  const turned = bits('BitwiseXor')(to, [wide, mask], 'int32')
  const moved = to.cast(shifted(to, [turned, count!], 'RIGHT'), 'int32')
  return to.cast(bits('BitwiseXor')(to, [moved, mask], 'int32'), type)
}

function rotated(to: GraphWriter, x: Value, by: number): Value {
  const move = (count: number, direction: 'LEFT' | 'RIGHT'): Value =>
    to.node('BitShift', [to.cast(x, 'uint32'), to.number(count, 'uint32')], x.shape, { direction: text(direction) })
  const both = [move(by, 'LEFT'), move(32 - by, 'RIGHT')]
  return to.cast(bits('BitwiseOr')(to, both, 'uint32'), 'int32')
}

/** Both words of a block, in int32, which wraps; see `ir/threefry.ts`. */
function threefry(to: GraphWriter, [key0, key1, counter0, counter1]: readonly Value[], word: 0 | 1): Value {
  const add = (...list: readonly Value[]): Value => list.reduce((a, b) => same('Add')(to, [a, b], 'int32'))
  const xor = (a: Value, b: Value): Value => bits('BitwiseXor')(to, [a, b], 'int32')
  const third = xor(to.number(PARITY, 'int32'), xor(key0!, key1!))
  const keys = [key0!, key1!, third]
  let [a, b] = [add(counter0!, key0!), add(counter1!, key1!)]
  for (let round = 0; round < 20; round++) {
    a = add(a, b)
    b = xor(rotated(to, b, ROTATIONS[round % 8]!), a)
    if (round % 4 !== 3) continue
    const turn = (round + 1) / 4
    a = add(a, keys[turn % 3]!)
    b = add(b, keys[(turn + 1) % 3]!, to.number(turn, 'int32'))
  }
  return word === 0 ? a : b
}

/** Of whole numbers 0 where the divisor is 0, which kernels must not meet. */
function remainder(to: GraphWriter, [a, b]: readonly Value[]): Value {
  const shape = shapeOf([a!, b!])
  const mod = (divisor: Value): Value => to.compute('Mod', [a!, divisor], shape, { fmod: int(1) })
  if (isFloatValue(a!)) return mod(b!)
  const isZero = to.compute('Equal', [b!, to.number(0, b!.type)], b!.shape, {}, 'bool')
  return mod(select(to, [isZero, to.number(1, b!.type), b!]))
}

export function select(to: GraphWriter, [condition, a, b]: readonly Value[]): Value {
  const shape = shapeOf([condition!, a!, b!])
  if (a!.type !== 'bool') return to.node('Where', [condition, a, b], shape, {}, a!.type)
  return to.cast(to.node('Where', [condition, to.cast(a!, 'uint8'), to.cast(b!, 'uint8')], shape, {}, 'uint8'), 'bool')
}

function truncated(to: GraphWriter, [x]: readonly Value[]): Value {
  const isBelow = to.compute('Less', [x!, to.number(0, x!.type)], x!.shape, {}, 'bool')
  return select(to, [isBelow, to.node('Ceil', [x], x!.shape), to.node('Floor', [x], x!.shape)])
}

/** From floats to bytes by way of int32, of which the last bits are taken: runtimes would cut what is beyond. */
function converted(to: GraphWriter, [x]: readonly Value[], type: ValueType): Value {
  if (!isFloatValue(x!) || type !== 'uint8') return to.cast(x!, type)
  const whole = to.cast(x!, 'int32')
  return to.cast(to.node('Mod', [whole, to.number(256, 'int32')], whole.shape), 'uint8')
}

/** The scalar functions of ONNX; those that only schedules write are in no graph. */
export const FUNCTIONS: Readonly<Record<Exclude<Fn, BitFn | VectorFn>, Write>> = {
  add: (to, args, type) => (type === 'bool' ? to.node('Or', args, shapeOf(args)) : same('Add')(to, args, type)),
  sub: same('Sub'),
  mul: (to, args, type) => (type === 'bool' ? to.node('And', args, shapeOf(args)) : same('Mul')(to, args, type)),
  div: same('Div'),
  neg: same('Neg'),
  max: extreme('Max', 'Or'),
  min: extreme('Min', 'And'),
  abs: same('Abs'),
  sqrt: same('Sqrt'),
  exp: same('Exp'),
  log: same('Log'),
  pow: same('Pow'),
  tanh: same('Tanh'),
  sigmoid: same('Sigmoid'),
  expm1: exponentialLess1,
  log1p: logarithmOf1And,
  log2: scaledLog(Math.LOG2E),
  log10: scaledLog(Math.LOG10E),
  sin: same('Sin'),
  cos: same('Cos'),
  tan: same('Tan'),
  asin: same('Asin'),
  acos: same('Acos'),
  atan: same('Atan'),
  atan2: arctangent2,
  sinh: same('Sinh'),
  cosh: same('Cosh'),
  asinh: same('Asinh'),
  acosh: same('Acosh'),
  atanh: same('Atanh'),
  erf: same('Erf'),
  erfc: complement,
  hypot: hypotenuse,
  floor: same('Floor'),
  ceil: same('Ceil'),
  trunc: truncated,
  nearest: same('Round'),
  rem: remainder,
  bitAnd: bits('BitwiseAnd'),
  bitOr: bits('BitwiseOr'),
  bitXor: bits('BitwiseXor'),
  shiftLeft: (to, args, type) => to.cast(shifted(to, args, 'LEFT'), type),
  shiftRight: shiftedRight,
  rotateLeft: (to, [x, count], type) => {
    const back = same('Sub')(to, [to.number(32, 'int32'), count!], 'int32')
    const halves = [shifted(to, [x!, count!], 'LEFT'), shifted(to, [x!, back], 'RIGHT')]
    return to.cast(bits('BitwiseOr')(to, halves, 'uint32'), type)
  },
  lt: test('Less'),
  le: test('LessOrEqual'),
  eq: test('Equal'),
  ne: (to, args, type) => not(to, test('Equal')(to, args, type)),
  and: same('And'),
  or: same('Or'),
  not: (to, [x]) => not(to, x!),
  select,
  cast: converted,
  round: (_, [x]) => x!,
  threefry0: (to, args) => threefry(to, args, 0),
  threefry1: (to, args) => threefry(to, args, 1),
}
