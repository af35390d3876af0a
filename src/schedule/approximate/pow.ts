import { call, type Scalar } from '../../ir/scalar'
import { abs, add, atLeast, atMost, both, copysign, differ, div, either, equal, head, less, mul, nearest, polynomial, select, sqrt, square, sub } from './arithmetic' // prettier-ignore
import { exp2 } from './exp'

/** Where an operand is a number that makes it simple, in any dtype. */
export function powOfConstant(x: Scalar, y: Scalar): Scalar | undefined {
  if (x.kind === 'const' && x.value === 2) return exp2(y)
  if (y.kind !== 'const') return undefined
  switch (y.value) {
    case 2:
      return square(x)
    case 3:
      return mul(square(x), x)
    case 4:
      return square(square(x))
    case -1:
      return div(1, x)
    case -2:
      return square(div(1, x))
    case 0.5:
      return root(x)
    case -0.5:
      return div(1, root(x))
  }
  return undefined
}
/** Unlike sqrt it is 0 at -0 and infinity at -infinity. */
const root = (x: Scalar): Scalar => select(equal(x, -Infinity), Infinity, add(sqrt(x), 0))

/** 2 / ln 2 and log2(1.5) with 12 digits, and the rest of them. */
const LOG2 = [2.884765625, 0.0006244567921385169] as const
const OF_CENTRE = [0.5849609375, 1.5632211898264359e-6] as const
/** atanh(s) = s + s³ P(s²) for |s| <= 0.102. */
const ATANH = [1 / 3, 1 / 5, 1 / 7, 1 / 9]

interface Pair {
  readonly high: Scalar
  readonly low: Scalar
}

/**
 * log2 of x > 0 in two parts, the first of 12 digits, by atanh((m - c) / (m + c)) for c of 1 or 1.5. Method: FreeBSD's
 * e_powf.c (Sun Microsystems 1993).
 */
function log2InParts(x: Scalar): Pair {
  const isSmall = less(x, 2 ** -126)
  const y = select(isSmall, mul(x, 2 ** 23), x)
  const mantissa = call('mantissa', y)
  const [isAboveOne, isLarge] = [less(Math.sqrt(1.5), mantissa), less(Math.sqrt(3), mantissa)]
  const m = select(isLarge, mul(mantissa, 0.5), mantissa)
  const e = add(sub(call('exponent', y), select(isSmall, 23, 0, x)), select(isLarge, 1, 0, x))
  const ofCentre = (value: number, one: number): Scalar => select(isLarge, one, select(isAboveOne, value, one, x))
  const c = ofCentre(1.5, 1)
  const [u, v] = [sub(m, c), add(m, c)]
  const reciprocal = div(1, v)
  const s = mul(u, reciprocal)
  const sHigh = head(s)
  const vHigh = head(v)
  const vLow = sub(m, sub(vHigh, c))
  const sLow = mul(sub(sub(u, mul(sHigh, vHigh)), mul(sHigh, vLow)), reciprocal)
  const z = square(s)
  const rest = add(sLow, mul(mul(polynomial(z, ATANH), z), s))
  // Both parts times 2 / ln 2, then exponent and centre in front.
  const high = mul(sHigh, LOG2[0])
  const low = add(mul(rest, LOG2[0] + LOG2[1]), mul(sHigh, LOG2[1]))
  const front = add(e, ofCentre(OF_CENTRE[0], 0))
  const sum = add(front, high)
  const lost = add(add(sub(high, sub(sum, front)), low), ofCentre(OF_CENTRE[1], 0))
  const first = head(add(sum, lost))
  return { high: first, low: sub(lost, sub(first, sum)) }
}

/** Float32 only: 2^(y log2|x|) with the product in two parts. */
export function pow(x: Scalar, y: Scalar): Scalar {
  const a = abs(x)
  const log = log2InParts(a)
  // Beyond this every power but that of 1 is 0 or infinite.
  const exponent = atMost(atLeast(y, -(2 ** 33)), 2 ** 33)
  const high = head(exponent)
  const low = add(mul(exponent, log.low), mul(sub(exponent, high), log.high))
  const value = exp2(mul(high, log.high), atMost(atLeast(low, -1), 1))

  const isZero = equal(a, 0)
  const isEdge = either(isZero, equal(a, Infinity))
  const isNegative = less(y, 0)
  const atEdge = select(differ(isNegative, isZero), 0, Infinity, x)
  const size = select(isEdge, atEdge, value)
  const isWhole = equal(nearest(y), y)
  const half = mul(y, 0.5)
  const isOdd = both(isWhole, differ(nearest(half), half))
  const signed = select(isOdd, copysign(size, x), size)
  const isComplex = both(both(less(x, 0), less(-Infinity, x)), differ(nearest(y), y))
  const isOpen = both(equal(a, 1), equal(abs(y), Infinity))
  const isNaN = either(isComplex, isOpen, differ(x, x), differ(y, y))
  return select(equal(y, 0), 1, select(isNaN, NaN, signed))
}
