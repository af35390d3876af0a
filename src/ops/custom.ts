import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { isTensor, type Tensor } from '../ir/tensor'
import { sameShape, showType } from '../ir/type'

export interface CustomAttrs {
  /** From the operands, the value and its cotangent to the cotangents of the operands. */
  readonly rule: (operands: readonly Tensor[], output: Tensor, cotangent: Tensor) => readonly (Tensor | null)[]
}

/** A value (the first input) whose gradient in the others is a rule of the user's own. */
export const customGradientOp: Op<'customGradient', CustomAttrs> = {
  name: 'customGradient',
  kind: 'composite',
  infer: ([value]) => value!,
  vjp: ({ inputs: [, ...operands], output, cotangent, attrs: { rule } }) => {
    const found: readonly (Tensor | null)[] = rule(operands, output, cotangent)
    if (!Array.isArray(found) || !found.every((g) => g === null || isTensor(g)))
      throw new GraphError('customGradient: the rule must return a list of tensors, null where there is no gradient')
    if (found.length !== operands.length)
      throw new GraphError(`customGradient: ${operands.length} operands need as many gradients, got ${found.length}`)
    found.forEach((g, i) => {
      const x = operands[i]!
      if (g && !(sameShape(g.shape, x.shape) && g.dtype === x.dtype))
        throw new GraphError(
          `customGradient: the gradient of operand ${i + 1} is ${showType(g)}, it must be ${showType(x)}`,
        )
    })
    return [null, ...found]
  },
  expand: ([value]) => value!,
  over: ({ rule }, image) => ({
    rule: (...context: Parameters<CustomAttrs['rule']>) => {
      const found: readonly (Tensor | null)[] = rule(...context)
      return Array.isArray(found) ? found.map((g) => (isTensor(g) ? image(g) : g)) : found
    },
  }),
}
