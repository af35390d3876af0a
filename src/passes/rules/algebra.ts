import type { TextRule } from './pattern'

const FLOATS = ['float32', 'float64'] as const
// -x of a uint8 is 256 - x: no number has the other sign.
const SIGNED = [...FLOATS, 'int32'] as const
// Sums that wrap may be taken in any order, and nothing but a number is equal to itself.
const INTEGERS = ['int32', 'uint8'] as const
const BOOL = ['bool'] as const

type Rules = Readonly<Record<string, readonly TextRule[]>>
const each = (ops: readonly string[], rule: (op: string) => string): Rules =>
  Object.fromEntries(ops.map((op) => [op, [{ rule: rule(op), exact: true, dtypes: FLOATS }]]))
const even = (...ops: readonly string[]): Rules => each(ops, (f) => `${f}(-x) -> ${f}(x)`)
const odd = (...ops: readonly string[]): Rules => each(ops, (f) => `${f}(-x) -> -${f}(x)`)
/** What is not negative, for functions that change negative numbers only. */
const notNegative = (f: string): readonly TextRule[] =>
  ['exp', 'sigmoid', 'square'].map((g) => ({ rule: `${f}(${g}(x)) -> ${g}(x)`, exact: true, dtypes: FLOATS }))
const twice = (...ops: readonly string[]): Rules => each(ops, (f) => `${f}(${f}(x)) -> ${f}(x)`)

/**
 * Algebra as text, by the op at the top of the left side. Every rule has a property test over both sides with ±0,
 * infinities, NaN and subnormals. `x y z` match any tensor, `c d` rank-0 constants; commutative operands match in both
 * orders.
 */
