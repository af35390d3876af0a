import { cond } from '../../api/cond'
import { equal } from '../../api/math'
import type { Tensor } from '../../ir/tensor'
import { equalized } from './equalization'
import { stretched } from './auto-contrast'
import { type Images, withValues } from './images'
import { brightened } from './random-brightness'
import { contrasted } from './random-contrast'
import { degenerated } from './random-color-degeneration'
import { posterized } from './random-posterization'
import { rotated } from './random-rotation'
import { sharpened } from './random-sharpness'
import { sheared } from './random-shear'
import { translated } from './random-translation'
import { solarized } from './solarization'
import type { ValueRange } from './value-range'

export interface PolicyOptions {
  readonly factor: readonly [number, number]
  readonly valueRange: ValueRange
  readonly interpolation: 'bilinear' | 'nearest'
}
export type Step = (images: Images) => Tensor

/** Changes that policies choose from, in Keras's order, all of one strength: those of places and tones, and those of colours. */
export function stepsOf({ factor, valueRange, interpolation }: PolicyOptions): {
  readonly plain: Step[]
  readonly colours: Step[]
} {
  const how = { fillMode: 'reflect', fillValue: 0, interpolation } as const
  const own = { factor, valueRange }
  const bits = Math.max(1, Math.trunc(8 * factor[1]))
  return {
    plain: [
      (images) => sheared(images, { xFactor: factor, yFactor: factor, ...how }),
      (images) => translated(images, { heightFactor: factor, widthFactor: factor, ...how }),
      (images) => rotated(images, { factor, ...how }),
      (images) => posterized(images, { factor: [bits, bits], valueRange }),
      (images) => solarized(images, { additionFactor: factor, thresholdFactor: factor, valueRange }),
      (images) => stretched(images, { valueRange }),
      (images) => equalized(images, { valueRange, bins: 256 }),
    ],
    colours: [
      (images) => brightened(images, own),
      (images) => degenerated(images, own),
      (images) => contrasted(images, own),
      (images) => sharpened(images, own),
    ],
  }
}

/** The step of an index, the only one that is computed; past the last, images stay as they are. */
export function taken(images: Images, index: Tensor, steps: readonly Step[]): Images {
  // One choice after another: choices within choices take long to compile.
  const chosen = steps.reduce<Tensor>(
    (now, step, k) =>
      cond(
        equal(index, k),
        () => step(images),
        () => now,
      ),
    images.x,
  )
  return withValues(images, chosen)
}
