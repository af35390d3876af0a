import { asFloat } from '../../api/build'
import { add, cast, sqrt, sub, where } from '../../api/math'
import { permutation } from '../../api/random'
import { reshapeT } from '../../ops/view'
import { defineLayer } from '../layer'
import { seeded } from './augmentation'
import { betas } from './beta'
import { boxIn } from './box'
import { drawn } from './draws'
import { imagesOf, unbatched } from './images'
import { mixedLabels, shuffled } from './mix'
import { dataFormat, factor, seed, upTo } from './options'

/**
 * A box of each image in training from another image of its batch. Its part of the image is 1 - w, w from Beta(alpha, alpha)
 * with an alpha for the batch from `factor`; f stands for [0, f]. Called on [images, labels] it gives both, labels being
 * floats [batch, classes] and mixed by the parts.
 */
export const cutMix = defineLayer({
  className: 'CutMix',
  name: 'cut_mix',
  options: { factor: factor([0, 1], upTo, 1), seed, dataFormat },
  arity: { least: 1, most: 2 },
  call([x, labels], { factor, seed, dataFormat }, at) {
    if (!at.draws) return labels ? [asFloat('CutMix', x!), labels] : asFloat('CutMix', x!)
    const images = imagesOf('CutMix', x!, dataFormat)
    return seeded(seed, () => {
      const { batch, x: values } = images
      const order = permutation(batch)
      // An alpha of 0 has no distribution.
      const alpha = add(drawn([], factor, values.dtype), 1e-6)
      const side = sqrt(sub(1, reshapeT(betas([batch], alpha, alpha, values.dtype), [batch, 1, 1, 1])))
      const { mask, part } = boxIn(images, side, side)
      const mixed = unbatched(where(mask, shuffled(values, order), values), x!)
      return labels ? [mixed, mixedLabels('CutMix', labels, order, cast(sub(1, part), labels.dtype))] : mixed
    })
  },
})
