import type { Tensor } from '../ir/tensor'

/** A tensor without what only gives it a name. */
const bare = (t: Tensor): Tensor => (t.op.name === 'identity' ? bare(t.inputs[0]!) : t)

/**
 * What a prediction is the softmax over this axis of, if it is: a loss of the logits is exact where the logarithm of the
 * probabilities is not, and is the same wherever Keras does not clip them.
 */
export function softmaxOperand(prediction: Tensor, axis: number): Tensor | undefined {
  const p = bare(prediction)
  return p.op.name === 'softmax' && (p.attrs as { readonly axis: number }).axis === axis ? p.inputs[0]! : undefined
}

/** The same for a sigmoid. */
export function sigmoidOperand(prediction: Tensor): Tensor | undefined {
  const p = bare(prediction)
  return p.op.name === 'sigmoid' ? p.inputs[0]! : undefined
}
