import { checkKeys } from '../ir/names-of'
import { apply, explained, type Tensor } from '../ir/tensor'
import { resolveDims } from '../ir/trace'
import { isFloat, showShape } from '../ir/type'
import { mulT } from '../ops/arith'
import { alphaDropoutOp, dropoutOp } from '../ops/dropout'
import { normalOp, normalWords } from '../ops/distributions'
import { bitsT, wordsT } from '../ops/random'
import { channelDim } from '../ops/window'
import { asFloat, checkNumber } from './build'
import type { DrawOptions } from './random'
import { drawKey } from './random-state'
import type { Floating } from './signatures'
import { checkFormat, type FormatOption } from './window-options'

type Dropped<X extends Tensor> = Tensor<X['shape'], Floating<X['dtype']>>

/** Options of `dropout`. */
export interface DropoutOptions extends DrawOptions {
  /**
   * The shape of the mask, whose axes of extent 1 are dropped as a whole; null stands for the extent of x there. By default
   * that of x.
   */
  readonly noiseShape?: readonly (number | string | null)[]
}

function checkRate(op: string, rate: number): void {
  checkNumber(op, 'rate', rate, (v) => v >= 0 && v < 1, 'from 0 up to 1 (not 1)')
}

function noiseExtents(op: string, x: Tensor, { noiseShape }: DropoutOptions): readonly number[] {
  if (noiseShape === undefined) return x.shape
  const given = resolveDims(op, noiseShape.map((d, i) => d ?? x.shape[i] ?? 1)) // prettier-ignore
  if (given.length !== x.shape.length || given.some((d, i) => d !== 1 && d !== x.shape[i]))
    throw explained(
      op,
      `noiseShape ${showShape(given)} must have extents of ${showShape(x.shape)} or 1 in their place`,
      [x],
    )
  return given
}

/** Bits are drawn even where nothing is dropped: a rate that becomes 0 moves no numbers of other draws of the entry. */
function masked(
  op: typeof dropoutOp | typeof alphaDropoutOp,
  x: Tensor,
  rate: number,
  options: DropoutOptions,
): Tensor {
  const value = asFloat(op.name, x)
  checkKeys(op.name, options, ['name', 'noiseShape'])
  checkRate(op.name, rate)
  const extents = noiseExtents(op.name, value, options)
  const bits = bitsT(drawKey(op.name, options.name), extents)
  return rate === 0 ? value : apply(op, [value, bits], { rate })
}

/**
 * x / (1 - rate) where an element is kept, 0 where it is dropped, each with probability `rate` from 0 up to 1, same shape: the
 * mean stays. New masks at each step, equal on every target, and the gradient has the same one; numbers as in `uniform`. It
 * is for training: an entry that predicts leaves it out. Integers become float32. Throws for a rate outside [0, 1).
 * Source: Srivastava et al. 2014; options as in Keras.
 */
export function dropout<X extends Tensor>(x: X, rate: number, options: DropoutOptions = {}): Dropped<X> {
  return masked(dropoutOp, x, rate, options) as never
}

/**
 * `dropout` of whole channels: one mask for all positions of a feature map, x being [N, ...positions, C], or
 * [N, C, ...positions] with `channelsFirst`. Throws for fewer than three axes. Source: Tompson et al. 2014, arXiv:1411.4280.
 */
export function spatialDropout<X extends Tensor>(
  x: X,
  rate: number,
  options: DrawOptions & FormatOption = {},
): Dropped<X> {
  const value: Tensor = asFloat('spatialDropout', x)
  checkKeys('spatialDropout', options, ['name', 'dataFormat'])
  const { name = 'spatialDropout' } = options
  const dataFormat = checkFormat('spatialDropout', options.dataFormat ?? 'channelsLast')
  const rank = value.shape.length
  if (rank < 3)
    throw explained('spatialDropout', `needs a batch, positions and channels, the shape is ${showShape(value.shape)}`, [
      x,
    ])
  checkRate('spatialDropout', rate)
  const channel = channelDim(rank, dataFormat)
  const noiseShape = value.shape.map((d, i) => (i === 0 || i === channel ? d : 1))
  return masked(dropoutOp, value, rate, { noiseShape, name }) as never
}

/**
 * Dropout for networks of `selu`: what is dropped becomes selu's lowest value, and all is moved and scaled so that mean 0 and
 * variance 1 stay. Otherwise as `dropout`. Source: Klambauer et al. 2017, arXiv:1706.02515.
 */
export function alphaDropout<X extends Tensor>(x: X, rate: number, options: DropoutOptions = {}): Dropped<X> {
  return masked(alphaDropoutOp, x, rate, options) as never
}

/**
 * x times normal noise of mean 1 and variance rate / (1 - rate), same shape: the mean and the deviation are those of
 * `dropout`. Throws for a rate outside [0, 1). Source: Srivastava et al. 2014, section 10.
 */
export function gaussianDropout<X extends Tensor>(x: X, rate: number, options: DrawOptions = {}): Dropped<X> {
  const value: Tensor = asFloat('gaussianDropout', x)
  checkKeys('gaussianDropout', options, ['name'])
  checkRate('gaussianDropout', rate)
  const dtype = value.dtype
  if (!isFloat(dtype)) throw explained('gaussianDropout', 'needs floats', [x])
  const words = wordsT(drawKey('gaussianDropout', options.name), value.shape, normalWords(dtype))
  if (rate === 0) return value as never
  return mulT(value, apply(normalOp, words, { mean: 1, stddev: Math.sqrt(rate / (1 - rate)), dtype })) as never
}
