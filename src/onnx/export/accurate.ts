import { broadcastShapes } from '../../ir/type'
import type { Value } from './value'
import type { GraphWriter } from './writer'

// Functions that ONNX has none of, in ops that it has, accurate where the plain formula is not.

/** Arithmetic over values that broadcast. */
function arithmetic(to: GraphWriter, like: Value) {
  const binary =
    (op: string, result?: 'bool') =>
    (a: Value, b: Value): Value =>
      to.compute(op, [a, b], broadcastShapes(a.shape, b.shape)!, {}, result)
  return {
    number: (value: number) => to.number(value, like.type),
    of: (op: string, x: Value) => to.compute(op, [x], x.shape),
    add: binary('Add'),
    sub: binary('Sub'),
    mul: binary('Mul'),
    div: binary('Div'),
    max: binary('Max'),
    min: binary('Min'),
    equal: binary('Equal', 'bool'),
    less: binary('Less', 'bool'),
    where: (c: Value, a: Value, b: Value) =>
      to.node('Where', [c, a, b], broadcastShapes(c.shape, broadcastShapes(a.shape, b.shape)!)!, {}, a.type),
  }
}

/** exp(x) - 1 from u = exp(x): (u - 1) x / log(u), in which both errors of u cancel. Source: Kahan, as in Higham 2002, 1.14.1. */
export function exponentialLess1(to: GraphWriter, [x]: readonly Value[]): Value {
  const { number, of, sub, mul, div, equal, less, where } = arithmetic(to, x!)
  const u = of('Exp', x!)
  const difference = sub(u, number(1))
  const quotient = div(mul(difference, x!), of('Log', u))
  const isSmall = equal(u, number(1))
  // Far below 0 the logarithm is that of 0, far above it is infinite; there is nothing to correct.
  const isNear = less(of('Abs', x!), number(16))
  return where(isSmall, x!, where(isNear, quotient, difference))
}

/** log(1 + x) from u = 1 + x: log(u) x / (u - 1), in which the error of u cancels. Source: Kahan, as in Goldberg 1991, theorem 4. */
export function logarithmOf1And(to: GraphWriter, [x]: readonly Value[]): Value {
  const { number, of, add, sub, mul, div, equal, less, where } = arithmetic(to, x!)
  const u = add(x!, number(1))
  const log = of('Log', u)
  const quotient = mul(log, div(x!, sub(u, number(1))))
  return where(equal(u, number(1)), x!, where(less(number(2 ** 30), u), log, quotient))
}

/**
 * 1 - erf(x), above 1/2 by a rational approximation of relative error below 1.2e-7. Source: Press et al. 1992, "Numerical
 * Recipes", 6.2, erfcc.
 */
export function complement(to: GraphWriter, [x]: readonly Value[]): Value {
  const { number, of, add, sub, mul, div, less, where } = arithmetic(to, x!)
  const plain = sub(number(1), of('Erf', x!))
  const t = div(number(1), add(number(1), mul(number(0.5), x!)))
  const series = TAIL.slice(1).reduce((sum, c) => add(mul(sum, t), number(c)), number(TAIL[0]!))
  const tail = mul(t, of('Exp', sub(series, mul(x!, x!))))
  return where(less(number(0.5), x!), tail, plain)
}
const TAIL = [
  0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368,
  -1.26551223,
]

/** sqrt(a² + b²) from the larger, so that no square overflows. */
export function hypotenuse(to: GraphWriter, [a, b]: readonly Value[]): Value {
  const { number, of, add, mul, div, max, min, equal, where } = arithmetic(to, a!)
  const [p, q] = [of('Abs', a!), of('Abs', b!)]
  const large = max(p, q)
  const ratio = div(min(p, q), large)
  const length = mul(large, of('Sqrt', add(number(1), mul(ratio, ratio))))
  const plain = where(equal(large, number(Infinity)), large, length)
  return where(equal(large, number(0)), large, plain)
}

/** The angle of the point (b, a), from the arc tangent of a quotient of at most 1. */
export function arctangent2(to: GraphWriter, [a, b]: readonly Value[]): Value {
  const { number, of, sub, div, max, min, equal, less, where } = arithmetic(to, a!)
  const [p, q] = [of('Abs', a!), of('Abs', b!)]
  const [small, large] = [min(p, q), max(p, q)]
  const ratio = where(equal(large, number(0)), large, where(equal(small, large), number(1), div(small, large)))
  const low = of('Atan', ratio)
  const steep = where(less(q, p), sub(number(Math.PI / 2), low), low)
  const full = where(less(b!, number(0)), sub(number(Math.PI), steep), steep)
  const back = of('Neg', full)
  // -0 is not less than 0, but its reciprocal is.
  return where(less(a!, number(0)), back, where(less(div(number(1), a!), number(0)), back, full))
}
