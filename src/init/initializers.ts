import { GraphError } from '../ir/errors'
import { showShape, sizeOf } from '../ir/type'
import type { Random } from './random'

/** Gives the first values of a variable: as many as its shape has positions, in row-major order. */
export type Initializer = (shape: readonly number[], random: Random) => ArrayLike<number>

/** All 0, any shape. */
export const zeros = (): Initializer => constantInit(0)

/** All 1, any shape. */
export const ones = (): Initializer => constantInit(1)

/** The same finite value everywhere, any shape. */
export function constantInit(value: number): Initializer {
  checkFinite('constantInit', { value })
  return (shape) => new Float64Array(sizeOf(shape)).fill(value)
}

/** Uniform in [min, max), any shape; narrowing to float32 may round up to max. Throws where min > max. */
export function randomUniform({ min = -0.05, max = 0.05 }: { min?: number; max?: number } = {}): Initializer {
  checkFinite('randomUniform', { min, max, 'max - min': max - min })
  if (min > max) throw new GraphError(`randomUniform: min must not be above max, they are ${min} and ${max}`)
  return (shape, random) => uniformValues(shape, random, min, max)
}

/** Normal: mean + stddev * z with z standard normal, any shape. */
export function randomNormal({ mean = 0, stddev = 0.05 }: { mean?: number; stddev?: number } = {}): Initializer {
  checkNormal('randomNormal', mean, stddev)
  return (shape, random) => normalValues(shape, random, mean, stddev)
}

/**
 * mean + stddev * z with z standard normal and redrawn until it is in [-2, 2], any shape: nothing is further than
 * 2 stddev from the mean, and the deviation of the values is 0.8796 stddev.
 */
export function truncatedNormal({ mean = 0, stddev = 0.05 }: { mean?: number; stddev?: number } = {}): Initializer {
  checkNormal('truncatedNormal', mean, stddev)
  return (shape, random) => truncatedValues(shape, random, mean, stddev)
}

const MODES = ['fanIn', 'fanOut', 'fanAvg'] as const
const DISTRIBUTIONS = ['truncatedNormal', 'untruncatedNormal', 'uniform'] as const

/** What `varianceScaling` is told. */
export interface VarianceScaling {
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
  const { scale = 1, mode = 'fanIn', distribution = 'truncatedNormal' } = options
  checkFinite('varianceScaling', { scale })
  if (scale <= 0) throw new GraphError(`varianceScaling: scale must be above 0, it is ${scale}`)
  checkOneOf('mode', mode, MODES)
  checkOneOf('distribution', distribution, DISTRIBUTIONS)
  return (shape, random) => {
    const variance = scale / Math.max(1, fanOf(shape, mode))
    const limit = Math.sqrt(3 * variance)
    if (distribution === 'uniform') return uniformValues(shape, random, -limit, limit)
    const stddev = Math.sqrt(variance)
    if (distribution === 'untruncatedNormal') return normalValues(shape, random, 0, stddev)
    return truncatedValues(shape, random, 0, stddev / TRUNCATED_STDDEV)
  }
}

/**
 * Uniform in [-limit, limit) with limit = sqrt(6 / (fanIn + fanOut)); fans as in `varianceScaling`. For layers with
 * tanh or no activation. Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
 * networks", AISTATS 2010; also called Xavier.
 */
export const glorotUniform = (): Initializer => varianceScaling({ mode: 'fanAvg', distribution: 'uniform' })

/** Truncated normal of stddev sqrt(2 / (fanIn + fanOut)); otherwise `glorotUniform`. Glorot and Bengio, 2010. */
export const glorotNormal = (): Initializer => varianceScaling({ mode: 'fanAvg' })

/**
 * Uniform in [-limit, limit) with limit = sqrt(6 / fanIn); fans as in `varianceScaling`. For layers with relu, which
 * halves the signal's power. He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015; also called Kaiming.
 */
export const heUniform = (): Initializer => varianceScaling({ scale: 2, distribution: 'uniform' })

/** Truncated normal of stddev sqrt(2 / fanIn); otherwise `heUniform`. He et al., 2015. */
export const heNormal = (): Initializer => varianceScaling({ scale: 2 })

/**
 * Uniform in [-limit, limit) with limit = sqrt(3 / fanIn); fans as in `varianceScaling`. For layers with selu or tanh.
 * LeCun, Bottou, Orr and Müller, "Efficient BackProp", 1998.
 */
export const lecunUniform = (): Initializer => varianceScaling({ distribution: 'uniform' })

