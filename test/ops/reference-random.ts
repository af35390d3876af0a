import { erf } from '../../src/ir/special'
import { threefry2x32 } from '../../src/ir/threefry'
import type { RANDOM } from '../../src/ops/table-random'
import { erfinvOf } from './reference-pointwise'
import { at, pointwise, type Reference, tabulate, type Values } from './values'

const signed = (word: number): number => word | 0
const unsigned = (word: number): bigint => BigInt.asUintN(32, BigInt(word))

/** Uniform in [0, 1) on the grid of 2^-bits, from the upper bits of words. */
const unit = (words: readonly number[], bits: 24 | 53): number =>
  bits === 24 ? (words[0]! >>> 8) / 2 ** 24 : ((words[0]! >>> 5) * 2 ** 26 + (words[1]! >>> 6)) / 2 ** 53
const open = (words: readonly number[], bits: 24 | 53): number =>
  bits === 24 ? Math.fround((words[0]! & 0x7fff_ffff) + 0.5) / 2 ** 31 : unit(words, 53) + 2 ** -54
const bitsOf = (dtype: 'float32' | 'float64'): 24 | 53 => (dtype === 'float32' ? 24 : 53)

const SATURATED = -1.0507009873554805 * 1.6732632423543772
/** Whether bits keep an element: the share 1 - rate of all words, from the lowest. */
const isKept = (bits: number, rate: number): boolean => bits + 2 ** 31 < Math.round((1 - rate) * 2 ** 32)
const overX = ([x, bits]: readonly Values[], f: (x: number, bits: number) => number): Values =>
  pointwise(f, x!.dtype)([x!, bits!])

export const RANDOM_REFERENCE: { readonly [N in keyof typeof RANDOM]: Reference<N> } = {
  randomKey: ([seed, ...counters], { stream }) => {
    let [a, b] = [seed!.data[0]!, seed!.data[1]!]
    for (const [first, second] of [...counters.map((c) => [c.data[0]!, 0] as const), stream])
      [a, b] = threefry2x32(a, b, first, second)
    return tabulate([2], 'int32', ([i]) => signed(i === 0 ? a : b))
  },
  randomBits: ([key], { shape, block, word }) => {
    let position = 0
    return tabulate(shape, 'int32', () => signed(threefry2x32(key!.data[0]!, key!.data[1]!, position++, block)[word]))
  },
  uniform: (words, { min, max, dtype }) =>
    pointwise((...w) => min + (max - min) * unit(w, bitsOf(dtype)), dtype)(words),
  normal: (words, { mean, stddev, dtype }) =>
    pointwise((...w) => {
      const [half, bits] = [w.length / 2, bitsOf(dtype)]
      const angle = 2 * Math.PI * (unit(w.slice(half), bits) - 0.5)
      return mean + stddev * Math.sqrt(-2 * Math.log(open(w.slice(0, half), bits))) * Math.cos(angle)
    }, dtype)(words),
  normalTruncated: (words, { mean, stddev, dtype }) =>
    pointwise((...w) => {
      const v = (unit(w, bitsOf(dtype)) - 0.5) * 2 * erf(Math.SQRT2)
      return mean + stddev * Math.SQRT2 * erfinvOf(v)
    }, dtype)(words),
  gumbel: (words, { dtype }) =>
    pointwise(
      (...w) =>
        -Math.log(-Math.log1p(-Math.min(open(w, bitsOf(dtype)), dtype === 'float32' ? 1 - 2 ** -24 : 1 - 2 ** -53))),
      dtype,
    )(words),
  randint: (words, { min, span }) =>
    pointwise((high, low) => {
      const bits = (unsigned(high) << 32n) + unsigned(low)
      return Number(BigInt(min) + ((bits * BigInt(span)) >> 64n))
    }, 'int32')(words),
  permutation: ([high, low]) => {
    const order: number[] = []
    high!.data.forEach((word, i) => {
      const bits = (unsigned(word) << 32n) + unsigned(low!.data[i]!)
      const place = Number((bits * BigInt(i + 1)) >> 64n)
      order[i] = order[place] ?? i
      order[place] = i
    })
    return { dtype: 'int32', shape: high!.shape, data: Float64Array.from(order) }
  },
  permuteRows: ([x, order], { inverse }) => {
    const rows = Array.from(order!.data)
    return tabulate(x!.shape, x!.dtype, ([i, ...rest]) => at(x!, [inverse ? rows.indexOf(i!) : rows[i!]!, ...rest]))
  },
  dropout: (operands, { rate }) => overX(operands, (x, bits) => (isKept(bits, rate) ? x / (1 - rate) : 0)),
  alphaDropout: (operands, { rate }) => {
    const a = 1 / Math.sqrt((1 - rate) * (1 + rate * SATURATED ** 2))
    return overX(operands, (x, bits) => a * (isKept(bits, rate) ? x : SATURATED) - a * SATURATED * rate)
  },
}
