import { floor } from '../../api/elementary'
import { fill } from '../../api/leaf'
import { leftShift } from '../../api/logic'
import { cast, div, mul, sub } from '../../api/math'
import { randint } from '../../api/random'
import { GraphError } from '../../ir/errors'
import type { Tensor } from '../../ir/tensor'
import { type Option, required, shown } from '../option'
import { augmentation } from './augmentation'
import type { Images } from './images'
import { valueRange } from './options'
import type { ColourOptions } from './random-brightness'
import { between, BYTES } from './value-range'

type Bits = readonly [least: number, most: number]
const bits: Option<number | Bits, Bits, false> = {
  required: false,
  text: 'a whole number from 1 to 8, or two of them',
  parse(value, where) {
    const pair: unknown = typeof value === 'number' ? [value, value] : value
    const fits = (v: unknown): boolean => Number.isInteger(v) && (v as number) >= 1 && (v as number) <= 8
    if (!Array.isArray(pair) || pair.length !== 2 || !pair.every(fits))
      throw new GraphError(`${where} must be a whole number from 1 to 8, or two of them, it is ${shown(value)}`)
    return [Math.min(...(pair as number[])), Math.max(...(pair as number[]))]
  },
  write: (pair) => [...pair],
}

export function posterized({ x, batch }: Images, { factor: [least, most], valueRange }: ColourOptions): Tensor {
  const shape = [batch, 1, 1, 1]
  const kept = least === most ? fill(shape, least, { dtype: 'int32' }) : randint(shape, least, most)
  const step = cast(leftShift(fill(shape, 1, { dtype: 'int32' }), sub(8, kept) as never), x.dtype)
  return between(mul(floor(div(floor(between(x, valueRange, BYTES)), step)), step), BYTES, valueRange)
}

/**
 * Images in training with so many bits a channel left of the eight that the range of values has: the number given, or one drawn
 * from the first of two up to the second, which is not among them.
 */
export const randomPosterization = augmentation({
  className: 'RandomPosterization',
  name: 'random_posterization',
  options: { factor: required(bits), valueRange: valueRange() },
  change: posterized,
})
