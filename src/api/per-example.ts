import { GraphError } from '../ir/errors'
import { describe, requireTensor, type Tensor } from '../ir/tensor'
import { checkGradientOptions, gradients, type GradientOptions } from './gradient'
import { mapped, type SlicesOf } from './vmap'

/** Gradients with the batch as a new first axis. */
export type ExampleGradients<W extends readonly Tensor[]> = {
  -readonly [K in keyof W]: Tensor<
    number extends W[K]['shape']['length'] ? readonly number[] : [number, ...W[K]['shape']],
    W[K]['dtype']
  >
}

/**
 * The gradient of the loss of each example of a batch: `lossOf` gives the scalar loss of one example, from slices of the
 * batches along their first axis, and the result holds for each of `wrt` one gradient an example, `[batch, ...w.shape]`.
 * Their mean is the gradient of the mean loss. Everything runs on whole batches, as `vmap` says: the gradient of a weight
 * matrix is an outer product with a batch dimension. Throws as `vmap` and `grad` do.
 *
 *     const [dW] = perExampleGrad((x, y) => meanSquaredError(matmul(x, W), y), [W], [xs, ys])
 */
export function perExampleGrad<const X extends readonly Tensor[], const W extends readonly Tensor[]>(
  lossOf: (...slices: SlicesOf<X>) => Tensor,
  wrt: readonly [...W],
  batches: X,
  options: GradientOptions = {},
): ExampleGradients<W> {
  checkGradientOptions('perExampleGrad', options)
  if (!Array.isArray(batches)) throw new GraphError('perExampleGrad: the batches must be a list of tensors')
  const gradientsOf = (...slices: Tensor[]): Tensor[] => {
    const loss = (lossOf as (...slices: Tensor[]) => Tensor)(...slices)
    requireTensor('perExampleGrad', loss)
    const target = wrt.find((w) => batches.includes(w))
    if (target)
      throw new GraphError(
        `perExampleGrad: ${describe(target)} is a batch; the loss of an example depends on its slice, take vmap of grad`,
      )
    return gradients('perExampleGrad', loss, wrt, options)
  }
  return mapped('perExampleGrad', gradientsOf, batches) as never
}
