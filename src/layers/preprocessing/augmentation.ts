import { asFloat } from '../../api/build'
import { scope } from '../../ir/origin'
import type { Tensor } from '../../ir/tensor'
import { defineLayer, type LayerFactory } from '../layer'
import type { Options, Parsed } from '../option'
import { type Images, imagesOf, unbatched } from './images'
import { dataFormat, seed } from './options'

const common = { seed, dataFormat }
type Common = typeof common

/** A change of images by draws, one each unless said otherwise. */
export interface Augmentation<T extends Options> {
  readonly className: string
  readonly name: string
  readonly options: T
  check?(options: Parsed<T>, where: string): void
  /** Values of the images, changed: in their shape. */
  change(images: Images, options: Parsed<T>): Tensor
}

/**
 * A layer that changes images, [batch, height, width, channels] or one image, in training; otherwise it hands them on. The
 * result is float in either case. Draws are new at each step; `seed` tells layers of one name apart.
 */
export function augmentation<const T extends Options>(rule: Augmentation<T>): LayerFactory<T & Common> {
  return defineLayer<T & Common>({
    className: rule.className,
    name: rule.name,
    options: { ...rule.options, ...common },
    ...(rule.check ? { check: (options: Parsed<T & Common>, where: string) => rule.check!(options, where) } : {}), // prettier-ignore
    call([x], options, at) {
      const own = options as unknown as Parsed<T> & Parsed<Common>
      const images = imagesOf(rule.className, x!, own.dataFormat)
      if (!at.draws) return asFloat(rule.className, x!)
      return unbatched(
        seeded(own.seed, () => rule.change(images, own)),
        x!,
      )
    },
  })
}

/** Draws of their own for each seed. */
export const seeded = <T>(seed: number | undefined, body: () => T): T =>
  seed === undefined ? body() : scope(`seed ${seed}`, body)
