import {
  averagePool1d,
  averagePool2d,
  averagePool3d,
  maxPool1d,
  maxPool2d,
  maxPool3d,
  type PoolOptions,
} from '../api/pool'
import type { Tensor } from '../ir/tensor'
import { defineLayer } from './layer'
import { optional, perAxis } from './option'
import { requireRank } from './rank'
import { dataFormat, padding } from './window-options'

type Pool = (x: Tensor, options: PoolOptions) => Tensor

/** Windows of `poolSize`, by default side by side. */
const pooling = (kind: 'Max' | 'Average', rank: 1 | 2 | 3, pool: Pool) => {
  const className = `${kind}Pooling${rank}D`
  return defineLayer({
    className,
    name: `${kind.toLowerCase()}_pooling${rank}d`,
    options: {
      poolSize: perAxis(rank, 2),
      strides: optional(perAxis(rank)),
      padding: padding(),
      dataFormat: dataFormat(),
    },
    call([x], { poolSize, strides = poolSize, ...o }) {
      requireRank(className, x!, rank + 2)
      return pool(x!, { ...o, size: poolSize, strides })
    },
  })
}

/** The largest element of each window of sequences, see `maxPool1d`. */
export const maxPooling1d = pooling('Max', 1, maxPool1d)
/** The largest element of each window of images. */
export const maxPooling2d = pooling('Max', 2, maxPool2d)
/** The largest element of each window of volumes. */
export const maxPooling3d = pooling('Max', 3, maxPool3d)
/** The mean of each window of sequences, padding not counted, see `averagePool1d`. */
export const averagePooling1d = pooling('Average', 1, averagePool1d)
/** The mean of each window of images, padding not counted. */
export const averagePooling2d = pooling('Average', 2, averagePool2d)
/** The mean of each window of volumes, padding not counted. */
export const averagePooling3d = pooling('Average', 3, averagePool3d)
