import { GraphError } from '../ir/errors'
import { requireList } from '../ir/names-of'
import { describe, requireTensor, type Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { concatT, partT } from '../ops/pieces'
import { reshapeT } from '../ops/view'

/** What `flatView` gives: several tensors as one vector, and back. */
export interface FlatView<W extends readonly Tensor[]> {
  /** The elements of all tensors, one after another, each tensor row-major: `[n]`. */
  readonly vector: Tensor<[number], W[number]['dtype']>
  /** Tensors of the same shapes from a vector `[n]` of any dtype. */
  unflatten<V extends Tensor>(vector: V): { -readonly [K in keyof W]: Tensor<W[K]['shape'], V['dtype']> }
}

/**
 * Several tensors of one dtype as one vector and back, for what knows vectors only: a gradient for `lbfgs`, or parameters that
 * are parts of one variable. Throws a GraphError where dtypes differ, or where a vector has another length.
 *
 *     const { vector } = flatView(grad(loss, [W, b]))
 */
export function flatView<const W extends readonly Tensor[]>(tensors: readonly [...W]): FlatView<W> {
  requireList('flatView', 'tensors', tensors)
  const [first] = tensors
  if (!first) throw new GraphError('flatView: there are no tensors')
  for (const x of tensors) {
    requireTensor('flatView', x)
    if (x.dtype !== first.dtype)
      throw new GraphError(`flatView: ${describe(first)} and ${describe(x)} are of two dtypes; cast one of them`)
  }
  const sizes = tensors.map((x) => sizeOf(x.shape))
  const total = sizes.reduce((sum, n) => sum + n, 0)
  const unflatten = (vector: Tensor): Tensor[] => {
    requireTensor('flatView', vector)
    if (vector.shape.length !== 1 || vector.shape[0] !== total)
      throw new GraphError(`flatView: the tensors have ${total} elements, the vector is ${describe(vector)}`)
    let from = 0
    return tensors.map((x, i) => {
      const part = partT(vector, 0, from, sizes[i]!)
      from += sizes[i]!
      return reshapeT(part, x.shape)
    })
  }
  return { vector: concatT(tensors.map((x, i) => reshapeT(x, [sizes[i]!])), 0) as never, unflatten: unflatten as never } // prettier-ignore
}
