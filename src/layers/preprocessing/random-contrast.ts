import { add, mul, sub } from '../../api/math'
import { mean } from '../../api/reduce'
import { GraphError } from '../../ir/errors'
import type { Tensor } from '../../ir/tensor'
import { type Option, required, shown } from '../option'
import { augmentation } from './augmentation'
import { eachIn } from './draws'
import type { Images } from './images'
import { valueRange } from './options'
import type { ColourOptions } from './random-brightness'
import { held } from './value-range'

type Pair = readonly [lower: number, upper: number]
/** How far below and above 1, each from 0 to 1. */
export const lowerUpper: Option<number | Pair, Pair, false> = {
  required: false,
  text: 'a number from 0 to 1, or two of them',
  parse(value, where) {
    const pair: unknown = typeof value === 'number' ? [value, value] : value
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((v) => typeof v === 'number' && v >= 0 && v <= 1))
      throw new GraphError(`${where} must be a number from 0 to 1, or two of them, it is ${shown(value)}`)
    return [Number(pair[0]), Number(pair[1])]
  },
  write: (pair) => [...pair],
}

export function contrasted(images: Images, { factor, valueRange }: ColourOptions): Tensor {
  const { x, axes } = images
  const middle = mean(x, { axis: [axes.height, axes.width], keepDims: true })
  const by = eachIn(images, [1 - factor[0], 1 + factor[1]])
  return held(add(mul(sub(x, middle), by), middle), valueRange)
}

/**
 * Images in training with other contrast: the distance from the mean of each channel times a number from 1 - lower to
 * 1 + upper, held within the range of values. The factor is [lower, upper], or a number for both.
 */
export const randomContrast = augmentation({
  className: 'RandomContrast',
  name: 'random_contrast',
  options: { factor: required(lowerUpper), valueRange: valueRange() },
  change: contrasted,
})
