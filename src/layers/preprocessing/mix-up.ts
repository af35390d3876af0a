import { asFloat } from '../../api/build'
import { add, cast, mul, sub } from '../../api/math'
import { permutation } from '../../api/random'
import { reshapeT } from '../../ops/view'
import { defineLayer } from '../layer'
import { number } from '../option'
import { seeded } from './augmentation'
import { betas } from './beta'
import { imagesOf, unbatched } from './images'
import { mixedLabels, shuffled } from './mix'
import { dataFormat, seed } from './options'

/**
 * Images in training mixed with others of their batch: w x + (1 - w) of another, w from Beta(alpha, alpha), the same for the
 * batch. Called on [images, labels] it gives both, labels being floats [batch, classes] and mixed alike.
 */
export const mixUp = defineLayer({
  className: 'MixUp',
  name: 'mix_up',
  options: { alpha: number(0.2, 1e-6, 1), seed, dataFormat },
  arity: { least: 1, most: 2 },
  call([x, labels], { alpha, seed, dataFormat }, at) {
    if (!at.draws) return labels ? [asFloat('MixUp', x!), labels] : asFloat('MixUp', x!)
    const images = imagesOf('MixUp', x!, dataFormat)
    return seeded(seed, () => {
      const order = permutation(images.batch)
      const weight = reshapeT(betas([1], alpha, alpha, images.x.dtype), [1, 1, 1, 1])
      const mixed = unbatched(add(mul(weight, images.x), mul(sub(1, weight), shuffled(images.x, order))), x!)
      return labels ? [mixed, mixedLabels('MixUp', labels, order, cast(weight, labels.dtype))] : mixed
    })
  },
})
