import { sub, where } from '../../api/math'
import { augmentation } from './augmentation'
import { chosen } from './draws'
import { factor, upTo, valueRange } from './options'

/** Images in training as valueRange[1] - x, with a probability from `factor`; f stands for [0, f]. */
export const randomInvert = augmentation({
  className: 'RandomInvert',
  name: 'random_invert',
  options: { factor: factor([0, 1], upTo, 1), valueRange: valueRange() },
  change: (images, { factor, valueRange }) => where(chosen(images, factor), sub(valueRange[1], images.x), images.x),
})
