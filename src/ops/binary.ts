import { callF, infixF, powerF } from '../ir/formula'
import { call, castTo, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { divT, mulT, negT, subT } from './arith'
import { elementwise, numbers } from './elementwise'
import { scalarConstant } from './leaf'
import { logicalNotOp } from './logic'
import { absT, roundOp } from './rounding'
import { andT, equalOp, isZero, lessEqualOp, lessT, whereT } from './select'
import { floats, like, logT, sigmoidOp } from './unary'

const zero = (t: Tensor): Tensor => like(0, t)

/** min(a, b), NaN if either is. At a tie the first operand takes the whole gradient. */
export const minimumOp = elementwise('minimum', {
  commutative: true,
  fn: ([a, b]) => call('min', a!, b!),
  vjp: ({ inputs: [a, b], cotangent }) => {
    const first = apply(lessEqualOp, [a!, b!], {})
    return [whereT(first, cotangent, zero(cotangent)), whereT(first, zero(cotangent), cotangent)]
  },
})
export const minimumT = (a: Tensor, b: Tensor): Tensor => apply(minimumOp, [a, b], {})

/** a to the b. The gradient in b is 0 where a is 0, and NaN for a negative base. */
export const powerOp = elementwise('power', {
  dtype: floats,
  fn: ([a, b]) => call('pow', a!, b!),
  vjp: ({ inputs: [a, b], output, cotangent }) => {
    const slope = mulT(b!, apply(powerOp, [a!, subT(b!, like(1, b!))], {}))
    // Of 0 and NaN only: elsewhere 0 times a power is 0, and its own slope is not.
    const isFlat = andT(isZero(b!), apply(logicalNotOp, [lessT(zero(a!), absT(a!))], {}))
    return [
      whereT(isFlat, zero(cotangent), mulT(cotangent, slope)),
      whereT(isZero(a!), zero(cotangent), mulT(cotangent, mulT(output, logT(a!)))),
    ]
  },
  formula: ([a, b]) => powerF(a!, b!),
})

/** The angle of the point (b, a); the gradient at the origin is 0. */
export const atan2Op = elementwise('atan2', {
  dtype: floats,
  fn: ([a, b]) => call('atan2', a!, b!),
  vjp: ({ inputs: [a, b], cotangent }) => {
    // Squares would overflow, or vanish, long before the length does.
    const length = apply(hypotOp, [a!, b!], {})
    const share = (x: Tensor): Tensor =>
      whereT(isZero(length), zero(cotangent), mulT(cotangent, divT(divT(x, length), length)))
    return [share(b!), negT(share(a!))]
  },
})

/** sqrt(a² + b²) without overflow; the gradient at the origin is 0. */
export const hypotOp = elementwise('hypot', {
  dtype: floats,
  fn: ([a, b]) => call('hypot', a!, b!),
  vjp: ({ inputs: [a, b], output: y, cotangent }) => {
    const share = (x: Tensor): Tensor => whereT(isZero(y), zero(cotangent), mulT(cotangent, divT(x, y)))
    return [share(a!), share(b!)]
  },
})

/** What is left of a, with the sign of a, and whether it has to move by one b to have the sign of b. */
function remainder(a: Scalar, b: Scalar): { readonly rest: Scalar; readonly isOff: Scalar } {
  const rest = call('rem', a, b)
  const nothing = literal(0, a.dtype)
  const differs = call('ne', call('lt', rest, nothing), call('lt', b, nothing))
  return { rest, isOff: call('and', call('ne', rest, nothing), differs) }
}

/** The remainder with the sign of b. */
function modulo(a: Scalar, b: Scalar): Scalar {
  const { rest, isOff } = remainder(a, b)
  return call('select', isOff, call('add', rest, b), rest)
}

/** From what the remainder leaves over, which is exact where a / b rounds up to a whole number. */
function floorDivision(a: Scalar, b: Scalar): Scalar {
  const { rest, isOff } = remainder(a, b)
  const whole = call('div', call('sub', a, rest), b)
  const quotient = call('select', isOff, call('sub', whole, literal(1, a.dtype)), whole)
  return call('select', call('eq', b, literal(0, a.dtype)), call('div', a, b), call('nearest', quotient))
}

/** The largest whole number not above a / b; an integer divided by 0 gives 0. */
export const floorDivOp = elementwise('floorDiv', {
  dtype: numbers,
  fn: ([a, b]) => {
    if (isFloat(a!.dtype)) return floorDivision(a!, b!)
    const wide = call('div', castTo('float64', a!), castTo('float64', b!))
    return castTo(a!.dtype, call('floor', wide))
  },
  vjp: null,
})

/** How often b was taken from a to leave a rest; a / b itself may be rounded up to a whole number. */
const quotient = (a: Tensor, rest: Tensor, b: Tensor): Tensor => apply(roundOp, [divT(subT(a, rest), b)], {})

/** a - b floorDiv(a, b): the remainder with the sign of b; an integer modulo 0 gives 0. */
export const modOp = elementwise('mod', {
  dtype: numbers,
  fn: ([a, b]) => modulo(a!, b!),
  vjp: ({ inputs: [a, b], output, cotangent }) => [cotangent, negT(mulT(cotangent, quotient(a!, output, b!)))],
})

/** The remainder with the sign of a, as in C. */
export const fmodOp = elementwise('fmod', {
  dtype: numbers,
  fn: ([a, b]) => call('rem', a!, b!),
  vjp: ({ inputs: [a, b], output, cotangent }) => [cotangent, negT(mulT(cotangent, quotient(a!, output, b!)))],
})

/** log(exp(a) + exp(b)) from the larger one, so that nothing overflows. */
export const logAddExpOp = elementwise('logAddExp', {
  commutative: true,
  dtype: floats,
  fn: ([a, b]) => {
    const apart = call('neg', call('abs', call('sub', a!, b!)))
    const sum = call('add', call('max', a!, b!), call('log1p', call('exp', apart)))
    // The difference of equal infinities is NaN.
    return call('select', call('eq', a!, b!), call('add', a!, literal(Math.LN2, a!.dtype)), sum)
  },
  vjp: ({ inputs: [a, b], cotangent }) => {
    // The difference of equal infinities is NaN; that of equal numbers is 0, and has a slope.
    const isLost = andT(apply(equalOp, [a!, b!], {}), apply(equalOp, [absT(a!), like(Infinity, a!)], {}))
    const share = (x: Tensor, y: Tensor): Tensor =>
      mulT(cotangent, apply(sigmoidOp, [whereT(isLost, like(0, x), subT(x, y))], {}))
    return [share(a!, b!), share(b!, a!)]
  },
})

/** x log(y), 0 where x is 0 whatever y is (but NaN). */
export const xlogyOp = elementwise('xlogy', {
  dtype: floats,
  fn: ([x, y]) => {
    const isNothing = call('and', call('eq', x!, literal(0, x!.dtype)), call('eq', y!, y!))
    return call('select', isNothing, literal(0, x!.dtype), call('mul', x!, call('log', y!)))
  },
  vjp: ({ inputs: [x, y], cotangent }) => [
    mulT(cotangent, logT(y!)),
    whereT(andT(isZero(x!), isZero(y!)), zero(cotangent), mulT(cotangent, divT(x!, y!))),
  ],
})

/** (a - b)². */
export const squaredDifferenceOp = elementwise('squaredDifference', {
  commutative: true,
  dtype: numbers,
  fn: ([a, b]) => {
    const d = call('sub', a!, b!)
    return call('mul', d, d)
  },
  vjp: ({ inputs: [a, b], cotangent }) => {
    const g = mulT(cotangent, mulT(like(2, a!), subT(a!, b!)))
    return [g, negT(g)]
  },
  formula: ([a, b]) => powerF(infixF('-', a!, b!), 2),
})

export interface ClipAttrs {
  readonly low: number
  readonly high: number
}
/** x within [low, high], NaN kept; the gradient is 1 on the interval, its ends included. */
export const clipOp = elementwise<'clip', ClipAttrs>('clip', {
  dtype: numbers,
  fn: ([x], { low, high }) => call('min', call('max', x!, literal(low, x!.dtype)), literal(high, x!.dtype)),
  vjp: ({ inputs: [x], cotangent, attrs: { low, high } }) => {
    const inside = andT(
      apply(lessEqualOp, [scalarConstant(low, x!.dtype), x!], {}),
      apply(lessEqualOp, [x!, scalarConstant(high, x!.dtype)], {}),
    )
    return [whereT(inside, cotangent, zero(cotangent))]
  },
  formula: ([x], { low, high }) => callF('clip', [x!], low, high),
})
export const clipT = (x: Tensor, low: number, high: number): Tensor => apply(clipOp, [x], { low, high })
