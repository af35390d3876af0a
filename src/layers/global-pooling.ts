import { expandDims } from '../api/arrange'
import { cast, div, where } from '../api/math'
import { globalAveragePool, globalMaxPool, type GlobalPoolOptions } from '../api/pool'
import { sum } from '../api/reduce'
import type { Tensor } from '../ir/tensor'
import { spatialDims } from '../ops/window'
import { defineLayer } from './layer'
import { flag } from './option'
import { requireRank } from './rank'
import { dataFormat } from './window-options'

const globalOptions = { dataFormat: dataFormat(), keepdims: flag(false) }

/** One number for each channel: [batch, channels], or with axes of extent 1 in the place of the others by `keepdims`. */
const overall = (kind: 'Max' | 'Average', rank: 1 | 2 | 3, pool: (x: Tensor, options: GlobalPoolOptions) => Tensor) => {
  const className = `Global${kind}Pooling${rank}D`
  return defineLayer({
    className,
    name: `global_${kind.toLowerCase()}_pooling${rank}d`,
    options: globalOptions,
    call([x], { keepdims, dataFormat }) {
      requireRank(className, x!, rank + 2)
      return pool(x!, { dataFormat, keepDims: keepdims })
    },
  })
}

/** The largest element of each channel of sequences. */
export const globalMaxPooling1d = overall('Max', 1, globalMaxPool)
/** The largest element of each channel of images. */
export const globalMaxPooling2d = overall('Max', 2, globalMaxPool)
/** The largest element of each channel of volumes. */
export const globalMaxPooling3d = overall('Max', 3, globalMaxPool)
/** The mean of each channel of images. */
export const globalAveragePooling2d = overall('Average', 2, globalAveragePool)
/** The mean of each channel of volumes. */
export const globalAveragePooling3d = overall('Average', 3, globalAveragePool)

/** The mean of each channel of sequences over the steps that count; NaN where none does, as in Keras. No mask goes on. */
export const globalAveragePooling1d = defineLayer({
  className: 'GlobalAveragePooling1D',
  name: 'global_average_pooling1d',
  options: globalOptions,
  call([x], { keepdims, dataFormat }, at) {
    requireRank('GlobalAveragePooling1D', x!, 3)
    const [mask] = at.masks
    if (!mask) return globalAveragePool(x!, { dataFormat, keepDims: keepdims })
    const keep = expandDims(mask, dataFormat === 'channelsLast' ? 2 : 1)
    const steps = { axis: spatialDims(3, dataFormat)[0]!, keepDims: keepdims }
    return div(sum(where(keep, x!, 0), steps), sum(cast(keep, x!.dtype), steps))
  },
})