export const ALGEBRA: Rules = {
  add: [
    { rule: 'x + 0 -> x', exact: true, zeroSign: true },
    { rule: 'x + -y -> x - y', exact: true },
    { rule: '(x + c) + d -> x + (c + d)', exact: true, dtypes: INTEGERS },
    { rule: '(x - c) + d -> x + (d - c)', exact: true, dtypes: INTEGERS },
    { rule: '(x - y) + y -> x', exact: true, dtypes: INTEGERS },
  ],
  sub: [
    { rule: 'x - 0 -> x', exact: true },
    { rule: '0 - x -> -x', exact: true, zeroSign: true },
    { rule: 'x - -y -> x + y', exact: true },
    { rule: '-x - y -> -(x + y)', exact: true, zeroSign: true },
    { rule: '(x + c) - d -> x + (c - d)', exact: true, dtypes: INTEGERS },
    { rule: '(x - c) - d -> x - (c + d)', exact: true, dtypes: INTEGERS },
    { rule: '(x + y) - y -> x', exact: true, dtypes: INTEGERS },
    { rule: 'x - (x - y) -> y', exact: true, dtypes: INTEGERS },
    { rule: 'x - x -> 0', exact: true, dtypes: INTEGERS },
    { rule: 'x - x -> 0', exact: true, unsafe: true, dtypes: FLOATS },
  ],
  mul: [
    { rule: 'x * 1 -> x', exact: true },
    { rule: 'x * -1 -> -x', exact: true },
    { rule: '-x * -y -> x * y', exact: true },
    { rule: '-x * y -> -(x * y)', exact: true },
    { rule: '(x * c) * d -> x * (c * d)', exact: false },
    { rule: '(x / c) * d -> x * (d / c)', exact: false },
    { rule: 'x * x -> square(x)', exact: true },
    { rule: 'abs(x) * abs(y) -> abs(x * y)', exact: true, dtypes: FLOATS },
    { rule: '(c / x) * d -> (c * d) / x', exact: false },
    { rule: 'x * 0 -> 0', exact: true, dtypes: INTEGERS },
    { rule: 'x * 0 -> 0', exact: true, zeroSign: true, unsafe: true, dtypes: FLOATS },
  ],
  div: [
    { rule: 'x / 1 -> x', exact: true },
    { rule: '-x / y -> -(x / y)', exact: true },
    { rule: 'x / -y -> -(x / y)', exact: true },
    { rule: '(x * c) / d -> x * (c / d)', exact: false },
    { rule: '(x / c) / d -> x / (c * d)', exact: false },
    { rule: 'c / (x * d) -> (c / d) / x', exact: false },
    { rule: '(c / x) / d -> (c / d) / x', exact: false },
    { rule: 'c / (x / d) -> (c * d) / x', exact: false },
    { rule: 'c / (d / x) -> x * (c / d)', exact: false },
    { rule: 'abs(x) / abs(y) -> abs(x / y)', exact: true },
    { rule: 'x / x -> 1', exact: true, unsafe: true },
    { rule: 'x / abs(x) -> sign(x)', exact: true, unsafe: true },
  ],
  neg: [
    { rule: '-(-x) -> x', exact: true },
    { rule: '-(x - y) -> y - x', exact: true, zeroSign: true },
    { rule: '-(x + c) -> -c - x', exact: true, zeroSign: true },
    { rule: '-(x * c) -> x * -c', exact: true },
    { rule: '-(x / c) -> x / -c', exact: true },
    { rule: '-(c / x) -> -c / x', exact: true },
    { rule: '-maximum(-x, -y) -> minimum(x, y)', exact: true, zeroSign: true, dtypes: FLOATS },
    { rule: '-minimum(-x, -y) -> maximum(x, y)', exact: true, zeroSign: true, dtypes: FLOATS },
  ],
  maximum: [
    { rule: 'maximum(x, x) -> x', exact: true },
    { rule: 'maximum(x, maximum(x, y)) -> maximum(x, y)', exact: true, zeroSign: true },
    { rule: 'maximum(x, 0) -> relu(x)', exact: true, zeroSign: true },
  ],
  minimum: [
    { rule: 'minimum(x, x) -> x', exact: true },
    { rule: 'minimum(x, minimum(x, y)) -> minimum(x, y)', exact: true },
  ],
  where: [
    { rule: 'where(x, y, y) -> y', exact: true },
    { rule: 'where(1, x, y) -> x', exact: true },
    { rule: 'where(0, x, y) -> y', exact: true },
    { rule: 'where(x, where(x, y, z), w) -> where(x, y, w)', exact: true },
    { rule: 'where(x, y, where(x, z, w)) -> where(x, y, w)', exact: true },
    { rule: 'where(logicalNot(x), y, z) -> where(x, z, y)', exact: true },
    { rule: 'where(x, 1, 0) -> x', exact: true, dtypes: BOOL },
    { rule: 'where(x, 0, 1) -> logicalNot(x)', exact: true, dtypes: BOOL },
  ],
  less: [{ rule: 'less(x, x) -> 0', exact: true }],
  lessEqual: [{ rule: 'lessEqual(x, x) -> 1', exact: true, dtypes: [...INTEGERS, ...BOOL] }],
  equal: [
    { rule: 'equal(x, x) -> 1', exact: true, dtypes: [...INTEGERS, ...BOOL] },
    { rule: 'equal(x, 1) -> x', exact: true, dtypes: BOOL },
    { rule: 'equal(x, 0) -> logicalNot(x)', exact: true, dtypes: BOOL },
    { rule: 'equal(-x, -y) -> equal(x, y)', exact: true },
  ],
  notEqual: [
    { rule: 'notEqual(x, x) -> 0', exact: true, dtypes: [...INTEGERS, ...BOOL] },
    { rule: 'notEqual(x, 0) -> x', exact: true, dtypes: BOOL },
    { rule: 'notEqual(x, 1) -> logicalNot(x)', exact: true, dtypes: BOOL },
    { rule: 'notEqual(-x, -y) -> notEqual(x, y)', exact: true },
  ],
  logicalNot: [
    { rule: 'logicalNot(logicalNot(x)) -> x', exact: true },
    { rule: 'logicalNot(equal(x, y)) -> notEqual(x, y)', exact: true },
    { rule: 'logicalNot(notEqual(x, y)) -> equal(x, y)', exact: true },
  ],
  logicalAnd: [
    { rule: 'logicalAnd(x, x) -> x', exact: true },
    { rule: 'logicalAnd(x, 1) -> x', exact: true },
    { rule: 'logicalAnd(x, 0) -> 0', exact: true },
  ],
  logicalOr: [
    { rule: 'logicalOr(x, x) -> x', exact: true },
    { rule: 'logicalOr(x, 0) -> x', exact: true },
    { rule: 'logicalOr(x, 1) -> 1', exact: true },
  ],
  logicalXor: [
    { rule: 'logicalXor(x, x) -> 0', exact: true },
    { rule: 'logicalXor(x, 0) -> x', exact: true },
    { rule: 'logicalXor(x, 1) -> logicalNot(x)', exact: true },
  ],
  bitwiseNot: [{ rule: 'bitwiseNot(bitwiseNot(x)) -> x', exact: true }],
  bitwiseAnd: [
    { rule: 'bitwiseAnd(x, x) -> x', exact: true },
    { rule: 'bitwiseAnd(x, 0) -> 0', exact: true },
  ],
  bitwiseOr: [
    { rule: 'bitwiseOr(x, x) -> x', exact: true },
    { rule: 'bitwiseOr(x, 0) -> x', exact: true },
  ],
  bitwiseXor: [
    { rule: 'bitwiseXor(x, x) -> 0', exact: true },
    { rule: 'bitwiseXor(x, 0) -> x', exact: true },
  ],
  leftShift: [{ rule: 'leftShift(x, 0) -> x', exact: true }],
  rightShift: [{ rule: 'rightShift(x, 0) -> x', exact: true }],
  reciprocal: [{ rule: 'reciprocal(x) -> 1 / x', exact: true }],
  square: [
    { rule: 'square(-x) -> square(x)', exact: true },
    { rule: 'square(abs(x)) -> square(x)', exact: true },
  ],
  abs: [
    { rule: 'abs(-x) -> abs(x)', exact: true, dtypes: SIGNED },
    { rule: 'abs(abs(x)) -> abs(x)', exact: true },
    { rule: 'abs(relu(x)) -> relu(x)', exact: true, zeroSign: true },
    ...notNegative('abs'),
  ],
  relu: [
    { rule: 'relu(relu(x)) -> relu(x)', exact: true },
    { rule: 'relu(abs(x)) -> abs(x)', exact: true, dtypes: FLOATS },
    ...notNegative('relu'),
  ],
  sign: [
    { rule: 'sign(sign(x)) -> sign(x)', exact: true },
    { rule: 'sign(-x) -> -sign(x)', exact: true, dtypes: FLOATS },
  ],
  ...twice('floor', 'ceil', 'trunc', 'round'),
  ...even('cos', 'cosh', 'isNaN', 'isInf', 'isFinite'),
  ...odd('tanh', 'sin', 'tan', 'asin', 'atan', 'sinh', 'asinh', 'atanh', 'erf'),
}