/** Truncated normal of stddev sqrt(1 / fanIn); otherwise `lecunUniform`. LeCun et al., 1998. */
export const lecunNormal = (): Initializer => varianceScaling()

/**
 * gain * Q for a shape [...rows, cols] of two dimensions or more, taken as a matrix of product(rows) times cols: its
 * columns are orthonormal where it is tall, its rows where it is wide. Q is the orthogonal factor of a matrix of
 * standard normals with the signs that make the diagonal of R positive, and so uniform among all such matrices.
 * For recurrent kernels and deep linear chains. Throws for fewer dimensions. Saxe, McClelland and Ganguli, "Exact
 * solutions to the nonlinear dynamics of learning in deep linear neural networks", 2013.
 */
export function orthogonal({ gain = 1 }: { gain?: number } = {}): Initializer {
  checkFinite('orthogonal', { gain })
  return (shape, random) => {
    if (shape.length < 2)
      throw new GraphError(`orthogonal: the shape must have two dimensions or more, it is ${showShape(shape)}`)
    const cols = shape.at(-1)!
    const rows = sizeOf(shape.slice(0, -1))
    const count = Math.min(rows, cols)
    const vectors = normalValues(shape, random, 0, 1)
    orthonormalize(vectors, count, Math.max(rows, cols))
    const values = rows >= cols ? transposed(vectors, cols, rows) : vectors
    return values.map((value) => gain * value)
  }
}

/**
 * Modified Gram-Schmidt on vectors that lie one after the other. Its R has the norms on the diagonal, which are
 * positive: no signs are left to fix. What a subtraction cancels comes back as error relative to what remains, so a
 * vector that lost most of its length is projected again (Daniel, Gragg, Kaufman and Stewart, 1976).
 */
function orthonormalize(vectors: Float64Array, count: number, length: number): void {
  for (let j = 0; j < count; j++) {
    const vector = vectors.subarray(j * length, (j + 1) * length)
    let before: number
    let norm = Math.sqrt(dot(vector, vector))
    do {
      before = norm
      for (let i = 0; i < j; i++) project(vector, vectors.subarray(i * length, (i + 1) * length))
      norm = Math.sqrt(dot(vector, vector))
    } while (norm < before / 10)
    for (let k = 0; k < length; k++) vector[k]! /= norm
  }
}

/** Subtracts the component along a unit vector. */
function project(vector: Float64Array, unit: Float64Array): void {
  const along = dot(vector, unit)
  for (let k = 0; k < vector.length; k++) vector[k]! -= along * unit[k]!
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!
  return sum
}

function transposed(matrix: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(matrix.length)
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) out[j * rows + i] = matrix[i * cols + j]!
  }
  return out
}

function fanOf(shape: readonly number[], mode: (typeof MODES)[number]): number {
  const window = sizeOf(shape.slice(0, -2))
  const fanOut = (shape.at(-1) ?? 1) * window
  const fanIn = (shape.at(-2) ?? shape.at(-1) ?? 1) * window
  return mode === 'fanIn' ? fanIn : mode === 'fanOut' ? fanOut : (fanIn + fanOut) / 2
}

function uniformValues(shape: readonly number[], random: Random, min: number, max: number): Float64Array {
  const out = new Float64Array(sizeOf(shape))
  for (let i = 0; i < out.length; i++) out[i] = min + (max - min) * random.uniform()
  return out
}

function normalValues(shape: readonly number[], random: Random, mean: number, stddev: number): Float64Array {
  const out = new Float64Array(sizeOf(shape))
  for (let i = 0; i < out.length; i++) out[i] = mean + stddev * random.normal()
  return out
}

function truncatedValues(shape: readonly number[], random: Random, mean: number, stddev: number): Float64Array {
  const out = new Float64Array(sizeOf(shape))
  for (let i = 0; i < out.length; i++) out[i] = mean + stddev * random.truncatedNormal()
  return out
}

function checkNormal(what: string, mean: number, stddev: number): void {
  checkFinite(what, { mean, stddev })
  if (stddev < 0) throw new GraphError(`${what}: stddev must not be negative, it is ${stddev}`)
}

function checkFinite(what: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) throw new GraphError(`${what}: ${name} must be a finite number, it is ${value}`)
  }
}

function checkOneOf(name: string, value: string, allowed: readonly string[]): void {
  if (allowed.includes(value)) return
  throw new GraphError(`varianceScaling: ${name} must be one of ${allowed.join(', ')}, it is ${JSON.stringify(value)}`)
}
