import { add, mul, sub } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { optional, required } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import { either, factor } from './options'
import { fillOptions, warped } from './warp'

/**
 * Images zoomed in training about their middle: a height factor of 0.2 shows 1.2 heights (out), -0.2 shows 0.8 (in); f stands
 * for [-f, f]. Without a width factor the ratio is kept.
 */
export const randomZoom = augmentation({
  className: 'RandomZoom',
  name: 'random_zoom',
  options: {
    heightFactor: required(factor([-1, 1], either)),
    widthFactor: optional(factor([-1, 1], either)),
    ...fillOptions,
  },
  change(images, { heightFactor, widthFactor, ...how }) {
    const y = add(eachIn(images, heightFactor), 1)
    const x = widthFactor === undefined ? y : add(eachIn(images, widthFactor), 1)
    const middle = (extent: number, zoom: Tensor): Tensor => mul(sub(1, zoom), (extent - 1) / 2)
    return warped(images, [x, 0, middle(images.width, x), 0, y, middle(images.height, y), 0, 0], how)
  },
})
