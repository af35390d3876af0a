import {
  bitwiseAnd,
  bitwiseNot,
  bitwiseOr,
  bitwiseXor,
  isInf,
  isNaN,
  leftShift,
  logicalAnd,
  logicalNot,
  logicalOr,
  logicalXor,
  rightShift,
} from '../../../api/logic'
import { equal, greater, greaterEqual, less, lessEqual, where } from '../../../api/math'
import { isNegInf, isPosInf } from '../../../api/special-values'
import { fill } from '../../../api/leaf'
import type { Tensor } from '../../../ir/tensor'
import { showType } from '../../../ir/type'
import type { NodeCall, OnnxOp, OnnxOps } from '../node-call'
import { pairOf, requireAlike, requireNumbers, requireWhole } from './operands'

function requireBool(call: NodeCall, x: Tensor): Tensor {
  return x.dtype === 'bool' ? x : call.fail(`needs bool, it is given ${showType(x)}`)
}

type Checked = (call: NodeCall, x: Tensor) => Tensor
const ofTwo =
  (build: (a: Tensor, b: Tensor) => Tensor, check?: Checked): OnnxOp =>
  (call) => {
    const [a, b] = pairOf(call)
    check?.(call, a)
    return build(a, b)
  }

function shift(call: NodeCall): Tensor {
  const [a, b] = pairOf(call)
  if (requireWhole(call, a).dtype !== 'uint8') call.refuse(`a shift of ${showType(a)}`)
  const direction = call.attributes.text('direction')
  if (direction === 'LEFT') return leftShift(a, b)
  return direction === 'RIGHT' ? rightShift(a, b) : call.fail(`direction is ${direction}, neither LEFT nor RIGHT`)
}

function infinite(call: NodeCall): Tensor {
  const x = call.requireFloat(0)
  const [above, below] = [call.attributes.flag('detect_positive', true), call.attributes.flag('detect_negative', true)]
  if (above && below) return isInf(x)
  return above ? isPosInf(x) : below ? isNegInf(x) : fill(x.shape, 0, { dtype: 'bool' })
}

function choice(call: NodeCall): Tensor {
  const [condition, a, b] = [call.input(0), call.input(1), call.input(2)] as const
  requireBool(call, condition)
  requireAlike(call, [a, b])
  return where(condition, a, b)
}

/** Comparisons, conditions and bits; operands broadcast. */
export const LOGIC: OnnxOps = {
  Equal: ofTwo(equal),
  Less: ofTwo(less, requireNumbers),
  LessOrEqual: ofTwo(lessEqual, requireNumbers),
  Greater: ofTwo(greater, requireNumbers),
  GreaterOrEqual: ofTwo(greaterEqual, requireNumbers),
  And: ofTwo(logicalAnd, requireBool),
  Or: ofTwo(logicalOr, requireBool),
  Xor: ofTwo(logicalXor, requireBool),
  Not: (call) => logicalNot(requireBool(call, call.input(0))),
  BitwiseAnd: ofTwo(bitwiseAnd, requireWhole),
  BitwiseOr: ofTwo(bitwiseOr, requireWhole),
  BitwiseXor: ofTwo(bitwiseXor, requireWhole),
  BitwiseNot: (call) => bitwiseNot(requireWhole(call, call.input(0))),
  BitShift: shift,
  IsNaN: (call) => isNaN(call.requireFloat(0)),
  IsInf: infinite,
  Where: choice,
}
