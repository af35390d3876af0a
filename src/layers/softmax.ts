import { exp, greater, sub, where } from '../api/math'
import { softmax as along } from '../api/nn'
import { logSumExp } from '../api/statistics'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { broadcastShapes, sameShape } from '../ir/type'
import { defineLayer } from './layer'
import { axes } from './option'

// What Keras puts where the mask is false: no other logit is as low, and a row of nothing else stays finite.
const LOW = -1e9

/**
 * exp(x) / sum(exp(x)) along an axis or several, same shape. Where the mask is false the result is 0 and nothing of it is in
 * the sum; the mask broadcasts to the input, aligned from the right. Throws for one that does not.
 */
export const softmax = defineLayer({
  className: 'Softmax',
  name: 'softmax',
  options: { axis: axes(-1) },
  mask: 'pass',
  call([x], { axis }, at) {
    const keep = at.masks[0] && keepOf(at.masks[0], x!)
    const logits = keep ? where(keep, x!, LOW) : x!
    const list = [axis].flat()
    const y =
      list.length === 1
        ? along(logits, { axis: list[0]! })
        : exp(sub(logits, logSumExp(logits, { axis: list, keepDims: true })))
    return keep ? where(keep, y, 0) : y
  },
})

function keepOf(mask: Tensor, x: Tensor): Tensor {
  const shape = broadcastShapes(mask.shape, x.shape)
  if (!shape || !sameShape(shape, x.shape))
    throw new GraphError(`Softmax: the mask ${describe(mask)} does not broadcast to ${describe(x)}`)
  return mask.dtype === 'bool' ? mask : greater(mask, 0.5)
}
