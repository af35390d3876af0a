import { asFloat } from '../../api/build'
import { gather } from '../../api/indexing'
import { add } from '../../api/math'
import { randint } from '../../api/random'
import { spatialAxes } from '../../api/spatial'
import type { Tensor } from '../../ir/tensor'
import { iotaT } from '../../ops/iota'
import { defineLayer } from '../layer'
import { integer, required } from '../option'
import { seeded } from './augmentation'
import { dataFormat, seed } from './options'
import { resizedTo } from './resized'

/**
 * A part of images, at a place that is drawn in training, the same for a batch. Otherwise, and where an image is smaller, the
 * largest part in the middle that has the ratio of height to width, resized. Float.
 */
export const randomCrop = defineLayer({
  className: 'RandomCrop',
  name: 'random_crop',
  options: { height: required(integer()), width: required(integer()), seed, dataFormat },
  call([x], { height, width, seed, dataFormat }, at) {
    const values = asFloat('RandomCrop', x!)
    const axes = spatialAxes('RandomCrop', values, 2, { dataFormat })
    const isLarge = values.shape[axes[0]!]! >= height && values.shape[axes[1]!]! >= width
    if (!at.draws || !isLarge)
      return resizedTo('RandomCrop', values, [height, width], { fit: 'crop', interpolation: 'bilinear', dataFormat })
    return seeded(seed, () => partOf(partOf(values, axes[0]!, height), axes[1]!, width))
  },
})

/** So many elements along an axis from a place that is drawn. */
function partOf(x: Tensor, axis: number, size: number): Tensor {
  const start = randint([], 0, x.shape[axis]! - size + 1)
  return gather(x, add(iotaT(size), start) as never, { axis: axis as never })
}
