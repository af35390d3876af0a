import { add, div, mul, neg, sub, where } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { number } from '../option'
import { augmentation } from './augmentation'
import { chosen, eachIn } from './draws'
import { factor, upTo } from './options'
import { interpolation, warped } from './warp'

/**
 * Images seen in training from another side, each with a probability from `factor` (f stands for [0, f]): the corners but the
 * first move along the edges by up to scale / 2 of their distance from it, and the last along both axes.
 */
export const randomPerspective = augmentation({
  className: 'RandomPerspective',
  name: 'random_perspective',
  options: { factor: factor([0, 1], upTo, 1), scale: number(1, 0, 1), interpolation, fillValue: number(0) },
  change(images, { factor, scale, ...how }) {
    const isChosen = chosen(images, factor)
    const moved = (): Tensor => add(eachIn(images, [-scale / 2, scale / 2]), 1)
    const [right, below, lastX, lastY] = [moved(), moved(), moved(), moved()]
    // From the corners, in widths and heights, to the square; the first stays at 0. Source: Heckbert 1989, 2.2.3.
    const [pastX, pastY] = [sub(right, lastX), sub(below, lastY)]
    const area = sub(mul(pastX, pastY), mul(lastX, lastY))
    const [g, h] = [neg(div(mul(right, pastY), area)), neg(div(mul(below, pastX), area))]
    const [width, height] = [mul(right, add(g, 1)), mul(below, add(h, 1))]
    const part = (of: Tensor, extent: Tensor, pixels: number): Tensor =>
      neg(div(of, mul(extent, Math.max(pixels - 1, 1))))
    const row = [
      div(1, width), 0, 0,
      0, div(1, height), 0,
      part(g, width, images.width), part(h, height, images.height),
    ] as const // prettier-ignore
    return where(isChosen, warped(images, row, { ...how, fillMode: 'constant' }), images.x)
  },
})
