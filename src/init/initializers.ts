import { GraphError } from '../ir/errors'
import { checkKeys, checkOneOf } from '../ir/names-of'
import { partFrom } from '../ir/part'
import { sizeOf } from '../ir/type'
import {
  checkFinite,
  checkNormal,
  drawing,
  type Initializer,
  normalValues,
  type SeedOption,
  truncatedValues,
  uniformValues,
} from './draws'

export type { Initializer, SeedOption }

const filled =
  (value: number) =>
  (shape: readonly number[]): Float64Array =>
    new Float64Array(sizeOf(shape)).fill(value)

/** All 0, any shape. */
export const zeros = (): Initializer => partFrom('Zeros', {}, filled(0))

/** All 1, any shape. */
export const ones = (): Initializer => partFrom('Ones', {}, filled(1))

/** The same finite value everywhere, any shape. */
export function constantInit(value: number): Initializer {
  checkFinite('constantInit', { value })
  return partFrom('Constant', { value }, filled(value))
}

/** Options of uniform initializers. */
export interface UniformOptions extends SeedOption {
  readonly min?: number
  readonly max?: number
}
/** Uniform in [min, max), any shape; narrowing to float32 may round up to max. Throws where min > max. */
export function randomUniform(options: UniformOptions = {}): Initializer {
  checkKeys('randomUniform', options, ['min', 'max', 'seed'])
  const { min = -0.05, max = 0.05, seed } = options
  checkFinite('randomUniform', { min, max, 'max - min': max - min })
  if (min > max) throw new GraphError(`randomUniform: min must not be above max, they are ${min} and ${max}`)
  return drawing('RandomUniform', { min, max, seed }, (shape, random) => uniformValues(shape, random, min, max))
}

/** Options of normal initializers. */
export interface NormalOptions extends SeedOption {
  readonly mean?: number
  readonly stddev?: number
}
/** Normal: mean + stddev * z with z standard normal, any shape. */
export function randomNormal(options: NormalOptions = {}): Initializer {
  const { mean, stddev, seed } = normalOptions('randomNormal', options)
  return drawing('RandomNormal', { mean, stddev, seed }, (shape, random) => normalValues(shape, random, mean, stddev))
}

/**
 * mean + stddev * z with z standard normal and redrawn until it is in [-2, 2], any shape: nothing is further than
 * 2 stddev from the mean, and the deviation of the values is 0.8796 stddev.
 */
export function truncatedNormal(options: NormalOptions = {}): Initializer {
  const { mean, stddev, seed } = normalOptions('truncatedNormal', options)
  return drawing('TruncatedNormal', { mean, stddev, seed }, (shape, random) =>
    truncatedValues(shape, random, mean, stddev),
  )
}

function normalOptions(name: string, options: NormalOptions) {
  checkKeys(name, options, ['mean', 'stddev', 'seed'])
  const { mean = 0, stddev = 0.05, seed } = options
  checkNormal(name, mean, stddev)
  return { mean, stddev, seed }
}

export const MODES = ['fanIn', 'fanOut', 'fanAvg'] as const
export const DISTRIBUTIONS = ['truncatedNormal', 'untruncatedNormal', 'uniform'] as const

/** What `varianceScaling` is told. */
export interface VarianceScaling extends SeedOption {
  /** Above 0. Default 1. */
  readonly scale?: number
  /** Which number of units divides the scale; `fanAvg` is the mean of both. Default `fanIn`. */
  readonly mode?: (typeof MODES)[number]
  /** Default `truncatedNormal`. */
  readonly distribution?: (typeof DISTRIBUTIONS)[number]
}

// The deviation of a standard normal truncated at 2: dividing by it gives the values the variance that was asked for.
const TRUNCATED_STDDEV = 0.87962566103423978

/**
 * Values of mean 0 and variance scale / n, n being the fan that `mode` names, so that signals keep their size from
 * layer to layer. A kernel of shape [...window, in, out] has the fans in * window and out * window, where window is
 * the product of the leading dimensions: [in, out] for a dense layer. [n] has n and n, a scalar 1 and 1.
 *
 * `uniform` draws from [-limit, limit) with limit = sqrt(3 scale / n), `untruncatedNormal` with stddev =
 * sqrt(scale / n) and `truncatedNormal` with that stddev after the truncation.
 */
export function varianceScaling(options: VarianceScaling = {}): Initializer {
  checkKeys('varianceScaling', options, ['scale', 'mode', 'distribution', 'seed'])
  const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal', seed } = options
  checkFinite('varianceScaling', { scale })
  if (scale <= 0) throw new GraphError(`varianceScaling: scale must be above 0, it is ${scale}`)
  checkOneOf('varianceScaling', 'mode', mode, MODES)
  checkOneOf('varianceScaling', 'distribution', distribution, DISTRIBUTIONS)
  return drawing('VarianceScaling', { scale, mode, distribution, seed }, scaling({ scale, mode, distribution }))
}

const scaling =
  ({ scale = 1, mode = 'fanIn', distribution = 'truncatedNormal' }: VarianceScaling): Initializer =>
  (shape, random) => {
    const variance = scale / Math.max(1, fanOf(shape, mode))
    const limit = Math.sqrt(3 * variance)
    if (distribution === 'uniform') return uniformValues(shape, random, -limit, limit)
    const stddev = Math.sqrt(variance)
    if (distribution === 'untruncatedNormal') return normalValues(shape, random, 0, stddev)
    return truncatedValues(shape, random, 0, stddev / TRUNCATED_STDDEV)
  }

/** One with a name of its own, which is told nothing but a seed. */
const preset =
  (name: string, className: string, rule: VarianceScaling) =>
  (options: SeedOption = {}): Initializer => {
    checkKeys(name, options, ['seed'])
    return drawing(className, options, scaling(rule))
  }

/**
 * Uniform in [-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)); fans as in `varianceScaling`. For layers with
 * tanh or no activation. Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
 * networks", AISTATS 2010; also called Xavier.
 */
export const glorotUniform = preset('glorotUniform', 'GlorotUniform', { mode: 'fanAvg', distribution: 'uniform' })

/** Truncated normal of stddev sqrt(2 / (fanIn + fanOut)); otherwise `glorotUniform`. Glorot and Bengio, 2010. */
export const glorotNormal = preset('glorotNormal', 'GlorotNormal', { mode: 'fanAvg' })

/**
 * Uniform in [-limit, limit) with limit = sqrt(6 / fanIn); fans as in `varianceScaling`. For layers with relu, which
 * halves the signal's power. He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015; also called Kaiming.
 */
export const heUniform = preset('heUniform', 'HeUniform', { scale: 2, distribution: 'uniform' })

/** Truncated normal of stddev sqrt(2 / fanIn); otherwise `heUniform`. He et al., 2015. */
export const heNormal = preset('heNormal', 'HeNormal', { scale: 2 })

/**
 * Uniform in [-limit, limit) with limit = sqrt(3 / fanIn); fans as in `varianceScaling`. For layers with selu or tanh.
 * LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998.
 */
export const lecunUniform = preset('lecunUniform', 'LecunUniform', { distribution: 'uniform' })

/** Truncated normal of stddev sqrt(1 / fanIn); otherwise `lecunUniform`. LeCun et al., 1998. */
export const lecunNormal = preset('lecunNormal', 'LecunNormal', {})

function fanOf(shape: readonly number[], mode: (typeof MODES)[number]): number {
  const window = sizeOf(shape.slice(0, -2))
  const fanOut = (shape.at(-1) ?? 1) * window
  const fanIn = (shape.at(-2) ?? shape.at(-1) ?? 1) * window
  return mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2
}
