import { call, type Scalar } from '../../ir/scalar'
import { add, div, equal, mul, nearest, neg, oddPolynomial, select, sub } from './arithmetic'

// Float32 only. Results hold up to FAR; beyond it the host computes them: there x is so far from its multiple of pi / 2 in
// digits that a reduction would take a table of 2 / pi (Payne and Hanek 1983).

/** pi / 2 in parts of at most 11 digits, whose products with whole numbers up to 2^13 are exact, and the rest. */
const HALF_PI = [1.5703125, 0.0004837512969970703, 7.549533620476723e-8, 2.563344151596902e-12]

const SIN = [-0.16666659712791443, 0.00833306834101677, -0.0001980965753318742, 2.605742565719993e-6]
const TAN = [
  0.3333314061164856, 0.13339222967624664, 0.05337601900100708, 0.024556800723075867, 0.0029152636416256428,
  0.009507469832897186,
]

/** x - n pi / 2. Source: Cody and Waite, Software Manual for the Elementary Functions (1980). */
const reduced = (x: Scalar, n: Scalar): Scalar => HALF_PI.reduce((rest, part) => sub(rest, mul(n, part)), x)
/** Not -0, which would take the sign of a zero away. */
const wholeIn = (x: Scalar): Scalar => add(nearest(x), 0)
const isEven = (n: Scalar): Scalar => equal(mul(nearest(mul(n, 0.5)), 2), n)

/** By multiples of pi, so that one polynomial serves up to pi / 2. */
export function sin(x: Scalar): Scalar {
  const n = wholeIn(mul(x, 1 / Math.PI))
  const y = oddPolynomial(reduced(x, add(n, n)), SIN)
  return nearby(x, 'sin', select(isEven(n), y, neg(y)))
}

/** The sine of x + pi / 2, by odd multiples of pi / 2. */
export function cos(x: Scalar): Scalar {
  const n = nearest(sub(mul(x, 1 / Math.PI), 0.5))
  const y = oddPolynomial(reduced(x, add(add(n, n), 1)), SIN)
  return nearby(x, 'cos', select(isEven(n), neg(y), y))
}

export function tan(x: Scalar): Scalar {
  const n = wholeIn(mul(x, 2 / Math.PI))
  const y = oddPolynomial(reduced(x, n), TAN)
  return nearby(x, 'tan', select(isEven(n), y, div(-1, y)))
}

const nearby = (x: Scalar, fn: 'sin' | 'cos' | 'tan', value: Scalar): Scalar => call(fn, x, value)
