import type { Scalar } from '../../ir/scalar'
import { abs, add, copysign, div, equal, either, less, mul, oddPolynomial, select, sqrt, square, sub } from './arithmetic' // prettier-ignore

const ATAN = [
  -0.33333152532577515, 0.19993767142295837, -0.14211003482341766, 0.10665786266326904, -0.07551728934049606,
  0.043205976486206055, -0.016364244744181633, 0.0029197600670158863,
]
const ASIN = [0.16666752099990845, 0.074953094124794, 0.04546914994716644, 0.024184778332710266, 0.042158305644989014]
/** Nearest float32 values, and what they miss. */
const HALF_PI = [1.5707963705062866, -4.371139000186241e-8] as const
const PI = [3.1415927410125732, -8.742278000372482e-8] as const

const less2 = (value: readonly [number, number], y: Scalar): Scalar => add(sub(value[1], y), value[0])

/** From |x| = 1 on by 1 / x. */
export function atan(x: Scalar): Scalar {
  const a = abs(x)
  const isSteep = less(1, a)
  const y = oddPolynomial(select(isSteep, div(1, a), a), ATAN)
  return copysign(select(isSteep, less2(HALF_PI, y), y), x)
}

/** The angle of (x, y) from the quotient of the smaller by the larger. */
export function atan2(y: Scalar, x: Scalar): Scalar {
  const [a, b] = [abs(y), abs(x)]
  const isSteep = less(b, a)
  const quotient = div(select(isSteep, b, a), select(isSteep, a, b))
  // Two zeros or infinities have the angle of the axes, or of the diagonal.
  const t = select(equal(a, b), select(equal(a, 0), 0, 1, x), quotient)
  const near = oddPolynomial(t, ATAN)
  const right = select(isSteep, less2(HALF_PI, near), near)
  // A zero has a sign as well.
  const isLeft = less(copysign(1, x), 0)
  return copysign(select(isLeft, less2(PI, right), right), y)
}

/** Up to 1/2 by a polynomial, beyond by asin(x) = pi / 2 - 2 asin(sqrt((1 - x) / 2)). */
export function asin(x: Scalar): Scalar {
  const { isSmall, y } = arcOf(x)
  return copysign(select(isSmall, y, less2(HALF_PI, add(y, y))), x)
}

export function acos(x: Scalar): Scalar {
  const { isSmall, y } = arcOf(x)
  const twice = add(y, y)
  const isLeft = less(x, 0)
  return select(isSmall, less2(HALF_PI, copysign(y, x)), select(isLeft, less2(PI, twice), twice))
}

function arcOf(x: Scalar): { readonly isSmall: Scalar; readonly y: Scalar } {
  const a = abs(x)
  const isSmall = less(a, 0.5)
  return { isSmall, y: oddPolynomial(select(isSmall, a, sqrt(mul(sub(1, a), 0.5))), ASIN) }
}

/** By the quotient of the smaller by the larger, whose square neither overflows nor vanishes where it matters. */
export function hypot(x: Scalar, y: Scalar): Scalar {
  const [a, b] = [abs(x), abs(y)]
  const isSteep = less(b, a)
  const large = select(isSteep, a, b)
  const value = mul(large, sqrt(add(square(div(select(isSteep, b, a), large)), 1)))
  const isInfinite = either(equal(a, Infinity), equal(b, Infinity))
  return select(isInfinite, Infinity, select(equal(large, 0), add(a, b), value))
}
