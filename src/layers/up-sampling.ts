import { upSampling1d as longer, upSampling2d as larger, upSampling3d as wider } from '../api/image'
import { defineLayer } from './layer'
import { choice, integer, perAxis } from './option'
import { requireRank } from './rank'
import { dataFormat } from './window-options'

/** Each step of sequences [batch, steps, features] `size` times in a row. */
export const upSampling1d = defineLayer({
  className: 'UpSampling1D',
  name: 'up_sampling1d',
  options: { size: integer(2) },
  call([x], { size }) {
    requireRank('UpSampling1D', x!, 3)
    return longer(x!, size)
  },
})

/** Images larger by whole factors, pixels repeated or sampled at half pixels, see `resize`. */
export const upSampling2d = defineLayer({
  className: 'UpSampling2D',
  name: 'up_sampling2d',
  options: {
    size: perAxis(2, 2),
    dataFormat: dataFormat(),
    interpolation: choice(['nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5'], 'nearest'),
  },
  call([x], { size, ...o }) {
    requireRank('UpSampling2D', x!, 4)
    return larger(x!, size, o)
  },
})

/** Volumes larger by whole factors, elements repeated. */
export const upSampling3d = defineLayer({
  className: 'UpSampling3D',
  name: 'up_sampling3d',
  options: { size: perAxis(3, 2), dataFormat: dataFormat() },
  call([x], { size, ...o }) {
    requireRank('UpSampling3D', x!, 5)
    return wider(x!, size, o)
  },
})
