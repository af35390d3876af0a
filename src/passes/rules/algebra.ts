import type { TextRule } from './pattern'

const FLOATS = ['float32', 'float64'] as const
// -x of a uint8 is 256 - x: no number has the other sign.
const SIGNED = [...FLOATS, 'int32'] as const

type Rules = Readonly<Record<string, readonly TextRule[]>>
const each = (ops: readonly string[], rule: (op: string) => string): Rules =>
  Object.fromEntries(ops.map((op) => [op, [{ rule: rule(op), exact: true, dtypes: FLOATS }]]))
const even = (...ops: readonly string[]): Rules => each(ops, (f) => `${f}(-x) -> ${f}(x)`)
const odd = (...ops: readonly string[]): Rules => each(ops, (f) => `${f}(-x) -> -${f}(x)`)
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
  ],
  sub: [
    { rule: 'x - 0 -> x', exact: true },
    { rule: '0 - x -> -x', exact: true, zeroSign: true },
    { rule: 'x - -y -> x + y', exact: true },
    { rule: 'x - x -> 0', exact: true, unsafe: true },
  ],
  mul: [
    { rule: 'x * 1 -> x', exact: true },
    { rule: 'x * -1 -> -x', exact: true },
    { rule: '-x * -y -> x * y', exact: true },
    { rule: '-x * y -> -(x * y)', exact: true },
    { rule: '(x * c) * d -> x * (c * d)', exact: false },
    { rule: '(x / c) * d -> x * (d / c)', exact: false },
    { rule: 'x * 0 -> 0', exact: true, zeroSign: true, unsafe: true },
  ],
  div: [
    { rule: 'x / 1 -> x', exact: true },
    { rule: '-x / y -> -(x / y)', exact: true },
    { rule: 'x / -y -> -(x / y)', exact: true },
    { rule: '(x * c) / d -> x * (c / d)', exact: false },
    { rule: '(x / c) / d -> x / (c * d)', exact: false },
    { rule: 'x / x -> 1', exact: true, unsafe: true },
  ],
  neg: [
    { rule: '-(-x) -> x', exact: true },
    { rule: '-(x - y) -> y - x', exact: true, zeroSign: true },
  ],
  maximum: [{ rule: 'maximum(x, x) -> x', exact: true }],
  where: [{ rule: 'where(x, y, y) -> y', exact: true }],
  minimum: [{ rule: 'minimum(x, x) -> x', exact: true }],
  square: [
    { rule: 'square(-x) -> square(x)', exact: true },
    { rule: 'square(abs(x)) -> square(x)', exact: true },
  ],
  abs: [
    { rule: 'abs(-x) -> abs(x)', exact: true, dtypes: SIGNED },
    { rule: 'abs(abs(x)) -> abs(x)', exact: true },
    { rule: 'abs(square(x)) -> square(x)', exact: true, dtypes: FLOATS },
  ],
  relu: [{ rule: 'relu(relu(x)) -> relu(x)', exact: true }],
  sign: [{ rule: 'sign(sign(x)) -> sign(x)', exact: true }],
  ...twice('floor', 'ceil', 'trunc', 'round'),
  ...even('cos', 'cosh'),
  ...odd('tanh', 'sin', 'tan', 'asin', 'atan', 'sinh', 'asinh', 'atanh', 'erf'),
}
