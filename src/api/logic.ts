import { apply, type Arg, requireTensor, type Tensor } from '../ir/tensor'
import type { AnyOp } from '../ir/op'
import {
  bitwiseAndOp,
  bitwiseNotOp,
  bitwiseOrOp,
  bitwiseXorOp,
  isFiniteOp,
  isInfOp,
  isNaNOp,
  leftShiftOp,
  logicalAndOp,
  logicalNotOp,
  logicalOrOp,
  logicalXorOp,
  rightShiftOp,
} from '../ops/logic'
import { castTensor, promoted } from '../ops/promote'
import { toTensor } from '../ops/leaf'
import type { Binary, Comparison, Test, Unary } from './signatures'

const test = (op: AnyOp): Test => ((x: Tensor) => apply<unknown>(op, [x], {})) as Test
/** Numbers and tensors of any dtype are true where they are not 0. */
const truth = (op: string, x: Arg): Tensor => castTensor(toTensor(op, x, 'float32'), 'bool')
const logical = (op: AnyOp) => (a: Arg, b: Arg) => apply<unknown>(op, [truth(op.name, a), truth(op.name, b)], {})

/** a and b as bool, operands broadcast; what is not 0 is true. No gradient. */
export const logicalAnd = logical(logicalAndOp) as Comparison<'logicalAnd'>
/** a or b as bool, operands broadcast; what is not 0 is true. No gradient. */
export const logicalOr = logical(logicalOrOp) as Comparison<'logicalOr'>
/** Either a or b but not both, as bool, operands broadcast; what is not 0 is true. No gradient. */
export const logicalXor = logical(logicalXorOp) as Comparison<'logicalXor'>
/** Not x, as bool; what is not 0 is true. No gradient. */
export const logicalNot = ((x: Tensor) => apply(logicalNotOp, [truth('logicalNot', x)], {})) as Test
/** Bits that both have; int32 or uint8, operands broadcast. No gradient. */
export const bitwiseAnd = promoted(bitwiseAndOp) as Binary<'bitwiseAnd'>
/** Bits that one of them has; int32 or uint8, operands broadcast. No gradient. */
export const bitwiseOr = promoted(bitwiseOrOp) as Binary<'bitwiseOr'>
/** Bits that only one of them has; int32 or uint8, operands broadcast. No gradient. */
export const bitwiseXor = promoted(bitwiseXorOp) as Binary<'bitwiseXor'>
/** Every bit turned over, int32 or uint8: -x - 1, or 255 - x. No gradient. */
export const bitwiseNot = ((x: Tensor) => {
  requireTensor('bitwiseNot', x)
  return apply(bitwiseNotOp, [x], {})
}) as Unary
/** a times 2 to the b, wrapped to the dtype (int32 or uint8); b is taken modulo 32. No gradient. */
export const leftShift = promoted(leftShiftOp) as Binary<'leftShift'>
/** a divided by 2 to the b and rounded down (int32 or uint8); b is taken modulo 32. No gradient. */
export const rightShift = promoted(rightShiftOp) as Binary<'rightShift'>
/** Whether an element is NaN, as bool. */
export const isNaN = test(isNaNOp)
/** Whether an element is neither infinite nor NaN, as bool. */
export const isFinite = test(isFiniteOp)
/** Whether an element is infinite, as bool. */
export const isInf = test(isInfOp)
