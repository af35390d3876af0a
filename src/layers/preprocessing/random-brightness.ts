import { add, mul } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { required } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import type { Images } from './images'
import { either, factor, valueRange } from './options'
import { held, type ValueRange } from './value-range'

export interface ColourOptions {
  readonly factor: readonly [number, number]
  readonly valueRange: ValueRange
}
export const brightened = (images: Images, { factor, valueRange }: ColourOptions): Tensor =>
  held(add(images.x, mul(eachIn(images, factor), valueRange[1] - valueRange[0])), valueRange)

/** Images brighter in training by a part of the range of values, or darker, held within it; f stands for [-f, f]. */
export const randomBrightness = augmentation({
  className: 'RandomBrightness',
  name: 'random_brightness',
  options: { factor: required(factor([-1, 1], either)), valueRange: valueRange() },
  change: brightened,
})
