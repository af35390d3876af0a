import { GraphError } from '../../ir/errors'
import { defineLayer } from '../layer'
import { choice, flag, integer, number, required } from '../option'
import { dataFormat } from './options'
import { likeInput, resizedTo } from './resized'

/**
 * Images, or one image, at another height and width, in the dtype of the input. With `cropToAspectRatio` what does not fit the
 * new ratio is cut off at both sides, with `padToAspectRatio` what is missing is filled.
 */
export const resizing = defineLayer({
  className: 'Resizing',
  name: 'resizing',
  options: {
    height: required(integer()),
    width: required(integer()),
    interpolation: choice(['bilinear', 'nearest', 'bicubic', 'lanczos3', 'lanczos5', 'area'], 'bilinear'),
    cropToAspectRatio: flag(false),
    padToAspectRatio: flag(false),
    fillMode: choice(['constant'], 'constant'),
    fillValue: number(0),
    dataFormat,
  },
  check({ cropToAspectRatio, padToAspectRatio }, where) {
    if (cropToAspectRatio && padToAspectRatio)
      throw new GraphError(`${where}: cropToAspectRatio and padToAspectRatio exclude each other`)
  },
  call([x], { height, width, cropToAspectRatio, padToAspectRatio, ...how }) {
    const fit = cropToAspectRatio ? 'crop' : padToAspectRatio ? 'pad' : undefined
    return likeInput(resizedTo('Resizing', x!, [height, width], { ...how, fit }), x!)
  },
})
