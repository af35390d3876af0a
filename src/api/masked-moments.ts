import { GraphError } from '../ir/errors'
import { apply, describe, isTensor, type Tensor } from '../ir/tensor'
import { sameShape } from '../ir/type'
import { divT, subT } from '../ops/arith'
import { broadcastT, sumT } from '../ops/broadcast'
import { castTensor } from '../ops/promote'
import { maximumOp, whereT } from '../ops/select'
import { squareT } from '../ops/transcendental'
import { like } from '../ops/unary'
import { reshapeT } from '../ops/view'

/** Mean and variance of each channel, [channels]; `unbiased` divides by one element less. */
export interface Moments {
  readonly mean: Tensor
  readonly variance: Tensor
  readonly unbiased: Tensor
}

/**
 * Statistics of the elements of x where a mask over its first axes is true, in two passes. A channel without any has mean
 * and variance 0. What is masked may be anything.
 */
export function maskedMoments(op: string, x: Tensor, mask: unknown, channels: number): Moments {
  const fits = isTensor(mask) && mask.dtype === 'bool' && sameShape(mask.shape, x.shape.slice(0, mask.shape.length))
  if (!fits)
    throw new GraphError(
      `${op}: the mask must be bool over the first axes of x, which is ${describe(x)}; it is ` +
        (isTensor(mask) ? describe(mask) : typeof mask),
    )
  const chosen = reshapeT(
    mask,
    x.shape.map((_, i) => mask.shape[i] ?? 1),
  )
  const axes = x.shape.flatMap((_, i) => (i === channels ? [] : [i]))
  const total = (t: Tensor): Tensor => sumT(t, { axes, keepDims: true })
  const kept = (t: Tensor): Tensor => whereT(chosen, t, like(0, t))
  const count = total(broadcastT(castTensor(chosen, x.dtype), x.shape))
  const atLeastOne = (t: Tensor): Tensor => apply(maximumOp, [t, like(1, t)], {})
  const mean = divT(total(kept(x)), atLeastOne(count))
  const squares = total(squareT(kept(subT(x, mean))))
  const flat = (t: Tensor): Tensor => reshapeT(t, [x.shape[channels]!])
  return {
    mean: flat(mean),
    variance: flat(divT(squares, atLeastOne(count))),
    unbiased: flat(divT(squares, atLeastOne(subT(count, like(1, count))))),
  }
}
