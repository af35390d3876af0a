import { expandDims } from '../api/arrange'
import type { Tensor } from '../ir/tensor'

/** A mask that broadcasts over x: axes that it has not, such as that of features, lie behind its own. */
export const maskOver = (mask: Tensor, { shape }: Tensor): Tensor => {
  const missing = shape.length - mask.shape.length
  return missing > 0
    ? expandDims(mask, Array.from({ length: missing }, (_, i) => mask.shape.length + i)) // prettier-ignore
    : mask
}
