import { expandDims, squeeze } from '../api/arrange'
import { cast } from '../api/math'
import { broadcastTo, reshape } from '../api/shape'
import { currentCall } from '../ir/origin'
import { explained, type Tensor } from '../ir/tensor'
import { isFloat, sameShape, showShape } from '../ir/type'
import { toFloat } from '../ops/promote'

/** A metric of a loss is what was called. */
const callOf = (name: string): string => currentCall() ?? name

/** As `sameRank`, in the prediction's dtype. */
export const aligned = (
  name: string,
  target: Tensor,
  prediction: Tensor,
): readonly [target: Tensor, prediction: Tensor] =>
  sameRank(name, likeDtype(name, target, prediction), toFloat(prediction))

/**
 * Target and prediction in one shape, as Keras's `squeeze_or_expand_to_same_rank`: a last axis of 1 that one of them lacks is
 * added to the one of rank 1, or else taken from the other. Two of rank 1 are one value a sample, [B, 1]. Nothing else is
 * broadcast: any other difference is an error, which shows the operands.
 */
export function sameRank(
  name: string,
  target: Tensor,
  prediction: Tensor,
  operands: readonly Tensor[] = [target, prediction],
): readonly [target: Tensor, prediction: Tensor] {
  const [y, p] = sameRanks(target, prediction)
  if (p.shape.length === 0) throw explained(callOf(name), 'a prediction needs an axis of samples', operands)
  if (sameShape(y.shape, p.shape)) return p.shape.length === 1 ? [expandDims(y, -1), expandDims(p, -1)] : [y, p]
  const message =
    `target ${showShape(target.shape)} and prediction ${showShape(prediction.shape)} must have equal shapes, ` +
    'a last axis of 1 aside'
  throw explained(callOf(name), message, operands)
}

/** A last axis of 1 that one of them lacks is added to the one of rank 1, or else taken from the other. */
export function sameRanks(y: Tensor, p: Tensor): readonly [Tensor, Tensor] {
  const lead = y.shape.length - p.shape.length
  if (lead === 1 && y.shape.at(-1) === 1) return p.shape.length === 1 ? [y, expandDims(p, -1)] : [squeeze(y, -1), p]
  if (lead === -1 && p.shape.at(-1) === 1) return y.shape.length === 1 ? [expandDims(y, -1), p] : [y, squeeze(p, -1)]
  return [y, p]
}

/** A target in the dtype of a prediction; float32 and float64 do not mix. */
export function likeDtype(name: string, target: Tensor, prediction: Tensor): Tensor {
  const { dtype } = toFloat(prediction)
  if (isFloat(target.dtype) && target.dtype !== dtype)
    throw explained(callOf(name), `a ${target.dtype} target and a ${dtype} prediction do not mix; cast one of them`, [
      target,
      prediction,
    ])
  return cast(target, dtype)
}

/**
 * Weights or a mask in the shape of values: [B], or as many more of the axes of values as there are, each of its extent or 1;
 * a last axis of 1 too many is dropped, and a scalar is for all.
 */
export function stretched(name: string, what: string, weight: Tensor, values: Tensor): Tensor {
  const { shape } = weight
  const rank = values.shape.length
  const own = shape.length === rank + 1 && shape.at(-1) === 1 ? shape.slice(0, -1) : shape
  const fits = own.length <= rank && own.every((d, i) => d === values.shape[i] || (i > 0 && d === 1))
  if (!fits)
    throw explained(
      name,
      rank === 0
        ? `${what} ${showShape(shape)} is for samples, but the value is one of the whole batch`
        : `${what} ${showShape(shape)} must be ${showShape(values.shape.slice(0, 1))}, one a sample, or more of the axes of the values ${showShape(values.shape)}`,
      [weight, values],
    )
  if (sameShape(shape, values.shape)) return weight
  const missing = new Array<number>(rank - own.length).fill(1)
  return broadcastTo(reshape(weight, [...own, ...missing]), values.shape)
}
