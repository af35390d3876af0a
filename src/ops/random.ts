import { constIndex, flatten } from '../ir/affine'
import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { call, castTo, indexValue, int, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { type DType, isFloat, showShape, showType, sizeOf, stridesOf, type TensorType } from '../ir/type'

export interface RandomKeyAttrs {
  /** Two words that tell this draw from every other of the program. */
  readonly stream: readonly [number, number]
}

/**
 * The key of one draw, two int32: a block of Threefry-2x32 for each counter and one for the stream, each keyed by the one
 * before and the first by the seed. A block is a bijection of its counter, so no two streams share a key.
 */
export const randomKeyOp: Op<'randomKey', RandomKeyAttrs> = {
  name: 'randomKey',
  kind: 'point',
  infer: ([seed, ...counters]) => {
    requireKey('seed', seed!)
    for (const counter of counters)
      if (counter.dtype !== 'int32' || counter.shape.length > 0)
        throw new GraphError(`a counter must be one int32, it is ${showType(counter)}`)
    return { dtype: 'int32', shape: [2] }
  },
  vjp: null,
  lower: ({ inputs, index, attrs: { stream }, read }) => {
    let key = [read(0, [constIndex(0)]), read(0, [constIndex(1)])] as const
    const derive = (a: Scalar, b: Scalar): void => {
      const block = [...key, a, b]
      key = [call('threefry0', ...block), call('threefry1', ...block)]
    }
    inputs.slice(1).forEach((_, i) => derive(read(i + 1, []), int(0)))
    derive(int(stream[0]), int(stream[1]))
    return { value: call('select', call('eq', indexValue(index[0]!), int(0)), key[0], key[1]) }
  },
}

export interface RandomBitsAttrs {
  readonly shape: readonly number[]
  /** Which of the blocks of a position, and which word of the block. */
  readonly block: number
  readonly word: 0 | 1
}

/** Elements have an int32 for a counter. */
const MOST = 2 ** 31

/**
 * 32 random bits an element, as int32: a word of Threefry-2x32 at the counter (row-major position, block). The key is all
 * that tells two draws apart, so equal ones are the same numbers.
 */
export const randomBitsOp: Op<'randomBits', RandomBitsAttrs> = {
  name: 'randomBits',
  kind: 'point',
  infer: ([key], { shape }) => {
    requireKey('key', key!)
    if (sizeOf(shape) >= MOST)
      throw new GraphError(
        `${showShape(shape)} has ${sizeOf(shape)} elements; there are random bits for fewer than 2^31`,
      )
    return { dtype: 'int32', shape }
  },
  vjp: null,
  lower: ({ index, attrs: { shape, block, word }, read }) => {
    const position = indexValue(flatten(index, stridesOf(shape)))
    const fn = word === 0 ? 'threefry0' : 'threefry1'
    return { value: call(fn, read(0, [constIndex(0)]), read(0, [constIndex(1)]), position, int(block)) }
  },
}

function requireKey(what: string, { dtype, shape }: TensorType): void {
  if (dtype !== 'int32' || shape.length !== 1 || shape[0] !== 2)
    throw new GraphError(`the ${what} must be int32[2], it is ${showType({ dtype, shape })}`)
}

/** The word of a block at each position of a shape. */
export const bitsT = (key: Tensor, shape: readonly number[], block = 0, word: 0 | 1 = 0): Tensor =>
  apply(randomBitsOp, [key], { shape, block, word })

/** As many words at each position of a shape as a sample needs. */
export const wordsT = (key: Tensor, shape: readonly number[], count: number): Tensor[] =>
  Array.from({ length: count }, (_, i) => bitsT(key, shape, i >> 1, i % 2 === 0 ? 0 : 1))

/** The upper bits of a word as a number that is not negative. */
const upper = (word: Scalar, count: number): Scalar =>
  call('bitAnd', call('shiftRight', word, int(32 - count)), int(2 ** count - 1))

/** Words that `unit` takes. */
export const unitWords = (dtype: DType): 1 | 2 => (dtype === 'float64' ? 2 : 1)

/** Uniform in [0, 1): a multiple of 2^-24 from one word, in float64 of 2^-53 from two. */
export function unit(words: readonly Scalar[], dtype: 'float32' | 'float64'): Scalar {
  const part = (word: Scalar, bits: number): Scalar => castTo(dtype, upper(word, bits))
  if (dtype === 'float32') return call('mul', part(words[0]!, 24), literal(2 ** -24, dtype))
  const high = call('mul', part(words[0]!, 27), literal(2 ** 26, dtype))
  return call('mul', call('add', high, part(words[1]!, 26)), literal(2 ** -53, dtype))
}

/**
 * Uniform in (0, 1], for logarithms: half a step off the grid of 2^-31 (of 2^-53 in float64), so that small values keep
 * their relative accuracy and large ones round to 1 at most.
 */
export function openUnit(words: readonly Scalar[], dtype: 'float32' | 'float64'): Scalar {
  if (dtype === 'float32') {
    const number = castTo(dtype, call('bitAnd', words[0]!, int(2 ** 31 - 1)))
    // Rounded, or it would be beyond 1 where float32 is computed wider.
    const moved = call('round', call('add', number, literal(0.5, dtype)))
    return call('mul', moved, literal(2 ** -31, dtype))
  }
  return call('add', unit(words, dtype), literal(2 ** -54, dtype))
}

/** The dtype of a draw: a float that attributes name, from words of bits. */
export function floatOf(words: readonly TensorType[], { dtype }: { readonly dtype: 'float32' | 'float64' }): DType {
  requireWords(words)
  if (!isFloat(dtype)) throw new GraphError(`the dtype must be float32 or float64, it is ${String(dtype)}`)
  return dtype
}

export function requireWords(words: readonly TensorType[]): void {
  for (const x of words)
    if (x.dtype !== 'int32') throw new GraphError(`random bits are int32, these are ${showType(x)}`)
}
