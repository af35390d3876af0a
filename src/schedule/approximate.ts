import type { Fn } from '../ir/functions'
import { call, literal, type Scalar } from '../ir/scalar'
import { type FlatKernel, mapKernel } from './flat'

/**
 * Float32 functions as arithmetic in float32, for targets that have it in vectors. Polynomials are fitted by least squares
 * reweighted towards the least largest error. Reduction and constants of ln 2 in two parts: Cody and Waite, Software
 * Manual for the Elementary Functions (1980). Errors in `docs/numerics.md`.
 */
export function approximateMath(kernel: FlatKernel): FlatKernel {
  return mapKernel(kernel, (s) =>
    s.kind === 'call' && s.dtype === 'float32' ? FLOAT32[s.fn]?.(s.args[0]!) : undefined,
  )
}

const f32 = (value: number): Scalar => literal(value, 'float32')
const add = (a: Scalar, b: Scalar): Scalar => call('add', a, b)
const sub = (a: Scalar, b: Scalar): Scalar => call('sub', a, b)
const mul = (a: Scalar, b: Scalar): Scalar => call('mul', a, b)
const div = (a: Scalar, b: Scalar): Scalar => call('div', a, b)
const select = (c: Scalar, a: Scalar, b: Scalar): Scalar => call('select', c, a, b)
/** Lowest power first. */
const polynomial = (x: Scalar, coefficients: readonly number[]): Scalar =>
  coefficients.slice(0, -1).reduceRight((sum, c) => add(mul(sum, x), f32(c)), f32(coefficients.at(-1)!))

const LN2_HIGH = 0.693359375
const LN2_LOW = -2.1219444005469057e-4
const EXP = [0.4999999403953552, 0.1666652113199234, 0.04166838899254799, 0.008368716575205326, 0.0013814597623422742]
const EXPM1 = [0.4999999701976776, 0.1666654348373413, 0.04166720062494278, 0.008366520516574383, 0.0013882520142942667]
const LOG = [
  0.3333333134651184, -0.2500081956386566, 0.20001226663589478, -0.16623356938362122, 0.14201760292053223,
  -0.13160189986228943, 0.12761561572551727, -0.07634459435939789,
]

/** x = n ln 2 + r with n whole and |r| <= ln 2 / 2. */
function reduced(x: Scalar): { readonly n: Scalar; readonly r: Scalar } {
  const n = call('nearest', mul(x, f32(Math.LOG2E)))
  return { n, r: sub(sub(x, mul(n, f32(LN2_HIGH))), mul(n, f32(LN2_LOW))) }
}

/** Beyond these bounds the result is 0 or infinity. */
function exp(x: Scalar): Scalar {
  const { n, r } = reduced(call('min', call('max', x, f32(-104)), f32(89)))
  return call('scale', add(mul(polynomial(r, EXP), mul(r, r)), add(r, f32(1))), n)
}

/** exp(r) - 1 scaled, with what scaling does to the 1 put right where it is exact. */
function expm1(x: Scalar): Scalar {
  const { n, r } = reduced(call('min', call('max', x, f32(-18)), f32(89)))
  const q = add(mul(polynomial(r, EXPM1), mul(r, r)), r)
  const one = sub(f32(1), call('pow2', call('max', call('neg', n), f32(-126))))
  return call('scale', add(q, one), n)
}

/** The same for x <= 0, where one scaling does. */
function expm1OfNegative(x: Scalar): Scalar {
  const { n, r } = reduced(call('max', x, f32(-20)))
  const q = add(mul(polynomial(r, EXPM1), mul(r, r)), r)
  const power = call('pow2', n)
  return add(mul(q, power), sub(power, f32(1)))
}

/** log x = e ln 2 + log m with m between sqrt(1/2) and sqrt(2). */
function log(x: Scalar): Scalar {
  const isSmall = call('lt', x, f32(1.1754943508222875e-38))
  const y = select(isSmall, mul(x, f32(2 ** 23)), x)
  const m = call('mantissa', y)
  const isLarge = call('lt', f32(Math.SQRT2), m)
  const e = add(sub(call('exponent', y), select(isSmall, f32(23), f32(0))), select(isLarge, f32(1), f32(0)))
  const f = sub(select(isLarge, mul(m, f32(0.5)), m), f32(1))
  const square = mul(f, f)
  const tail = sub(add(mul(mul(polynomial(f, LOG), f), square), mul(e, f32(LN2_LOW))), mul(square, f32(0.5)))
  const value = add(add(tail, f), mul(e, f32(LN2_HIGH)))
  const atEdge = select(call('eq', x, f32(0)), f32(-Infinity), f32(NaN))
  const isFinite = call('lt', x, f32(Infinity))
  return select(call('lt', f32(0), x), select(isFinite, value, x), atEdge)
}

/** log(1 + x) with what rounding 1 + x lost. Source: Higham, Accuracy and Stability of Numerical Algorithms, 1.14. */
function log1p(x: Scalar): Scalar {
  const u = add(x, f32(1))
  const lost = div(sub(x, sub(u, f32(1))), u)
  return add(log(u), select(call('eq', lost, lost), lost, f32(0)))
}

/** By exp(-|x|), mirrored for negative x, so that neither tail loses digits. */
function sigmoid(x: Scalar): Scalar {
  const e = exp(call('neg', call('abs', x)))
  const right = div(f32(1), add(e, f32(1)))
  return select(call('lt', x, f32(0)), mul(e, right), right)
}

/** -t / (2 + t) with t = exp(-2|x|) - 1, and the sign of x. */
function tanh(x: Scalar): Scalar {
  const t = expm1OfNegative(mul(call('abs', x), f32(-2)))
  const y = div(t, add(t, f32(2)))
  return select(call('lt', x, f32(0)), y, call('neg', y))
}

const FLOAT32: Readonly<Partial<Record<Fn, (x: Scalar) => Scalar>>> = { exp, expm1, log, log1p, sigmoid, tanh }
