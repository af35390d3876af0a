import { permutation } from '../../api/random'
import { partT } from '../../ops/pieces'
import { reshapeT } from '../../ops/view'
import { GraphError } from '../../ir/errors'
import { integer } from '../option'
import { augmentation } from './augmentation'
import { factor, upTo, valueRange } from './options'
import { stepsOf, taken } from './policy'
import { interpolation } from './warp'

/** So many changes there are to choose from. */
const STEPS = 11

/**
 * Some changes in training one after another, chosen at each step for the batch without repetition: shear, translation,
 * rotation, brightness, colour degeneration, contrast, sharpness, posterization, solarization, auto contrast and
 * equalization, each of a strength from `factor`; f stands for [0, f]. Images have three channels.
 */
export const randAugment = augmentation({
  className: 'RandAugment',
  name: 'rand_augment',
  options: { valueRange: valueRange(), numOps: integer(2), factor: factor([0, 1], upTo, 0.5), interpolation },
  check({ numOps }, where) {
    if (numOps > STEPS) throw new GraphError(`${where}: numOps is at most ${STEPS}, it is ${numOps}`)
  },
  change(images, { numOps, ...options }) {
    const { plain, colours } = stepsOf(options)
    const order = permutation(STEPS)
    return Array.from({ length: numOps }, (_, k) => reshapeT(partT(order, 0, k, 1), [])).reduce(
      (now, index) => taken(now, index, [...plain, ...colours]),
      images,
    ).x
  },
})
