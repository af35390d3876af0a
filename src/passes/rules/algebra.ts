import type { TextRule } from './pattern'

/**
 * Algebra as text, by the op at the top of the left side. Every rule has a property test over both sides with ±0,
 * infinities, NaN and subnormals. `x y z` match any tensor, `c d` rank-0 constants; commutative operands match in both
 * orders.
 */
export const ALGEBRA: Readonly<Record<string, readonly TextRule[]>> = {
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
  neg: [{ rule: '-(-x) -> x', exact: true }],
  maximum: [{ rule: 'maximum(x, x) -> x', exact: true }],
  where: [{ rule: 'where(x, y, y) -> y', exact: true }],
  square: [{ rule: 'square(-x) -> square(x)', exact: true }],
}
