import { add, less, sub, where } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import type { Images } from './images'
import { factor, upTo, valueRange } from './options'
import { between, BYTES, held, type ValueRange } from './value-range'

export interface SolarizationOptions {
  readonly additionFactor: readonly [number, number]
  readonly thresholdFactor: readonly [number, number]
  readonly valueRange: ValueRange
}
export function solarized(
  images: Images,
  { additionFactor, thresholdFactor, valueRange }: SolarizationOptions,
): Tensor {
  const bytes = (range: readonly [number, number]): Tensor => eachIn(images, [range[0] * 255, range[1] * 255])
  const x = held(add(between(images.x, valueRange, BYTES), bytes(additionFactor)), BYTES)
  return between(where(less(x, bytes(thresholdFactor)), x, sub(255, x)), BYTES, valueRange)
}

/**
 * Images in training with a part of the range added, held within it, and what is not below a threshold, also a part of the
 * range, counted from the other end; f stands for [0, f].
 */
export const solarization = augmentation({
  className: 'Solarization',
  name: 'solarization',
  options: {
    additionFactor: factor([0, 1], upTo, 0),
    thresholdFactor: factor([0, 1], upTo, 0),
    valueRange: valueRange(),
  },
  change: solarized,
})
