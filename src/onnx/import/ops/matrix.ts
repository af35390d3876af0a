import { add, cast, mul, sub } from '../../../api/math'
import { matmul, reshape, transpose } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import { isFloat } from '../../../ir/type'
import type { NodeCall, OnnxOps } from '../node-call'

/** alpha A' B' + beta C. */
function gemm(call: NodeCall): Tensor {
  const side = (at: number, flag: string): Tensor => {
    const t = call.input(at)
    if (t.shape.length !== 2) call.fail(`operand ${at + 1} must be a matrix, its rank is ${t.shape.length}`)
    return call.attributes.flag(flag) ? transpose(t) : t
  }
  const scaled = (t: Tensor, factor: number): Tensor => {
    if (factor === 1) return t
    return isFloat(t.dtype) ? mul(t, factor) : call.refuse(`a factor of ${factor} for ${t.dtype}`)
  }
  const product = scaled(matmul(side(0, 'transA'), side(1, 'transB')), call.attributes.float('alpha', 1))
  const beta = call.attributes.float('beta', 1)
  const c = call.optional(2)
  if (!c || beta === 0) return product
  const sum = add(product, scaled(c, beta))
  return sum.shape.length === 2 ? sum : call.fail('operand 3 does not stretch to the product')
}

/** Products of whole numbers from their zero points on, int32. */
function matMulInteger(call: NodeCall): Tensor {
  const a = cast(call.input(0), 'int32')
  const b = cast(call.input(1), 'int32')
  return matmul(centred(a, call.optional(2), 'row'), centred(b, call.optional(3), 'column'))
}

/** x without its zero point: one for all, or one for each row or column. */
export function centred(x: Tensor, zeroPoint: Tensor | undefined, along: 'row' | 'column'): Tensor {
  return zeroPoint ? sub(x, cast(perLine(zeroPoint, along), 'int32')) : x
}

/** A scale or zero point that stretches to a matrix. Of rank 2 and more they already do. */
export function perLine(t: Tensor, along: 'row' | 'column'): Tensor {
  if (t.shape.length !== 1) return t
  if (t.shape[0] === 1) return reshape(t, [])
  return along === 'row' ? reshape(t, [t.shape[0]!, 1]) : t
}

/** Matrix products. */
export const MATRIX: OnnxOps = {
  MatMul: (call) => matmul(call.input(0), call.input(1)),
  Gemm: gemm,
  MatMulInteger: matMulInteger,
}
