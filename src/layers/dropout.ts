import {
  alphaDropout as alpha,
  dropout as dropped,
  gaussianDropout as gaussian,
  spatialDropout as channelsDropped,
} from '../api/dropout'
import { add, cast } from '../api/math'
import { type DrawOptions, normal } from '../api/random'
import type { Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import type { DataFormat } from '../ops/window'
import { defineLayer } from './layer'
import { integer, number, optional, plain, required } from './option'
import { requireRank } from './rank'
import { dataFormat } from './window-options'

// All do nothing but in training, where they do so in layers that are frozen, too.

const rate = plain<number>('a number from 0 up to 1 (not 1)', (v) => typeof v === 'number' && v >= 0 && v < 1)
/** With a seed a layer draws other numbers than with another; they are a function of the seed of the program, too. */
const seed = optional(integer(undefined, 0))
const drawn = (seed: number | undefined): DrawOptions => (seed === undefined ? {} : { name: `seed ${seed}` })

type Extent = number | null
const noiseShape = optional(
  plain<readonly Extent[]>(
    'a list of extents from 1, null for that of the input',
    (v) => Array.isArray(v) && v.every((d) => d === null || (Number.isSafeInteger(d) && (d as number) >= 1)),
  ),
)
const noise = (seed: number | undefined, shape: readonly Extent[] | undefined) => ({
  ...drawn(seed),
  ...(shape ? { noiseShape: shape } : {}),
})

/** x / (1 - rate) where an element is kept, 0 where it is dropped. See `dropout`. */
export const dropout = defineLayer({
  className: 'Dropout',
  name: 'dropout',
  options: { rate: required(rate), noiseShape, seed },
  mask: 'pass',
  call: ([x], o, at) => (at.draws && o.rate > 0 ? dropped(x!, o.rate, noise(o.seed, o.noiseShape)) : x!),
})

/** Dropout for networks of selu, whose mean and variance stay. See `alphaDropout`. */
export const alphaDropout = defineLayer({
  className: 'AlphaDropout',
  name: 'alpha_dropout',
  options: { rate: required(rate), noiseShape, seed },
  mask: 'pass',
  call: ([x], o, at) => (at.draws && o.rate > 0 ? alpha(x!, o.rate, noise(o.seed, o.noiseShape)) : x!),
})

/** x times normal noise of mean 1 and variance rate / (1 - rate). See `gaussianDropout`. */
export const gaussianDropout = defineLayer({
  className: 'GaussianDropout',
  name: 'gaussian_dropout',
  options: { rate: required(rate), seed },
  mask: 'pass',
  call: ([x], o, at) => (at.draws && o.rate > 0 ? gaussian(x!, o.rate, drawn(o.seed)) : x!),
})

/** x plus normal noise of mean 0. */
export const gaussianNoise = defineLayer({
  className: 'GaussianNoise',
  name: 'gaussian_noise',
  options: { stddev: required(number(undefined, 0)), seed },
  mask: 'pass',
  call([x], { stddev, seed }, at) {
    if (!at.draws || stddev === 0) return x!
    const value: Tensor = isFloat(x!.dtype) ? x! : cast(x!, 'float32')
    return add(value, normal(value.shape, { stddev, dtype: value.dtype as 'float32', ...drawn(seed) }))
  },
})

interface Spatial {
  readonly rate: number
  readonly seed: number | undefined
  readonly dataFormat: DataFormat
}
const spatial = (className: string, x: Tensor, rank: number, draws: boolean, o: Spatial): Tensor => {
  requireRank(className, x, rank)
  const { rate, dataFormat } = o
  return draws && rate > 0 ? channelsDropped(x, rate, { dataFormat, ...drawn(o.seed) }) : x
}

/** Whole channels of sequences dropped. See `spatialDropout`. */
export const spatialDropout1d = defineLayer({
  className: 'SpatialDropout1D',
  name: 'spatial_dropout1d',
  options: { rate: required(rate), seed },
  mask: 'pass',
  call: ([x], o, at) => spatial('SpatialDropout1D', x!, 3, at.draws, { ...o, dataFormat: 'channelsLast' }),
})
/** Whole channels of images dropped. */
export const spatialDropout2d = defineLayer({
  className: 'SpatialDropout2D',
  name: 'spatial_dropout2d',
  options: { rate: required(rate), dataFormat: dataFormat(), seed },
  mask: 'pass',
  call: ([x], o, at) => spatial('SpatialDropout2D', x!, 4, at.draws, o),
})
/** Whole channels of volumes dropped. */
export const spatialDropout3d = defineLayer({
  className: 'SpatialDropout3D',
  name: 'spatial_dropout3d',
  options: { rate: required(rate), dataFormat: dataFormat(), seed },
  mask: 'pass',
  call: ([x], o, at) => spatial('SpatialDropout3D', x!, 5, at.draws, o),
})
