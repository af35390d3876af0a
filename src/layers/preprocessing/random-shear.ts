import { mul } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { augmentation } from './augmentation'
import { eachIn, signs } from './draws'
import type { Images } from './images'
import { either, factor } from './options'
import { fillOptions, warped, type WarpOptions } from './warp'

export interface ShearOptions extends WarpOptions {
  readonly xFactor: readonly [number, number]
  readonly yFactor: readonly [number, number]
}
export function sheared(images: Images, { xFactor, yFactor, ...how }: ShearOptions): Tensor {
  const sign = signs(images)
  const [x, y] = [mul(eachIn(images, xFactor), sign), mul(eachIn(images, yFactor), sign)]
  return warped(images, [1, x, 0, y, 1, 0, 0, 0], how)
}

/**
 * Images sheared in training: rows are read so many pixels to the right for each row down, columns so many down for each
 * column to the right, or all the other way; f stands for [-f, f].
 */
export const randomShear = augmentation({
  className: 'RandomShear',
  name: 'random_shear',
  options: { xFactor: factor([-1, 1], either, 0), yFactor: factor([-1, 1], either, 0), ...fillOptions },
  change: sheared,
})
