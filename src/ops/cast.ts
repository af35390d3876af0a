import { callF } from '../ir/formula'
import type { Op } from '../ir/op'
import { castTo } from '../ir/scalar'
import { apply } from '../ir/tensor'
import { type DType, isFloat } from '../ir/type'
import { elementwise } from './elementwise'

export interface CastAttrs {
  readonly dtype: DType
}

/** Conversion of dtype. The gradient passes between floats and stops at integers. */
export const castOp: Op<'cast', CastAttrs> = elementwise<'cast', CastAttrs>('cast', {
  dtype: (_, { dtype }) => dtype,
  fn: ([x], { dtype }) => castTo(dtype, x!),
  vjp: ({ inputs: [x], cotangent, attrs }) => [
    isFloat(x!.dtype) && isFloat(attrs.dtype)
      ? x!.dtype === attrs.dtype
        ? cotangent
        : apply(castOp, [cotangent], { dtype: x!.dtype })
      : null,
  ],
  formula: ([x], { dtype }) => callF(dtype, [x!]),
})
