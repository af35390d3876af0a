import { cos, sin } from '../../api/elementary'
import { add, mul, neg, sub } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { required } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import type { Images } from './images'
import { either, factor } from './options'
import { fillOptions, warped, type WarpOptions } from './warp'

export interface RotationOptions extends WarpOptions {
  /** In turns, counter-clockwise. */
  readonly factor: readonly [number, number]
}
export function rotated(images: Images, { factor, ...how }: RotationOptions): Tensor {
  const angle = eachIn(images, [factor[0] * 2 * Math.PI, factor[1] * 2 * Math.PI])
  const [c, s] = [cos(angle), sin(angle)]
  const [x, y] = [(images.width - 1) / 2, (images.height - 1) / 2]
  // About the middle.
  const a2 = sub(x, sub(mul(c, x), mul(s, y)))
  const b2 = sub(y, add(mul(s, x), mul(c, y)))
  return warped(images, [c, neg(s), a2, s, c, b2, 0, 0], how)
}

/** Images turned in training about their middle, by a number of full turns counter-clockwise; f stands for [-f, f]. */
export const randomRotation = augmentation({
  className: 'RandomRotation',
  name: 'random_rotation',
  options: { factor: required(factor([-1, 1], either)), ...fillOptions },
  change: rotated,
})
