import { evaluate } from '../ir/evaluate'
import { callF } from '../ir/formula'
import { call, int, literal, type Scalar } from '../ir/scalar'
import { type Named, name } from '../ir/statement'
import { elementwise } from './elementwise'
import { centralErfinv } from './erfinv'
import { floatOf, openUnit, requireWords, unit, unitWords } from './random'

// Each takes the words of random bits that it needs; none has a gradient, for its operands are integers.

type Float = 'float32' | 'float64'
export interface FloatAttrs {
  readonly dtype: Float
}

export interface UniformAttrs extends FloatAttrs {
  readonly min: number
  readonly max: number
}

/** min + (max - min) u with u in [0, 1), never max itself; rounded after each step, so that all targets give equal bits. */
export const uniformOp = elementwise<'uniform', UniformAttrs>('uniform', {
  dtype: floatOf,
  fn: (words, { min, max, dtype }) => {
    const u = unit(words, dtype)
    if (min === 0 && max === 1) return u
    const rounded = (x: Scalar): Scalar => (dtype === 'float32' ? call('round', x) : x)
    const span = literal(max - min, dtype)
    const value = call('add', literal(min, dtype), rounded(call('mul', span, u)))
    return call('min', rounded(value), literal(below(max, dtype), dtype))
  },
  vjp: null,
  formula: (_, { min, max }) => callF('uniform', [], min, max),
})

/** The largest number of a dtype that is less than a finite x. */
export function below(x: number, dtype: Float): number {
  if (dtype === 'float32') {
    const value = Float32Array.of(x)
    if (value[0] === 0) return -(2 ** -149)
    new Int32Array(value.buffer)[0]! += value[0]! > 0 ? -1 : 1
    return value[0]!
  }
  const value = Float64Array.of(x)
  if (x === 0) return -Number.MIN_VALUE
  new BigInt64Array(value.buffer)[0]! += x > 0 ? -1n : 1n
  return value[0]!
}

export interface NormalAttrs extends FloatAttrs {
  readonly mean: number
  readonly stddev: number
}

/** Words that `normal` takes. */
export const normalWords = (dtype: Float): number => 2 * unitWords(dtype)

const moved = (z: Scalar, { mean, stddev, dtype }: NormalAttrs): Scalar => {
  const scaled = stddev === 1 ? z : call('mul', literal(stddev, dtype), z)
  return mean === 0 ? scaled : call('add', literal(mean, dtype), scaled)
}

/**
 * mean + stddev sqrt(-2 log u) cos(angle), u in (0, 1] and the angle in [-pi, pi). Source: Box and Muller 1958. No value
 * is further from the mean than 6.66 stddev, in float64 8.65.
 */
export const normalOp = elementwise<'normal', NormalAttrs>('normal', {
  dtype: floatOf,
  fn: (words, attrs) => {
    const { dtype } = attrs
    const half = words.length / 2
    const squared = call('mul', literal(-2, dtype), call('log', openUnit(words.slice(0, half), dtype)))
    const turn = call('sub', unit(words.slice(half), dtype), literal(0.5, dtype))
    const angle = call('mul', literal(2 * Math.PI, dtype), turn)
    return moved(call('mul', call('sqrt', squared), call('cos', angle)), attrs)
  },
  vjp: null,
  formula: (_, { mean, stddev }) => callF('normal', [], mean, stddev),
})

// erf(2 / sqrt(2)): how much of a standard normal lies within 2 of its mean.
const WITHIN = 0.9544997361036416

/**
 * mean + stddev z with z standard normal within [-2, 2]: sqrt(2) erfinv(v), v uniform within erf(2 / sqrt(2)) of 0.
 */
