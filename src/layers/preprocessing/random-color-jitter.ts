import type { Tensor } from '../../ir/tensor'
import { optional } from '../option'
import { augmentation } from './augmentation'
import { type Images, withValues } from './images'
import { either, factor, upTo, valueRange } from './options'
import { brightened, type ColourOptions } from './random-brightness'
import { contrasted, lowerUpper } from './random-contrast'
import { hued } from './random-hue'
import { saturated } from './random-saturation'

/** Brightness, contrast, saturation and hue changed in training, one after another; each by its factor, if it has one. */
export const randomColorJitter = augmentation({
  className: 'RandomColorJitter',
  name: 'random_color_jitter',
  options: {
    valueRange: valueRange(),
    brightnessFactor: optional(factor([-1, 1], either)),
    contrastFactor: optional(lowerUpper),
    saturationFactor: optional(factor([0, 1], upTo)),
    hueFactor: optional(factor([0, 1], upTo)),
  },
  change(images, { valueRange, brightnessFactor, contrastFactor, saturationFactor, hueFactor }) {
    const steps: [(images: Images, options: ColourOptions) => Tensor, ColourOptions['factor'] | undefined][] = [
      [brightened, brightnessFactor],
      [contrasted, contrastFactor],
      [saturated, saturationFactor],
      [hued, hueFactor],
    ]
    return steps.reduce(
      (now, [change, factor]) => (factor ? withValues(now, change(now, { factor, valueRange })) : now),
      images,
    ).x
  },
})
