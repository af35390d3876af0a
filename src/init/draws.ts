import { GraphError } from '../ir/errors'
import { type Part, partFrom } from '../ir/part'
import { sizeOf } from '../ir/type'
import { type Random, randomStream } from './random'

/**
 * Gives the first values of a variable: as many as its shape has positions, in row-major order. Those made here know their
 * class name and config; any function will do.
 */
export type Initializer = Part<(shape: readonly number[], random: Random) => ArrayLike<number>>

/** What an initializer draws by. */
export interface SeedOption {
  /**
   * A safe integer that alone decides what is drawn for a shape: every variable of that shape gets the same. Without one the
   * stream is that of the program's seed and the variable's name.
   */
  readonly seed?: number
}

/** An initializer that draws, from a stream of its own where it has a seed. */
export function drawing<O extends { readonly seed?: number | undefined }>(
  className: string,
  options: O,
  draw: Initializer,
): Initializer {
  const { seed } = options
  if (seed === undefined) return partFrom(className, options, draw)
  // No variable has the empty name, so none shares this stream.
  const stream = (): Random => randomStream(seed, '')
  stream()
  return partFrom(className, options, (shape: readonly number[]) => draw(shape, stream()))
}

export function uniformValues(shape: readonly number[], random: Random, min: number, max: number): Float64Array {
  const out = new Float64Array(sizeOf(shape))
  for (let i = 0; i < out.length; i++) out[i] = min + (max - min) * random.uniform()
  return out
}

export function normalValues(shape: readonly number[], random: Random, mean: number, stddev: number): Float64Array {
  const out = new Float64Array(sizeOf(shape))
  for (let i = 0; i < out.length; i++) out[i] = mean + stddev * random.normal()
  return out
}

export function truncatedValues(shape: readonly number[], random: Random, mean: number, stddev: number): Float64Array {
  const out = new Float64Array(sizeOf(shape))
  for (let i = 0; i < out.length; i++) out[i] = mean + stddev * random.truncatedNormal()
  return out
}

export function checkNormal(what: string, mean: number, stddev: number): void {
  checkFinite(what, { mean, stddev })
  if (stddev < 0) throw new GraphError(`${what}: stddev must not be negative, it is ${stddev}`)
}

export function checkFinite(what: string, values: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(values)) {
    if (!Number.isFinite(value)) throw new GraphError(`${what}: ${name} must be a finite number, it is ${value}`)
  }
}
