import { asFloat } from '../../api/build'
import { centerCrop as cropped } from '../../api/image'
import { spatialAxes } from '../../api/spatial'
import { defineLayer } from '../layer'
import { integer, required } from '../option'
import { dataFormat } from './options'
import { resizedTo } from './resized'

/**
 * The middle of images, or of one image, as float. Where an image is smaller than that, the largest part of it that has the
 * ratio of height to width, resized.
 */
export const centerCrop = defineLayer({
  className: 'CenterCrop',
  name: 'center_crop',
  options: { height: required(integer()), width: required(integer()), dataFormat },
  call([x], { height, width, dataFormat }) {
    const values = asFloat('CenterCrop', x!)
    const size = [height, width] as const
    const isLarge = spatialAxes('CenterCrop', values, 2, { dataFormat }).every((a, i) => values.shape[a]! >= size[i]!)
    return isLarge
      ? cropped(values, size, { dataFormat })
      : resizedTo('CenterCrop', values, [height, width], { fit: 'crop', interpolation: 'bilinear', dataFormat })
  },
})
