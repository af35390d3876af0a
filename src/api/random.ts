import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import type { NamedAll, Shape } from '../ir/shapes'
import { apply, explained, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { checkShape, resolveDims } from '../ir/trace'
import { showShape } from '../ir/type'
import { addT } from '../ops/arith'
import { expandDimsT } from '../ops/arrange'
import { gumbelOp, normalOp, normalTruncatedOp, normalWords, randintOp, uniformOp } from '../ops/distributions'
import { chanceT } from '../ops/dropout'
import { permutationOp, permuteRowsT } from '../ops/permutation'
import { bitsT, unitWords, wordsT } from '../ops/random'
import { argMaxOp } from '../ops/reduce'
import { asFloat, checkNumber } from './build'
import { drawKey } from './random-state'

type Dims = readonly (number | string)[]
type Float = 'float32' | 'float64'

/** Options of all that draws random numbers. */
export interface DrawOptions {
  /** Names the stream of numbers within the scope; by default that is the function's own name. */
  readonly name?: string
}
export interface FloatDraw<D extends Float> extends DrawOptions {
  /** `float32` (the default) or `float64`. */
  readonly dtype?: D
}

function extentsOf(op: string, shape: Dims): number[] {
  const extents = resolveDims(op, shape)
  checkShape(op, extents)
  return extents
}

function floatDtype(op: string, dtype: Float = 'float32'): Float {
  if (dtype === 'float32' || dtype === 'float64') return dtype
  throw new GraphError(`${op}: the dtype must be float32 or float64, it is ${String(dtype)}`)
}

/** A number as a dtype holds it. */
const held = (value: number, dtype: Float): number => (dtype === 'float32' ? Math.fround(value) : value)

/**
 * Uniform random numbers in [min, max), 0 and 1 by default; dimensions of the entry may be given by name. New ones at each
 * step, the same on every target: a multiple of 2^-24 (2^-53 in float64) of the span. No gradient. Throws for bounds that
 * are not finite, or where min is not below max in the dtype.
 *
 * Like all random tensors it is a function of the program's seed (the option of `compile`), of how many steps of entries
 * that draw went before (`random/step` of `state`), and of its stream: the `scope`, the name, and how many draws of that
 * name came before in the body. Source: Threefry-2x32 of Salmon et al. 2011.
 */
export function uniform<const S extends Dims, const D extends Float = 'float32'>(
  shape: readonly [...S],
  options: FloatDraw<D> & { readonly min?: number; readonly max?: number } = {},
): Tensor<NamedAll<S>, D> {
  checkKeys('uniform', options, ['name', 'dtype', 'min', 'max'])
  const dtype = floatDtype('uniform', options.dtype)
  const [min, max] = [held(options.min ?? 0, dtype), held(options.max ?? 1, dtype)]
  for (const [name, value] of Object.entries({ min, max, 'max - min': held(max - min, dtype) }))
    checkNumber('uniform', name, value, Number.isFinite, `a finite ${dtype}`)
  if (min >= max) throw new GraphError(`uniform: min must be below max, they are ${min} and ${max}`)
  const extents = extentsOf('uniform', shape)
  const key = drawKey('uniform', options.name)
  return apply(uniformOp, wordsT(key, extents, unitWords(dtype)), { min, max, dtype }) as never
}

/**
 * Normal random numbers, mean + stddev z with z standard normal (0 and 1 by default); with `truncated` only z within
 * [-2, 2], as Keras cuts, which leaves a deviation of 0.8796 stddev (the initializer of that kind is `truncatedNormal`).
 * Never infinite. Otherwise as `uniform`, but equal on all targets to rounding only: logarithm and cosine are theirs.
 * Throws for numbers that are not finite and a negative stddev. Sources: Box and Muller 1958; Giles 2010.
 */
export function normal<const S extends Dims, const D extends Float = 'float32'>(
  shape: readonly [...S],
  options: FloatDraw<D> & { readonly mean?: number; readonly stddev?: number; readonly truncated?: boolean } = {},
): Tensor<NamedAll<S>, D> {
  checkKeys('normal', options, ['name', 'dtype', 'mean', 'stddev', 'truncated'])
  checkFlags('normal', options, ['truncated'])
  const { mean = 0, stddev = 1, truncated = false } = options
  const dtype = floatDtype('normal', options.dtype)
  checkNumber('normal', 'mean', held(mean, dtype), Number.isFinite, `a finite ${dtype}`)
  checkNumber('normal', 'stddev', held(stddev, dtype), (v) => v >= 0 && v < Infinity, `a finite ${dtype} from 0`)
  const extents = extentsOf('normal', shape)
  const key = drawKey('normal', options.name)
  const attrs = { mean, stddev, dtype }
  if (truncated) return apply(normalTruncatedOp, wordsT(key, extents, unitWords(dtype)), attrs) as never
  return apply(normalOp, wordsT(key, extents, normalWords(dtype)), attrs) as never
}

/**
 * True with probability p (0.5 by default) at each element, as bool, otherwise as `uniform`: bits below an integer threshold,
 * exact to 2^-32. For a tensor of probabilities write `less(uniform(p.shape), p)`. Throws where p is not in [0, 1].
 */
export function bernoulli<const S extends Dims>(
  shape: readonly [...S],
  options: DrawOptions & { readonly p?: number } = {},
): Tensor<NamedAll<S>, 'bool'> {
  checkKeys('bernoulli', options, ['name', 'p'])
  const { p = 0.5, name } = options
  if (isTensor(shape) || isTensor(p))
    throw new GraphError(
      'bernoulli: takes a shape and a number p; for a tensor p of probabilities write less(uniform(p.shape), p)',
    )
  checkNumber('bernoulli', 'p', p, (v) => v >= 0 && v <= 1, 'a probability from 0 to 1')
  const extents = extentsOf('bernoulli', shape)
  return chanceT(bitsT(drawKey('bernoulli', name), extents), p) as never
}

/**
 * Whole random numbers from min up to max, max not among them, as int32, otherwise as `uniform`. No number is likelier than
 * another by more than (max - min) / 2^64 of its probability. Throws unless both are whole, min is below max, and all
 * numbers are int32.
 */
export function randint<const S extends Dims>(
  shape: readonly [...S],
  min: number,
  max: number,
  options: DrawOptions = {},
): Tensor<NamedAll<S>, 'int32'> {
  checkKeys('randint', options, ['name'])
  const isBound = (v: number): boolean => Number.isInteger(v) && v >= -(2 ** 31) && v <= 2 ** 31
  checkNumber('randint', 'min', min, isBound, 'a whole number from -2^31 up to 2^31')
  checkNumber('randint', 'max', max, isBound, 'a whole number from -2^31 up to 2^31')
  if (min >= max) throw new GraphError(`randint: min must be below max, they are ${min} and ${max}`)
  const extents = extentsOf('randint', shape)
  const key = drawKey('randint', options.name)
  return apply(randintOp, wordsT(key, extents, 2), { min, span: max - min }) as never
}

/**
 * Random classes with the probabilities softmax(logits) along the last axis: logits [..., K], the result [...] int32 in 0 to
 * K - 1, or [..., numSamples] independent ones of each row. A logit of -Infinity is never drawn while another is finite. No
 * gradient. Throws for a scalar, no classes, or a number of samples that is none. Source: Gumbel's maximum, Gumbel 1954.
 */
export function categorical(
  logits: Tensor,
  options: DrawOptions & { readonly numSamples?: number } = {},
): Tensor<Shape, 'int32'> {
  const z = asFloat('categorical', logits)
  checkKeys('categorical', options, ['name', 'numSamples'])
  const { numSamples, name } = options
  const classes = z.shape.at(-1)
  if (classes === undefined || classes === 0)
    throw explained('categorical', `logits ${showShape(z.shape)} have no classes along their last axis`, [logits])
  const isCount = (v: number): boolean => Number.isInteger(v) && v >= 0
  if (numSamples !== undefined) checkNumber('categorical', 'numSamples', numSamples, isCount, 'a whole number from 0')
  const lead = z.shape.slice(0, -1)
  const shape = [...lead, ...(numSamples === undefined ? [] : [numSamples]), classes]
  const dtype = z.dtype as Float
  const noise = apply(gumbelOp, wordsT(drawKey('categorical', name), shape, unitWords(dtype)), { dtype })
  const rows = numSamples === undefined ? z : expandDimsT(z, [lead.length])
  return apply(argMaxOp, [addT(rows, noise)], { axes: [shape.length - 1], keepDims: false }) as never
}

/**
 * The numbers from 0 up to n in a random order, int32 [n], otherwise as `uniform`; n may be the name of a dimension. Every
 * order is as likely, to n² / 2^64. Throws where n is no whole number from 0. Source: Durstenfeld 1964.
 */
export function permutation<const N extends number | string>(
  n: N,
  options: DrawOptions = {},
): Tensor<NamedAll<readonly [N]>, 'int32'> {
  checkKeys('permutation', options, ['name'])
  return order('permutation', extentsOf('permutation', [n]), options) as never
}

function order(op: string, shape: readonly number[], { name }: DrawOptions): Tensor {
  return apply(permutationOp, wordsT(drawKey(op, name), shape, 2), {})
}

/**
 * The slices of x along its first axis in a random order, same shape and dtype, otherwise as `permutation`; the gradient
 * goes back in the same order. To shuffle several tensors alike, shuffle them as one. Throws for a scalar.
 */
export function shuffle<X extends Tensor>(x: X, options: DrawOptions = {}): Tensor<X['shape'], X['dtype']> {
  requireTensor('shuffle', x)
  checkKeys('shuffle', options, ['name'])
  if (x.shape.length === 0) throw explained('shuffle', 'a scalar has no axis to shuffle along', [x])
  return permuteRowsT(x, order('shuffle', x.shape.slice(0, 1), options))
}
