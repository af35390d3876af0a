import { GraphError } from '../ir/errors'
import { requireFunction } from '../ir/names-of'
import { apply, requireTensor, type Tensor } from '../ir/tensor'
import { customGradientOp } from '../ops/custom'

type Operands<X extends readonly Tensor[]> = { readonly [I in keyof X]: X[I] }

/**
 * A value with a gradient of the user's own: `value(...operands)` is computed, and where it is differentiated, `gradient`
 * gives one cotangent for each operand (in its shape and dtype, null for none) from the operands, the value and its
 * cotangent. What the rule builds is an ordinary graph, and is differentiated as such. Throws a GraphError where a
 * cotangent does not fit.
 */
export function customGradient<const X extends readonly Tensor[], Y extends Tensor>(
  operands: X,
  value: (...operands: Operands<X>) => Y,
  gradient: (context: {
    readonly operands: X
    readonly output: Y
    readonly cotangent: Tensor<Y['shape'], Y['dtype']>
  }) => readonly (Tensor | null)[],
): Tensor<Y['shape'], Y['dtype']> {
  const given: unknown = operands
  if (!Array.isArray(given)) throw new GraphError('customGradient: operands must be a list of tensors')
  operands.forEach((x) => requireTensor('customGradient', x))
  requireFunction('customGradient: value', value)
  requireFunction('customGradient: gradient', gradient)
  const made = value(...operands)
  requireTensor('customGradient', made)
  const rule = (xs: readonly Tensor[], output: Tensor, cotangent: Tensor) =>
    gradient({ operands: xs as X, output: output as Y, cotangent: cotangent })
  return apply(customGradientOp, [made, ...operands], { rule })
}
