import { add, cast, div, exp, mul, square, sub, where } from '../../api/math'
import { sum } from '../../api/reduce'
import { GraphError } from '../../ir/errors'
import type { Tensor } from '../../ir/tensor'
import { iotaT } from '../../ops/iota'
import { reshapeT } from '../../ops/view'
import { perAxis } from '../option'
import { augmentation } from './augmentation'
import { chosen, drawn } from './draws'
import { factor, upTo, valueRange } from './options'
import { filtered } from './random-sharpness'
import { held } from './value-range'

/**
 * Images blurred in training, with a probability from `factor`: under a normal curve of so many columns and rows (odd numbers),
 * whose deviations in pixels are drawn from `sigma` for the whole batch. A single number of either stands for [0, number].
 */
export const randomGaussianBlur = augmentation({
  className: 'RandomGaussianBlur',
  name: 'random_gaussian_blur',
  options: {
    factor: factor([0, 1], upTo, 1),
    kernelSize: perAxis(2, 3),
    sigma: factor([0, 1], upTo, 1),
    valueRange: valueRange(),
  },
  check({ kernelSize }, where) {
    if (kernelSize.some((k) => k % 2 === 0))
      throw new GraphError(`${where}: kernelSize is odd, it is ${kernelSize.join(', ')}`)
  },
  change(images, { factor, kernelSize: [columns, rows], sigma, valueRange }) {
    const { x } = images
    const curve = (size: number): Tensor => bell(size, add(drawn([], sigma, x.dtype), 1e-6))
    const kernel = mul(reshapeT(curve(rows!), [rows!, 1, 1, 1]), reshapeT(curve(columns!), [1, columns!, 1, 1]))
    return held(where(chosen(images, factor), filtered(images, kernel), x), valueRange)
  },
})

/** A normal curve at so many places around its middle, which add up to 1. */
function bell(size: number, deviation: Tensor): Tensor {
  const place = sub(cast(iotaT(size), deviation.dtype), (size - 1) / 2)
  const height = exp(mul(square(div(place, deviation)), -0.5))
  return div(height, sum(height))
}
