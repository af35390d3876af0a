import { call, type Scalar } from '../../ir/scalar'
import { abs, add, copysign, div, equal, less, mul, polynomial, select, sqrt, square, sub } from './arithmetic'
import { formatOf } from './exp'

const LOG = [
  0.3333333134651184, -0.2500081956386566, 0.20001226663589478, -0.16623356938362122, 0.14201760292053223,
  -0.13160189986228943, 0.12761561572551727, -0.07634459435939789,
]
/** Of log((1 + s) / (1 - s)) = 2s + s s² P(s²), as in FreeBSD's e_log.c (Sun Microsystems 1993). */
const LOG_OF_QUOTIENT = [
  6.66666666666673513e-1, 3.999999999940941908e-1, 2.857142874366239149e-1, 2.222219843214978396e-1,
  1.818357216161805012e-1, 1.531383769920937332e-1, 1.479819860511658591e-1,
]

/** log10(2) in two parts, the first of so few digits that its products with exponents are exact. */
const LOG10_2 = {
  float32: [0.301025390625, 4.605039066518657e-6],
  float64: [3.01029995663611771306e-1, 3.69423907715893078616e-13],
} as const

/** x = 2^e m with m between sqrt(1/2) and sqrt(2), for x > 0. */
function parted(x: Scalar): { readonly e: Scalar; readonly m: Scalar } {
  const [least, lift] = x.dtype === 'float32' ? [2 ** -126, 23] : [2 ** -1022, 54]
  const isSmall = less(x, least)
  const y = select(isSmall, mul(x, 2 ** lift), x)
  const m = call('mantissa', y)
  const isLarge = less(Math.SQRT2, m)
  const e = add(sub(call('exponent', y), select(isSmall, lift, 0, x)), select(isLarge, 1, 0, x))
  return { e, m: select(isLarge, mul(m, 0.5), m) }
}

/** The results where x is no positive number: -infinity at 0, NaN below, and infinity and NaN themselves. */
function withEdges(x: Scalar, value: Scalar): Scalar {
  const atEdge = select(equal(x, 0), -Infinity, NaN, x)
  return select(less(0, x), select(less(x, Infinity), value, x), atEdge)
}

/** log x = e ln 2 + log m. */
export function log(x: Scalar): Scalar {
  const { e, m } = parted(x)
  const f = sub(m, 1)
  const [high, low] = formatOf(x).ln2
  const half = mul(square(f), 0.5)
  return withEdges(x, add(add(sub(add(logRest(f), mul(e, low)), half), f), mul(e, high)))
}

/** log(1 + f) - f + f² / 2 for 1 + f between sqrt(1/2) and sqrt(2). */
function logRest(f: Scalar): Scalar {
  if (f.dtype === 'float32') return mul(mul(polynomial(f, LOG), f), square(f))
  const s = div(f, add(f, 2))
  const z = square(s)
  return mul(s, add(mul(square(f), 0.5), mul(polynomial(z, LOG_OF_QUOTIENT), z)))
}

/** Whole at powers of two. */
export function log2(x: Scalar): Scalar {
  const { e, m } = parted(x)
  return withEdges(x, add(mul(logOfRest(m), Math.LOG2E), e))
}

export function log10(x: Scalar): Scalar {
  const { e, m } = parted(x)
  const [high, low] = LOG10_2[x.dtype as 'float32' | 'float64']
  return withEdges(x, add(add(mul(logOfRest(m), Math.LOG10E), mul(e, low)), mul(e, high)))
}

function logOfRest(m: Scalar): Scalar {
  const f = sub(m, 1)
  return add(sub(logRest(f), mul(square(f), 0.5)), f)
}

/** log(1 + x) with what rounding 1 + x lost. Source: Higham, Accuracy and Stability of Numerical Algorithms, 1.14. */
export function log1p(x: Scalar): Scalar {
  const { sum, lost } = onePlus(x)
  return copysign(add(log(sum), lost), x)
}

function onePlus(x: Scalar): { readonly sum: Scalar; readonly lost: Scalar } {
  const sum = add(x, 1)
  const lost = div(sub(x, sub(sum, 1)), sum)
  return { sum, lost: select(equal(lost, lost), lost, 0) }
}

/** log(1 + y), or from 2^k on, where y is no better than 2x and its square may be infinite, log(2x). */
function logOfGrowing(x: Scalar, y: Scalar): Scalar {
  const isLarge = less(x.dtype === 'float32' ? 2 ** 13 : 2 ** 28, x)
  const { sum, lost } = onePlus(y)
  return add(log(select(isLarge, x, sum)), select(isLarge, Math.LN2, lost))
}

/** These three by log1p, as in FreeBSD's s_asinh.c, e_acosh.c and e_atanh.c (Sun Microsystems 1993). */
export function asinh(x: Scalar): Scalar {
  const a = abs(x)
  const z = square(a)
  return copysign(logOfGrowing(a, add(a, div(z, add(sqrt(add(z, 1)), 1)))), x)
}
export function acosh(x: Scalar): Scalar {
  const t = sub(x, 1)
  return select(less(x, 1), NaN, logOfGrowing(x, add(t, sqrt(mul(t, add(t, 2))))), x)
}
export function atanh(x: Scalar): Scalar {
  const a = abs(x)
  return copysign(mul(log1p(div(mul(a, 2), sub(1, a))), 0.5), x)
}
