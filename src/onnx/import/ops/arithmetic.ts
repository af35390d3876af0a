import { abs, ceil, floor, floorDiv, fmod, mod, reciprocal, round, sign, trunc } from '../../../api/elementary'
import { addN } from '../../../api/elementary-more'
import {
  add,
  cast,
  div,
  exp,
  lessEqual,
  log,
  maximum,
  minimum,
  mul,
  neg,
  pow,
  sqrt,
  sub,
  where,
} from '../../../api/math'

import type { Tensor } from '../../../ir/tensor'
import { isFloat } from '../../../ir/type'
import type { NodeCall, OnnxOp, OnnxOps } from '../node-call'
import { allOf, isOne, pairOf, requireNumbers } from './operands'

const ofFloat =
  (build: (x: Tensor) => Tensor): OnnxOp =>
  (call) =>
    build(call.requireFloat(0))
const ofNumber =
  (build: (x: Tensor) => Tensor): OnnxOp =>
  (call) =>
    build(requireNumbers(call, call.input(0)))
const ofTwo =
  (build: (a: Tensor, b: Tensor) => Tensor): OnnxOp =>
  (call) => {
    const [a, b] = pairOf(call)
    requireNumbers(call, a)
    return build(a, b)
  }
const ofMany =
  (build: (a: Tensor, b: Tensor) => Tensor): OnnxOp =>
  (call) => {
    const [first, ...others] = allOf(call)
    requireNumbers(call, first)
    return others.reduce<Tensor>((a, b) => build(a, b), first)
  }

/** Whole numbers divide towards 0. */
const quotient = (a: Tensor, b: Tensor): Tensor => (isFloat(a.dtype) ? div(a, b) : floorDiv(sub(a, fmod(a, b)), b))

function modulo(call: NodeCall): Tensor {
  const [a, b] = pairOf(call)
  requireNumbers(call, a)
  if (call.attributes.flag('fmod')) return fmod(a, b)
  return isFloat(a.dtype) ? call.fail('floats need the attribute fmod to be 1') : mod(a, b)
}

function average(call: NodeCall): Tensor {
  const [first, ...others] = allOf(call)
  call.requireFloat(0)
  return div(addN([first, ...others]), others.length + 1)
}

/** The dtype is that of the base; whole numbers are computed in float64, which holds them all. */
function power(call: NodeCall): Tensor {
  const [base, exponent] = [call.input(0), call.input(1)].map((x) => requireNumbers(call, x)) as [Tensor, Tensor]
  if (call.opset < 12) pairOf(call)
  if (!isFloat(base.dtype)) return wholePower(base, exponent)
  if (call.knows(1) && isOne(exponent) && exponent.shape.length <= base.shape.length) {
    const found = pow(base, call.optionalNumber(1)!)
    return found
  }
  if (base.dtype === 'float32' && exponent.dtype === 'float64')
    return cast(pow(cast(base, 'float64'), exponent) as Tensor, 'float32')
  return pow(base, cast(exponent, base.dtype))
}

function wholePower(base: Tensor, exponent: Tensor): Tensor {
  const found = pow(cast(base, 'float64'), cast(exponent, 'float64'))
  const nearest = round(found)
  if (!isFloat(exponent.dtype)) return cast(nearest, base.dtype)
  // What rounding of a logarithm took from a whole number must not become the one below it.
  const isWhole = lessEqual(abs(sub(found, nearest)), mul(abs(nearest), 1e-12))
  return cast(where(isWhole, nearest, trunc(found)), base.dtype)
}

/** Elementwise arithmetic; operands broadcast. */
export const ARITHMETIC: OnnxOps = {
  Add: ofTwo(add),
  Sub: ofTwo(sub),
  Mul: ofTwo(mul),
  Div: ofTwo(quotient),
  Pow: power,
  Mod: modulo,
  Neg: ofNumber(neg),
  Abs: ofNumber(abs),
  Sign: ofNumber(sign),
  Reciprocal: ofFloat(reciprocal),
  Sqrt: ofFloat(sqrt),
  Exp: ofFloat(exp),
  Log: ofFloat(log),
  Floor: ofFloat(floor),
  Ceil: ofFloat(ceil),
  Round: ofFloat(round),
  Sum: ofMany(add),
  Min: ofMany(minimum),
  Max: ofMany(maximum),
  Mean: average,
}
