import { depthwiseConv2d } from '../../api/conv'
import { constant } from '../../api/leaf'
import { add, mul, sub } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { broadcastT } from '../../ops/broadcast'
import { required } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import type { Images } from './images'
import { factor, upTo, valueRange } from './options'
import type { ColourOptions } from './random-brightness'
import { held } from './value-range'

/** Each channel under one kernel [rows, columns], zeros around. */
export function filtered({ x, channels, dataFormat }: Images, kernel: Tensor): Tensor {
  const own = broadcastT(kernel, [...kernel.shape.slice(0, 2), channels, 1])
  return depthwiseConv2d(x, own, { padding: 'same', dataFormat })
}

const [SIDE, MIDDLE] = [1 / 13, 5 / 13]
export function sharpened(images: Images, { factor, valueRange }: ColourOptions): Tensor {
  const { x } = images
  const row = [SIDE, SIDE, SIDE]
  const kernel = constant([...row, SIDE, MIDDLE, SIDE, ...row], { shape: [3, 3, 1, 1], dtype: x.dtype })
  const blurred = filtered(images, kernel)
  return held(add(x, mul(sub(1, mul(eachIn(images, factor), 2)), sub(blurred, x))), valueRange)
}

/** Images in training from blurred (0) over as they were (0.5) to sharpened (1); f stands for [0, f]. */
export const randomSharpness = augmentation({
  className: 'RandomSharpness',
  name: 'random_sharpness',
  options: { factor: required(factor([0, 1], upTo)), valueRange: valueRange() },
  change: sharpened,
})
