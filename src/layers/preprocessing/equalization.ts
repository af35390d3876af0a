import { bincount } from '../../api/counting'
import { cumSum } from '../../api/cumulative'
import { clip, round } from '../../api/elementary'
import { takeAlongAxis } from '../../api/indexing'
import { cast, div, less, mul, sub, where } from '../../api/math'
import { max, min } from '../../api/reduce'
import { transpose } from '../../api/shape'
import type { Tensor } from '../../ir/tensor'
import { reshapeT } from '../../ops/view'
import { integer } from '../option'
import { augmentation } from './augmentation'
import type { Images } from './images'
import { valueRange } from './options'
import { between, BYTES, type ValueRange } from './value-range'

const LAST = { axis: -1, keepDims: true } as const

export function equalized(
  images: Images,
  { valueRange, bins }: { readonly valueRange: ValueRange; readonly bins: number },
): Tensor {
  const { x, dataFormat, batch, channels, height, width } = images
  const first = dataFormat === 'channelsFirst' ? x : transpose(x, [0, 3, 1, 2])
  const values = between(reshapeT(first, [batch, channels, height * width]), valueRange, BYTES)
  // Whole numbers by leaving out the fraction: values are not negative.
  const places = cast(clip(mul(values, (bins - 1) / 255), 0, bins - 1), 'int32')
  const counts = bincount(places, { length: bins })
  const below = cumSum(counts)
  const total = max(below, LAST)
  // What lies in the first bin that holds anything becomes 0.
  const least = min(where(less(0, below), below, height * width), LAST)
  const rest = sub(total, least)
  const isOne = less(rest, 1)
  const share = div(cast(sub(below, least), x.dtype), cast(where(isOne, 1, rest), x.dtype))
  const table = clip(round(mul(share, 255)), 0, 255)
  const looked = takeAlongAxis(table as never, places as never)
  const equal = between(where(isOne, values, looked), BYTES, valueRange)
  const back = reshapeT(equal, [batch, channels, height, width])
  return dataFormat === 'channelsFirst' ? back : transpose(back, [0, 2, 3, 1])
}

/**
 * Each channel of each image in training with its values spread so that all are about as frequent, by a histogram of so many
 * bins; one with a single bin stays as it is.
 */
export const equalization = augmentation({
  className: 'Equalization',
  name: 'equalization',
  options: { valueRange: valueRange(), bins: integer(256, 2) },
  change: equalized,
})
