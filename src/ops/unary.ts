import { call } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import type { DType, TensorType } from '../ir/type'
import { addT, divT, floatOnly, mulT, subT } from './arith'
import { elementwise, sameDtype } from './elementwise'
import { scalarConstant } from './leaf'

/** Operands of one float dtype. */
export const floats = (inputs: readonly TensorType[]): DType => floatOnly(sameDtype(inputs), 'cast it to a float')
/** A number in the dtype of a tensor. */
export const like = (value: number, t: Tensor): Tensor => scalarConstant(value, t.dtype)

export const expOp = elementwise('exp', {
  dtype: floats,
  fn: ([x]) => call('exp', x!),
  vjp: ({ output, cotangent }) => [mulT(cotangent, output)],
})

export const logOp = elementwise('log', {
  dtype: floats,
  fn: ([x]) => call('log', x!),
  vjp: ({ inputs: [x], cotangent }) => [divT(cotangent, x!)],
})

export const sqrtOp = elementwise('sqrt', {
  dtype: floats,
  fn: ([x]) => call('sqrt', x!),
  vjp: ({ output, cotangent }) => [divT(cotangent, mulT(like(2, output), output))],
})

/** The gradient (1 - y)(1 + y) reads the output, so that the pre-activation needs no memory. */
export const tanhOp = elementwise('tanh', {
  dtype: floats,
  fn: ([x]) => call('tanh', x!),
  vjp: ({ output: y, cotangent }) => [mulT(cotangent, mulT(subT(like(1, y), y), addT(like(1, y), y)))],
})

/** 1 / (1 + exp(-x)); the gradient y (1 - y) reads the output. */
export const sigmoidOp = elementwise('sigmoid', {
  dtype: floats,
  fn: ([x]) => call('sigmoid', x!),
  vjp: ({ output: y, cotangent }) => [mulT(cotangent, mulT(y, subT(like(1, y), y)))],
})

/** The same value: a copy with a buffer of its own, or a name for a leaf. */
export const identityOp = elementwise('identity', {
  fn: ([x]) => x!,
  vjp: ({ cotangent }) => [cotangent],
  formula: ([x]) => x!,
})
export const identityT = (x: Tensor): Tensor => apply(identityOp, [x], {})
export const expT = (x: Tensor): Tensor => apply(expOp, [x], {})
export const logT = (x: Tensor): Tensor => apply(logOp, [x], {})
export const sigmoidT = (x: Tensor): Tensor => apply(sigmoidOp, [x], {})
export const tanhT = (x: Tensor): Tensor => apply(tanhOp, [x], {})
export const sqrtT = (x: Tensor): Tensor => apply(sqrtOp, [x], {})
