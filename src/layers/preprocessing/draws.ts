import { less, where } from '../../api/math'
import { fill } from '../../api/leaf'
import { uniform } from '../../api/random'
import type { Tensor } from '../../ir/tensor'
import type { Images } from './images'

type Float = 'float32' | 'float64'

/** Numbers from low up to high; the number itself where both are one. */
export function drawn(shape: readonly number[], [low, high]: readonly [number, number], dtype: string): Tensor {
  const float = dtype as Float
  const isOne = float === 'float32' ? Math.fround(low) === Math.fround(high) : low === high
  return isOne ? fill(shape, low, { dtype: float }) : uniform(shape, { min: low, max: high, dtype: float })
}

/** A number for each image, [batch, 1, 1, 1]. */
export const eachIn = ({ batch, x }: Images, range: readonly [number, number]): Tensor =>
  drawn([batch, 1, 1, 1], range, x.dtype)

/** Whether each image is chosen, [batch, 1, 1, 1], with a probability that is itself drawn. */
export const chosen = (images: Images, probability: readonly [number, number]): Tensor =>
  less(eachIn(images, [0, 1]), eachIn(images, probability))

/** 1 or -1 for each image, [batch, 1, 1, 1]. */
export const signs = (images: Images): Tensor => where(less(eachIn(images, [0, 1]), 0.5), fillLike(images, 1), fillLike(images, -1)) // prettier-ignore
const fillLike = ({ batch, x }: Images, value: number): Tensor =>
  fill([batch, 1, 1, 1], value, { dtype: x.dtype as Float })
