import { adaptiveAveragePool, adaptiveMaxPool } from '../api/adaptive'
import { defineLayer } from './layer'
import { perAxis, required } from './option'
import { requireRank } from './rank'
import { dataFormat } from './window-options'

/** As many windows as asked for along each spatial axis. */
const adaptive = (kind: 'Max' | 'Average', rank: 1 | 2 | 3) => {
  const className = `Adaptive${kind}Pooling${rank}D`
  const pool = kind === 'Max' ? adaptiveMaxPool : adaptiveAveragePool
  return defineLayer({
    className,
    name: `adaptive_${kind.toLowerCase()}_pooling${rank}d`,
    options: { outputSize: required(perAxis(rank)), dataFormat: dataFormat() },
    call([x], { outputSize, dataFormat }) {
      requireRank(className, x!, rank + 2)
      return pool(x!, outputSize, { dataFormat })
    },
  })
}

/** The means of `outputSize` windows of sequences, see `adaptiveAveragePool`. */
export const adaptiveAveragePooling1d = adaptive('Average', 1)
/** The means of `outputSize` windows of images. */
export const adaptiveAveragePooling2d = adaptive('Average', 2)
/** The means of `outputSize` windows of volumes. */
export const adaptiveAveragePooling3d = adaptive('Average', 3)
/** The largest elements of `outputSize` windows of sequences, see `adaptiveMaxPool`. */
export const adaptiveMaxPooling1d = adaptive('Max', 1)
/** The largest elements of `outputSize` windows of images. */
export const adaptiveMaxPooling2d = adaptive('Max', 2)
/** The largest elements of `outputSize` windows of volumes. */
export const adaptiveMaxPooling3d = adaptive('Max', 3)
