import type { Scalar } from '../../ir/scalar'
import {
  abs,
  add,
  atMost,
  copysign,
  div,
  head,
  less,
  mul,
  neg,
  polynomial,
  scale,
  select,
  square,
  sub,
} from './arithmetic'
import { exp, expOfSum } from './exp'

// Float32 only.

/** erf(x) = x + x P(x²) below 0.93. */
const SMALL = [
  0.12837915122509003, -0.37612488865852356, 0.11281730979681015, -0.026762966066598892, 0.004987352527678013,
  -0.0005959583795629442,
]
/** The same below 0.3. */
const SMALLER = [0.12837916612625122, -0.37612560391426086, 0.1127893477678299, -0.025962207466363907]
/** log(erfc(x)) = x P(x) from there to where erf is 1. */
const LARGE = [
  -1.1285144090652466, -0.6357181668281555, -0.10526201128959656, 0.02289004810154438, -0.0032149720937013626,
  0.0002139854768756777,
]
/** (1 + 2x) exp(x²) erfc(x) by (x - 2) / (x + 2), for x from 0 to 10.1. */
const SCALED = [
  1.2769783735275269, -0.09276391565799713, -0.16603095829486847, 0.16405458748340607, -0.05420750752091408,
  -0.008057902567088604, 0.008640462532639503, 0.0013140497030690312, -0.0012383160647004843, -0.00040474909474141896,
]

export function erf(x: Scalar): Scalar {
  const a = atMost(abs(x), 4.05)
  const near = add(mul(polynomial(square(a), SMALL), a), a)
  const far = sub(1, exp(mul(polynomial(a, LARGE), a)))
  return copysign(select(less(a, 0.93), near, far), x)
}

/** Form of the polynomial: Shepherd and Laframboise 1981, doi:10.1090/S0025-5718-1981-0595058-X. */
export function erfc(x: Scalar): Scalar {
  const a = atMost(abs(x), 10.5)
  const scaled = polynomial(div(sub(a, 2), add(a, 2)), SCALED)
  // The square in two parts: its rounding would be multiplied by it.
  const high = head(a)
  const { n, rest } = expOfSum(neg(square(high)), mul(sub(high, a), add(high, a)))
  const y = scale(div(add(mul(rest, scaled), scaled), add(add(a, a), 1)), n)
  const far = select(less(x, 0), sub(2, y), y)
  const near = sub(1, add(mul(polynomial(square(x), SMALLER), x), x))
  return select(less(a, 0.3), near, far)
}
