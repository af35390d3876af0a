import { gather } from '../../api/indexing'
import { add, mul, sub } from '../../api/math'
import { explained, type Tensor } from '../../ir/tensor'
import { reshapeT } from '../../ops/view'

/** A tensor with its rows in another order. */
export const shuffled = (x: Tensor, order: Tensor): Tensor => gather(x, order as never)

/** Labels [batch, ...], floats, mixed with those of other rows as the images are; weights are one, or [batch, 1, 1, 1]. */
export function mixedLabels(where: string, labels: Tensor, order: Tensor, weight: Tensor): Tensor {
  if (labels.shape.length < 2 || (labels.dtype !== 'float32' && labels.dtype !== 'float64'))
    throw explained(where, 'labels are floats [batch, classes]: give classes as oneHot(classes, count)', [labels])
  const w = reshapeT(weight, [weight.shape[0] ?? 1, ...labels.shape.slice(1).map(() => 1)])
  return add(mul(w, labels), mul(sub(1, w), shuffled(labels, order)))
}
