import { div, equal, sub, where } from '../../api/math'
import { max, min } from '../../api/reduce'
import type { Tensor } from '../../ir/tensor'
import { defineLayer } from '../layer'
import { type Images, imagesOf, unbatched } from './images'
import { dataFormat, valueRange } from './options'
import { between, held, UNIT, type ValueRange } from './value-range'

export function stretched({ x, axes }: Images, { valueRange }: { readonly valueRange: ValueRange }): Tensor {
  const over = { axis: [axes.height, axes.width], keepDims: true } as const
  const [low, high] = [min(x, over), max(x, over)]
  const isFlat = equal(high, low)
  const part = div(sub(x, low), where(isFlat, 1, sub(high, low)))
  return where(isFlat, x, between(held(part, UNIT), UNIT, valueRange))
}

/**
 * Each channel of each image stretched over the range of values, in training or not; one of a single value stays as it is.
 * Float.
 */
export const autoContrast = defineLayer({
  className: 'AutoContrast',
  name: 'auto_contrast',
  options: { valueRange: valueRange(), dataFormat },
  call([x], { dataFormat, ...options }) {
    return unbatched(stretched(imagesOf('AutoContrast', x!, dataFormat), options), x!)
  },
})
