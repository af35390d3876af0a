import { mul } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { required } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import type { Images } from './images'
import { either, factor } from './options'
import { fillOptions, warped, type WarpOptions } from './warp'

export interface TranslationOptions extends WarpOptions {
  /** In heights, down. */
  readonly heightFactor: readonly [number, number]
  /** In widths, to the right. */
  readonly widthFactor: readonly [number, number]
}
export function translated(images: Images, { heightFactor, widthFactor, ...how }: TranslationOptions): Tensor {
  const down = mul(eachIn(images, heightFactor), -images.height)
  const right = mul(eachIn(images, widthFactor), -images.width)
  return warped(images, [1, 0, right, 0, 1, down, 0, 0], how)
}

/** Images moved in training, by a part of their height down and of their width to the right; f stands for [-f, f]. */
export const randomTranslation = augmentation({
  className: 'RandomTranslation',
  name: 'random_translation',
  options: {
    heightFactor: required(factor([-1, 1], either)),
    widthFactor: required(factor([-1, 1], either)),
    ...fillOptions,
  },
  change: translated,
})