export const normalTruncatedOp = elementwise<'normalTruncated', NormalAttrs>('normalTruncated', {
  dtype: floatOf,
  fn: (words, attrs) => {
    const { dtype } = attrs
    const centred = call('sub', unit(words, dtype), literal(0.5, dtype))
    const v = call('mul', literal(2 * WITHIN, dtype), centred)
    const z = call('mul', literal(Math.SQRT2, dtype), centralErfinv(v, dtype))
    const bound = literal(2, dtype)
    return moved(call('max', call('min', z, bound), call('neg', bound)), attrs)
  },
  vjp: null,
  formula: (_, { mean, stddev }) => callF('normal', [], mean, stddev, 'truncated'),
})

/**
 * -log(-log(1 - v)), v in (0, 1): the largest of logits with this noise is at class k with the probability softmax(logits)[k].
 * Source: Gumbel 1954. Exact where it is large, which decides.
 */
export const gumbelOp = elementwise<'gumbel', FloatAttrs>('gumbel', {
  dtype: floatOf,
  fn: (words, { dtype }) => {
    const v = call('min', openUnit(words, dtype), literal(below(1, dtype), dtype))
    return call('neg', call('log', call('neg', call('log1p', call('neg', v)))))
  },
  vjp: null,
  formula: () => callF('gumbel', []),
})

export interface RandintAttrs {
  readonly min: number
  /** How many numbers there are, up to 2^32. */
  readonly span: number
}

/**
 * min + floor(w span / 2^64) with w the 64 bits of two words: no number is likelier than another by more than
 * span / 2^64 of its probability. In int32 arithmetic that wraps, so exact on every target.
 */
export const randintOp = elementwise<'randint', RandintAttrs>('randint', {
  dtype: (words) => (requireWords(words), 'int32'),
  fn: ([high, low], { min, span }) => {
    if (span === 2 ** 32) return call('add', int(min), high!)
    const { value } = scaledWord(high!, low!, int(span | 0))
    return min === 0 ? value : call('add', int(min), value)
  },
  vjp: null,
  formula: (_, { min, span }) => callF('randint', [], min, min + span),
})

/** floor(w count / 2^64) for the 64 bits of two words, all unsigned, by parts that have names for what writes statements. */
export function scaledWord(
  high: Scalar,
  low: Scalar,
  count: Scalar,
): { readonly value: Scalar; readonly lets: readonly Named[] } {
  const lets: Named[] = []
  // Named where the count is not known, which is where statements are written by hand.
  const part = (hint: string, x: Scalar): Scalar => {
    if (count.kind === 'const') return x
    const made = name(hint, x)
    lets.push(made)
    return made.value
  }
  const mask = int(0xffff)
  const lowOf = (x: Scalar): Scalar => half(x, call('bitAnd', x, mask))
  const highOf = (x: Scalar): Scalar => half(x, call('bitAnd', call('shiftRight', x, int(16)), mask))
  /** The upper word of a product, from products of halves. Source: Warren, Hacker's Delight 8-2. */
  const highProduct = (word: Scalar): Scalar => {
    const lowest = part('lowest', call('mul', lowOf(word), lowOf(count)))
    const first = part('first', call('add', call('mul', highOf(word), lowOf(count)), highOf(lowest)))
    const second = part('second', call('add', call('mul', lowOf(word), highOf(count)), lowOf(first)))
    const highest = part('highest', call('mul', highOf(word), highOf(count)))
    return part('upper', call('add', call('add', highest, highOf(first)), highOf(second)))
  }
  const product = part('product', call('mul', high, count))
  const sum = part('sum', call('add', product, highProduct(low)))
  // Unsigned: a sum that wrapped is less than its parts.
  const sign = int(-(2 ** 31))
  const carry = call('lt', call('bitXor', sum, sign), call('bitXor', product, sign))
  return { value: call('add', highProduct(high), call('select', carry, int(1), int(0))), lets }
}

/** Half of a word, found now where the word is a number. */
const half = (word: Scalar, expression: Scalar): Scalar =>
  word.kind === 'const' ? int(evaluate(expression)) : expression
