import { where } from '../../api/math'
import { rgbToGrayscale } from '../../api/patches'
import { number } from '../option'
import { augmentation } from './augmentation'
import { chosen } from './draws'

/** Images of three channels in training grey, with a probability; they keep their channels. */
export const randomGrayscale = augmentation({
  className: 'RandomGrayscale',
  name: 'random_grayscale',
  options: { factor: number(0.5, 0, 1) },
  change: (images, { factor }) =>
    where(chosen(images, [factor, factor]), rgbToGrayscale(images.x, { dataFormat: images.dataFormat }), images.x),
})
