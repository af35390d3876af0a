import { determinant } from '../../../api/linear'
import { einsum } from '../../../api/products'
import { showShape } from '../../../ir/type'
import type { OnnxOps } from '../node-call'
import { allOf, requireNumbers } from './operands'

/** Products of matrices by their labels, and what one number says of a matrix. */
export const LINEAR: OnnxOps = {
  Einsum: (call) => {
    const operands = allOf(call)
    if (requireNumbers(call, operands[0]).dtype === 'uint8') call.refuse('a product of uint8')
    return einsum(call.attributes.text('equation') ?? call.fail('needs an equation'), ...operands)
  },
  Det: (call) => {
    const { shape } = call.requireFloat(0)
    if (shape.length < 2 || shape.at(-1) !== shape.at(-2))
      call.fail(`needs square matrices, it is given ${showShape(shape)}`)
    return determinant(call.input(0))
  },
}
