import { div, mul, sub } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { required } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import type { Images } from './images'
import { factor, upTo, valueRange } from './options'
import type { ColourOptions } from './random-brightness'
import { inHsv } from './random-hue'
import { held, UNIT } from './value-range'

/** So that a factor of 1 divides by no 0. Source: Keras's epsilon. */
const EPSILON = 1e-7

export function saturated(images: Images, { factor, valueRange }: ColourOptions): Tensor {
  const f = eachIn(images, factor)
  const times = div(f, sub(1 + EPSILON, f))
  return inHsv(images, valueRange, (hue, saturation) => [hue, held(mul(saturation, times), UNIT)])
}

/**
 * Images of three channels in training with their saturation times f / (1 - f), held below 1: 0 is grey, 0.5 as it was, 1
 * full. A single f stands for [0, f].
 */
export const randomSaturation = augmentation({
  className: 'RandomSaturation',
  name: 'random_saturation',
  options: { factor: required(factor([0, 1], upTo)), valueRange: valueRange() },
  change: saturated,
})
