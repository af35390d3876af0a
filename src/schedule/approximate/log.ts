import { call, type Scalar } from '../../ir/scalar'
import { add, div, equal, less, mul, polynomial, select, square, sub } from './arithmetic'
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

/** log(1 + x) with what rounding 1 + x lost. Source: Higham, Accuracy and Stability of Numerical Algorithms, 1.14. */
export function log1p(x: Scalar): Scalar {
  const u = add(x, 1)
  const lost = div(sub(x, sub(u, 1)), u)
  return add(log(u), select(equal(lost, lost), lost, 0))
}
