import { add, div, maximum, mul, sub } from '../../api/math'
import { randint } from '../../api/random'
import type { Tensor } from '../../ir/tensor'
import { flag, integer, number } from '../option'
import { augmentation } from './augmentation'
import { gammas } from './beta'
import { factor, upTo, valueRange } from './options'
import { stepsOf, taken } from './policy'
import { held } from './value-range'
import { interpolation } from './warp'

/**
 * Images in training mixed with what chains of changes make of them, each of up to `chainDepth` changes chosen for the batch:
 * those of `randAugment`, without the ones of colours unless `allOps`. Weights of the chains are Dirichlet(alpha), that of the
 * images is Beta(alpha, alpha). A strength f stands for [0, f]. Images have three channels.
 */
export const augMix = augmentation({
  className: 'AugMix',
  name: 'aug_mix',
  options: {
    valueRange: valueRange(),
    numChains: integer(3),
    chainDepth: integer(3),
    factor: factor([0, 1], upTo, 0.3),
    alpha: number(1, 0.05),
    allOps: flag(true),
    interpolation,
  },
  change(images, { numChains, chainDepth, alpha, allOps, ...options }) {
    const { plain, colours } = stepsOf(options)
    const steps = allOps ? [...plain, ...colours] : plain
    const { x } = images
    const gamma = (): Tensor => gammas([], alpha, x.dtype)
    const shares = Array.from({ length: numChains }, gamma)
    // A small alpha may draw nothing but zeros.
    const shareOf = (part: Tensor, all: Tensor): Tensor => div(part, maximum(all, 1e-30))
    const total = shares.reduce((a, b) => add(a, b))
    const chains = shares.map((share) => {
      const depth = Array.from({ length: chainDepth })
      const changed = depth.reduce<typeof images>((now) => taken(now, randint([], 0, steps.length + 1), steps), images)
      return mul(changed.x, shareOf(share, total))
    })
    const mixed = chains.reduce((a, b) => add(a, b))
    const [own, other] = [gamma(), gamma()]
    const weight = shareOf(own, add(own, other))
    return held(add(mul(x, weight), mul(mixed, sub(1, weight))), options.valueRange)
  },
})
