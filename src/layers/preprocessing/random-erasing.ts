import { clip } from '../../api/elementary'
import { logicalAnd } from '../../api/logic'
import { constant } from '../../api/leaf'
import { mul, sqrt, where } from '../../api/math'
import { normal } from '../../api/random'
import { explained, type Tensor } from '../../ir/tensor'
import { optional, plain } from '../option'
import { augmentation } from './augmentation'
import { boxIn } from './box'
import { chosen, eachIn } from './draws'
import type { Images } from './images'
import { factor, upTo, valueRange } from './options'

const fillValue = optional(
  plain<number | readonly number[]>(
    'a number, or a list of one for each channel',
    (v) => Number.isFinite(v) || (Array.isArray(v) && v.length > 0 && v.every(Number.isFinite)),
  ),
)

/**
 * A box of each image filled in training, with a probability from `factor` (f stands for [0, f]). The square roots of two
 * numbers from `scale` are its parts of width and height; it is filled with a value, one for each channel, or normal noise of
 * deviation valueRange[1], held within valueRange.
 */
export const randomErasing = augmentation({
  className: 'RandomErasing',
  name: 'random_erasing',
  options: {
    factor: factor([0, 1], upTo, 1),
    scale: factor([0, 1], upTo, [0.02, 0.33]),
    fillValue,
    valueRange: valueRange(),
  },
  change(images, { factor, scale, fillValue, valueRange }) {
    const [width, height] = [sqrt(eachIn(images, scale)), sqrt(eachIn(images, scale))]
    const { mask } = boxIn(images, width, height)
    const filling = clip(fillingOf(images, fillValue, valueRange[1]), valueRange[0], valueRange[1])
    return where(logicalAnd(mask, chosen(images, factor)), filling, images.x)
  },
})

function fillingOf(images: Images, value: number | readonly number[] | undefined, deviation: number): Tensor {
  const { x, channels, axes } = images
  const dtype = x.dtype as 'float32'
  if (value === undefined) return mul(normal(x.shape, { dtype }), deviation)
  const list = typeof value === 'number' ? Array.from({ length: channels }, () => value) : value
  if (list.length !== channels)
    throw explained('RandomErasing', `fillValue has ${list.length} numbers for ${channels} channels`, [x])
  return constant([...list], { dtype, shape: x.shape.map((_, i) => (i === axes.channels ? channels : 1)) })
}
