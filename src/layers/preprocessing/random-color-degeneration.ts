import { add, mul, sub } from '../../api/math'
import { rgbToGrayscale } from '../../api/patches'
import type { Tensor } from '../../ir/tensor'
import { required } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import type { Images } from './images'
import { factor, upTo, valueRange } from './options'
import type { ColourOptions } from './random-brightness'
import { held } from './value-range'

export const degenerated = (images: Images, { factor, valueRange }: ColourOptions): Tensor => {
  const { x, dataFormat } = images
  return held(add(x, mul(eachIn(images, factor), sub(rgbToGrayscale(x, { dataFormat }), x))), valueRange)
}

/** Images of three channels in training part of the way to grey: 0 as they were, 1 grey; f stands for [0, f]. */
export const randomColorDegeneration = augmentation({
  className: 'RandomColorDegeneration',
  name: 'random_color_degeneration',
  options: { factor: required(factor([0, 1], upTo)), valueRange: valueRange() },
  change: degenerated,
})
