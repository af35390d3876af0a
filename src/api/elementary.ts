import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import {
  atan2Op,
  clipT,
  floorDivOp,
  fmodOp,
  hypotOp,
  logAddExpOp,
  modOp,
  squaredDifferenceOp,
  xlogyOp,
} from '../ops/binary'
import { checkValues, requireNumber } from '../ops/leaf'
import { promoted, promotedFloat } from '../ops/promote'
import { absOp, ceilOp, floorOp, roundOp, signOp, truncOp } from '../ops/rounding'
import {
  acosOp,
  acoshOp,
  asinOp,
  asinhOp,
  atanhOp,
  atanOp,
  cosOp,
  coshOp,
  erfcOp,
  erfOp,
  exp2Op,
  expm1Op,
  log10Op,
  log1pOp,
  log2Op,
  reciprocalOp,
  rsqrtOp,
  sinhOp,
  sinOp,
  tanOp,
} from '../ops/transcendental'
import { float, noBool, number } from './build'
import type { Binary, BinaryFloat } from './signatures'

// Unless said otherwise a function keeps the shape of its operand and takes integers as float32.

/** exp(x) - 1, exact near 0. */
export const expm1 = float(expm1Op)
/** log(1 + x), exact near 0; NaN below -1. */
export const log1p = float(log1pOp)
/** 2 to the x. */
export const exp2 = float(exp2Op)
/** Logarithm to base 2; of a negative number NaN. */
export const log2 = float(log2Op)
/** Logarithm to base 10; of a negative number NaN. */
export const log10 = float(log10Op)
/** 1 / sqrt(x); Infinity at 0. */
export const rsqrt = float(rsqrtOp)
/** 1 / x; ±Infinity at ±0. */
export const reciprocal = float(reciprocalOp)
/** Sine of an angle in radians. */
export const sin = float(sinOp)
/** Cosine of an angle in radians. */
export const cos = float(cosOp)
/** Tangent of an angle in radians. */
export const tan = float(tanOp)
/** Angle in radians whose sine is x; NaN outside [-1, 1]. */
export const asin = float(asinOp)
/** Angle in radians whose cosine is x; NaN outside [-1, 1]. */
export const acos = float(acosOp)
/** Angle in radians whose tangent is x. */
export const atan = float(atanOp)
/** Hyperbolic sine. */
export const sinh = float(sinhOp)
/** Hyperbolic cosine. */
export const cosh = float(coshOp)
/** Inverse of sinh. */
export const asinh = float(asinhOp)
/** Inverse of cosh; NaN below 1. */
export const acosh = float(acoshOp)
/** Inverse of tanh; ±Infinity at ±1, NaN beyond. */
export const atanh = float(atanhOp)
/** The error function, 2 / sqrt(pi) times the integral of exp(-t²) from 0 to x. */
export const erf = float(erfOp)
/** 1 - erf(x), with all digits where that is small. */
export const erfc = float(erfcOp)

/** |x|, same dtype; the gradient at 0 is 0. */
export const abs = number(absOp)
/** -1, 0 or 1, same dtype; NaN stays NaN. No gradient: it would be 0. */
export const sign = number(signOp)
/** The largest whole number not above x, same dtype. No gradient: it would be 0. */
export const floor = number(floorOp)
/** The least whole number not below x, same dtype. No gradient: it would be 0. */
export const ceil = number(ceilOp)
/** The whole number next to x towards 0, same dtype. No gradient: it would be 0. */
export const trunc = number(truncOp)
/** The nearest whole number, halves to the even one, same dtype. No gradient: it would be 0. */
export const round = number(roundOp)

/** x within [low, high], NaN kept, same shape and dtype. The gradient is 1 inside and at both ends, 0 outside. */
export function clip<X extends Tensor>(x: X, low: number, high: number): Tensor<X['shape'], X['dtype']> {
  noBool('clip', x)
  for (const bound of [low, high]) requireNumber('clip: a bound', bound, '; clipByValue takes tensors')
  if (!(low <= high)) throw new GraphError(`clip: the bounds must be ordered, they are ${low} and ${high}`)
  checkValues('clip: a bound', [low, high], x.dtype)
  return clipT(x, low, high)
}

/** The angle in radians of the point (x, y), called as atan2(y, x); operands broadcast. */
export const atan2 = promotedFloat(atan2Op) as BinaryFloat<'atan2'>
/** sqrt(a² + b²) without overflow, operands broadcast; the gradient at the origin is 0. */
export const hypot = promotedFloat(hypotOp) as BinaryFloat<'hypot'>
/** log(exp(a) + exp(b)), which does not overflow; operands broadcast. */
export const logAddExp = promotedFloat(logAddExpOp) as BinaryFloat<'logAddExp'>
/** x log(y), 0 where x is 0; operands broadcast. */
export const xlogy = promotedFloat(xlogyOp) as BinaryFloat<'xlogy'>
/** (a - b)², operands broadcast, dtypes promoted. */
export const squaredDifference = promoted(squaredDifferenceOp) as Binary<'squaredDifference'>
/**
 * The largest whole number not above a / b, operands broadcast, dtypes promoted: -5 by 3 is -2, as in Python. An integer by 0 gives 0.
 * No gradient: it would be 0.
 */
export const floorDiv = promoted(floorDivOp) as Binary<'floorDiv'>
/** a - b floorDiv(a, b), which has the sign of b: -5 modulo 3 is 1, as in Python. An integer modulo 0 gives 0. */
export const mod = promoted(modOp) as Binary<'mod'>
/** What is left of a after b was taken away as often as it fits, with the sign of a: -5 and 3 give -2, as in C. */
export const fmod = promoted(fmodOp) as Binary<'fmod'>
