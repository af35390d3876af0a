import { GraphError } from '../ir/errors'
import type { Shape } from '../ir/shapes'
import { apply, type Arg, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { addT, divT, mulT, negT, subT } from '../ops/arith'
import { clipT, logAddExpOp } from '../ops/binary'
import { erfinvOp } from '../ops/erfinv'
import { toTensor } from '../ops/leaf'
import { castTensor, toFloat } from '../ops/promote'
import { floorOp, truncOp } from '../ops/rounding'
import { sincOp } from '../ops/sinc'
import { cbrtOp, exp2Op, log1pOp } from '../ops/transcendental'
import { identityT, like, logT } from '../ops/unary'
import { alike, asFloat, float, noBool } from './build'
import type { BinaryFloat, Floating, Unary, UnaryFloat } from './signatures'

// Unless said otherwise a function keeps the shape of its operand and takes integers as float32.

/** The real cube root, also of negative numbers; its gradient at 0 is Infinity. */
export const cbrt = float(cbrtOp)
/** sin(pi x) / (pi x), 1 at 0; smooth there, with gradients of any order. */
export const sinc = float(sincOp, { order: 0 })
/** The number whose `erf` is x: ±Infinity at ±1, NaN beyond. Source: Giles 2010, "Approximating the erfinv function". */
export const erfinv = float(erfinvOp)
/** log(x / (1 - x)), the inverse of sigmoid, exact in both tails: -Infinity at 0, Infinity at 1, NaN outside. */
export const logit = ((x: Tensor) => {
  const p = asFloat('logit', x)
  return subT(logT(p), apply(log1pOp, [negT(p)], {}))
}) as UnaryFloat
/** An angle in degrees as radians: x pi / 180. */
export const deg2rad = scaled('deg2rad', Math.PI / 180)
/** An angle in radians as degrees: x 180 / pi. */
export const rad2deg = scaled('rad2deg', 180 / Math.PI)

function scaled(op: string, factor: number): UnaryFloat {
  return ((x: Tensor) => {
    const value = asFloat(op, x)
    return mulT(value, like(factor, value))
  }) as UnaryFloat
}

/** The same value, same dtype: a tensor of its own, with a gradient of 1. */
export const identity = ((x: Tensor) => {
  requireTensor('identity', x)
  return identityT(x)
}) as Unary
/** What x - trunc(x) leaves, with the sign of x, same dtype: of -1.25 it is -0.25. The gradient is 1, at whole numbers too. */
export const frac = ((x: Tensor) => {
  const value = noBool('frac', x)
  return subT(value, apply(truncOp, [value], {}))
}) as Unary

/** log2(2^a + 2^b), which does not overflow; operands broadcast. */
export const logAddExp2 = ((a: Arg, b: Arg) => {
  const [p, q] = alike('logAddExp2', [a, b]).map((x) => {
    const value = toFloat(x)
    return mulT(value, like(Math.LN2, value))
  }) as [Tensor, Tensor]
  return mulT(apply(logAddExpOp, [p, q], {}), like(Math.LOG2E, p))
}) as BinaryFloat<'logAddExp2'>

/** a + w (b - a), operands broadcast, dtypes promoted; integers become float32. At w = 0 it is a, at w = 1 b but for rounding. */
export function lerp<X extends Tensor>(a: X, b: Arg, w: Arg): Tensor<Shape, Floating<X['dtype']>> {
  const [from, to, by] = alike('lerp', [a, b, w]).map(toFloat) as [Tensor, Tensor, Tensor]
  return addT(from, mulT(by, subT(to, from))) as never
}

/**
 * x times 2 to the n, exact where the result is no subnormal; n is a whole number or a tensor of them (int32 or uint8),
 * operands broadcast. No gradient in n.
 */
export function ldexp<X extends Tensor>(x: X, n: Arg): Tensor<Shape, Floating<X['dtype']>> {
  const value = asFloat('ldexp', x)
  const exponent = toTensor('ldexp', n, 'int32')
  if (isFloat(exponent.dtype) || exponent.dtype === 'bool')
    throw new GraphError(`ldexp: the exponent must be whole, int32 or uint8, it is ${exponent.dtype}; cast it`)
  const [p, whole] = alike('ldexp', [value, castTensor(exponent, value.dtype)]) as [Tensor, Tensor]
  // In three steps: 2^n may overflow where the product does not. A longer way than between the least and the largest number
  // leads to 0 or Infinity anyway.
  const farthest = value.dtype === 'float64' ? 2200 : 300
  const steps = clipT(whole, -farthest, farthest)
  const first = apply(floorOp, [divT(steps, like(3, steps))], {})
  const second = apply(floorOp, [divT(subT(steps, first), like(2, steps))], {})
  const powers = [first, second, subT(subT(steps, first), second)].map((t) => apply(exp2Op, [t], {}))
  return powers.reduce<Tensor>((product, power) => mulT(product, power), p) as never
}

/** The sum of any number of tensors, operands broadcast, dtypes promoted. */
export function addN<X extends Tensor>(tensors: readonly X[]): Tensor<Shape, X['dtype']> {
  if (!Array.isArray(tensors) || tensors.length === 0)
    throw new GraphError('addN: expected an array of at least one tensor')
  return alike('addN', tensors).reduce(addT)
}
