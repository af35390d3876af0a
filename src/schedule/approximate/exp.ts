import type { Scalar } from '../../ir/scalar'
import { abs, add, atLeast, atMost, copysign, div, less, mul, nearest, neg, negAbs, oddPolynomial, polynomial, pow2, scale, select, square, sub } from './arithmetic' // prettier-ignore

interface Format {
  /** ln 2 in two parts, the first of so few digits that its products with exponents are exact. */
  readonly ln2: readonly [high: number, low: number]
  /** Beyond these bounds exp is 0 or infinity. */
  readonly bounds: readonly [number, number]
  /** Below it exp - 1 is -1. */
  readonly lowest: number
  /** The least exponent of a normal number. */
  readonly leastExponent: number
}
const FLOAT32: Format = {
  ln2: [0.693359375, -2.1219444005469057e-4],
  bounds: [-104, 89],
  lowest: -20,
  leastExponent: -126,
}
const FLOAT64: Format = {
  ln2: [6.9314718036912381649e-1, 1.90821492927058770002e-10],
  bounds: [-746, 710],
  lowest: -40,
  leastExponent: -1022,
}
export const formatOf = (x: Scalar): Format => (x.dtype === 'float32' ? FLOAT32 : FLOAT64)

/** For exp as well: a loop that has both then has five constants less. */
const EXPM1 = [0.4999999701976776, 0.1666654348373413, 0.04166720062494278, 0.008366520516574383, 0.0013882520142942667]
const SINH = [0.1666671633720398, 0.008330272510647774, 0.0002037303347606212]
/** Of r coth(r / 2) = 2 + r² P(r²), as in FreeBSD's e_exp.c (Sun Microsystems 1993). */
const COTH = [
  1.66666666666666019037e-1, -2.77777777770155933842e-3, 6.61375632143793436117e-5, -1.6533902205465251539e-6,
  4.13813679705723846039e-8,
]

/** x = n ln 2 + r with n whole and |r| <= ln 2 / 2. Source: Cody and Waite, Software Manual (1980). */
function reduced(x: Scalar, ln2: readonly number[] = formatOf(x).ln2): { readonly n: Scalar; readonly r: Scalar } {
  const n = nearest(mul(x, Math.LOG2E))
  return { n, r: ln2.reduce((rest, part) => sub(rest, mul(n, part)), x) }
}

/** exp(r) - 1 for |r| <= ln 2 / 2, with all digits near 0. */
function expm1OfRest(r: Scalar): Scalar {
  if (r.dtype === 'float32') return add(mul(polynomial(r, EXPM1), square(r)), r)
  // 2r / (r coth(r / 2) - r), written as r and a small rest.
  const c = sub(r, mul(polynomial(square(r), COTH), square(r)))
  return add(r, div(mul(r, c), sub(2, c)))
}
const expOfRest = (r: Scalar): Scalar =>
  r.dtype === 'float32' ? add(mul(polynomial(r, EXPM1), square(r)), add(r, 1)) : add(expm1OfRest(r), 1)

export function exp(x: Scalar): Scalar {
  const { n, r } = reduced(bounded(x))
  return scale(expOfRest(r), n)
}
const bounded = (x: Scalar): Scalar => atMost(atLeast(x, formatOf(x).bounds[0]), formatOf(x).bounds[1])

/** exp(x + low) = 2^n (1 + rest), for small low, which x would lose. */
export function expOfSum(x: Scalar, low: Scalar): { readonly n: Scalar; readonly rest: Scalar } {
  const { n, r } = reduced(bounded(x))
  return { n, rest: expm1OfRest(add(r, low)) }
}

/** 2 to the power of x, or of x + low for small low. */
export function exp2(x: Scalar, low?: Scalar): Scalar {
  const [least, most] = x.dtype === 'float32' ? [-152, 130] : [-1078, 1026]
  const y = atMost(atLeast(x, least), most)
  const n = nearest(low ? add(y, low) : y)
  const rest = sub(y, n)
  return scale(expOfRest(mul(low ? add(rest, low) : rest, Math.LN2)), n)
}

/** exp(|x|) / 2, which is finite up to where sinh and cosh are. */
function halfExp(x: Scalar): Scalar {
  const { n, r } = reduced(atMost(abs(x), formatOf(x).bounds[1] + 1))
  return scale(expOfRest(r), sub(n, 1))
}

export function cosh(x: Scalar): Scalar {
  const e = halfExp(x)
  return add(e, div(0.25, e))
}

/** Float32 only: below 1 by a polynomial, as the difference loses digits there. */
export function sinh(x: Scalar): Scalar {
  const e = halfExp(x)
  return select(less(abs(x), 1), oddPolynomial(x, SINH), copysign(sub(e, div(0.25, e)), x))
}

/** exp(r) - 1 scaled, with what scaling does to the 1 put right where it is exact. */
export function expm1(x: Scalar): Scalar {
  const { bounds, lowest, leastExponent } = formatOf(x)
  const { n, r } = reduced(atMost(atLeast(x, lowest), bounds[1]))
  const one = sub(1, pow2(atLeast(neg(n), leastExponent)))
  return copysign(scale(add(expm1OfRest(r), one), n), x)
}

/** exp(-|x|), whose scaling needs one rounding, at its end, as no power is too large for it. */
function expBelow(x: Scalar): Scalar {
  const { n, r } = reduced(atLeast(negAbs(x), formatOf(x).bounds[0]))
  return mul(mul(expOfRest(r), pow2(add(n, LIFT))), 2 ** -LIFT)
}
/** Makes all powers of 2 normal down to the least number that exp gives. */
const LIFT = 64

/** By exp(-|x|), mirrored for negative x, so that neither tail loses digits. */
export function sigmoid(x: Scalar): Scalar {
  const e = expBelow(x)
  return div(select(less(x, 0), e, 1), add(e, 1))
}

/** -t / (2 + t) with t = exp(-2|x|) - 1, where one scaling does. */
export function tanh(x: Scalar): Scalar {
  const y = atLeast(negAbs(add(x, x)), formatOf(x).lowest)
  // What one constant loses the power makes small before it is added to something.
  const { n, r } = x.dtype === 'float32' ? reduced(y, [Math.LN2]) : reduced(y)
  const power = pow2(n)
  const rest = mul(expm1OfRest(r), power)
  const t = add(rest, sub(power, 1))
  if (x.dtype === 'float32') return copysign(div(t, add(t, 2)), x)
  // Near 1 by what is missing there, 2 exp(-2|x|) / (1 + exp(-2|x|)).
  const isNear = less(n, -2)
  const quotient = div(select(isNear, add(rest, power), t), add(t, 2))
  return copysign(select(isNear, sub(1, mul(quotient, 2)), quotient), x)
}
