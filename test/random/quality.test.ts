import * as loom from 'gradloom'
import { describe, expect, it, test } from 'vitest'
import { apply } from '../../src/ir/tensor'
import { randomBitsOp, randomKeyOp } from '../../src/ops/random'
import { drawing, NAMES, TARGETS } from './programs'

// The numbers are fixed by the seed, so a test fails always or never. Bounds are such that numbers that are truly random
// would miss one of them in all this file with a probability below 1e-4: 5.5 standard deviations (4e-8 each) for some
// 1,000 counts and means. The cube root of a chi-square is nearly normal (Wilson and Hilferty 1931).
const BOUND = 5.5

const SIZE = 2 ** 16
const bits = (name?: string) => loom.randint([SIZE], -(2 ** 31), 2 ** 31, name === undefined ? {} : { name })
const within = (value: number, mean: number, deviation: number, label: string): void =>
  expect(Math.abs(value - mean) / deviation, label).toBeLessThan(BOUND)

const sum = (values: ArrayLike<number>, f: (v: number) => number): number =>
  Array.from(values).reduce((total, v) => total + f(v), 0)
const mean = (values: ArrayLike<number>, f: (v: number) => number = (v) => v): number => sum(values, f) / values.length

/** Chi-square of counts that are expected to be equal. */
function chiSquare(counts: ArrayLike<number>, label: string, freedom = counts.length - 1, scale = 1): void {
  const expected = sum(counts, (c) => c) / counts.length
  const spread = 2 / (9 * freedom)
  const value = scale * sum(counts, (c) => (c - expected) ** 2 / expected)
  within(Math.cbrt(value / freedom), 1 - spread, Math.sqrt(spread), label)
}

/** Words that agree in half of their bits, and differ in each bit half of the time. */
function areIndependent(a: ArrayLike<number>, b: ArrayLike<number>, label: string): void {
  let agreeing = 0
  const changed = new Int32Array(32)
  for (let i = 0; i < a.length; i++) {
    const difference = a[i]! ^ b[i]!
    for (let bit = 0; bit < 32; bit++) changed[bit]! += (difference >>> bit) & 1
  }
  for (const count of changed) agreeing += a.length - count
  const deviation = Math.sqrt(a.length) / 2
  within(agreeing, 16 * a.length, Math.sqrt(32) * deviation, `${label}: all bits`)
  changed.forEach((count, bit) => within(count, a.length / 2, deviation, `${label}: bit ${bit}`))
}

describe.each(NAMES)('on %s', (name) => {
  test.each([
    { key: [0, 0], counter: [0, 0], words: [0x6b200159, 0x99ba4efe] },
    { key: [-1, -1], counter: [-1, -1], words: [0x1cb996fc, 0xbb002be7] },
    { key: [0x13198a2e, 0x03707344], counter: [0x243f6a88, 0x85a308d3], words: [0xc4923a9c, 0x483df7a0] },
  ] as const)('a key is the block that Random123 publishes for $key and $counter', ({ key, counter, words }) => {
    const stream = [counter[0] | 0, counter[1] | 0] as const
    const run = drawing(
      () => ({ key: apply(randomKeyOp, [loom.constant([...key], { dtype: 'int32' })], { stream }) }),
      TARGETS[name],
    )
    expect([...Array.from(run()['key']!)].map((w) => w >>> 0)).toEqual(words)
  })

  test('bits are the words of blocks at their positions', () => {
    const of = (word: 0 | 1) => () => ({
      bits: apply(randomBitsOp, [loom.constant([0, 0], { dtype: 'int32' })], { shape: [3, 5], block: 0, word }),
    })
    expect(drawing(of(0), TARGETS[name])()['bits']![0]! >>> 0).toBe(0x6b200159)
    expect(drawing(of(1), TARGETS[name])()['bits']![0]! >>> 0).toBe(0x99ba4efe)
  })

  test('bits and what integers make of them are those of every other target', () => {
    const body = () => {
      const x = loom.fill([50, 13], 1.5)
      return {
        bits: loom.randint([50, 13], -(2 ** 31), 2 ** 31),
        dice: loom.randint([50, 13], 1, 7),
        large: loom.randint([50, 13], -1_000_000_007, 1_000_000_009),
        unit: loom.uniform([50, 13]),
        range: loom.uniform([50, 13], { min: -0.3, max: 7.1 }),
        double: loom.uniform([50, 13], { min: -0.3, max: 7.1, dtype: 'float64' }),
        coin: loom.bernoulli([50, 13], { p: 0.3 }),
        dropout: loom.dropout(x, 0.3),
        order: loom.permutation(650),
        mixed: loom.shuffle(loom.uniform([50, 13])),
        rows: loom.dropout(x, 0.3, { noiseShape: [null, 1] }),
      }
    }
    const own = drawing(body, { ...TARGETS[name], seed: 5 })
    const other = drawing(body, { ...TARGETS.fast, seed: 5 })
    for (let step = 0; step < 3; step++) expect(own()).toEqual(other())
  })
})

describe('bits', () => {
  const run = drawing(() => ({ a: bits('a'), b: bits('b'), more: bits('a') }), { ...TARGETS.wasm, seed: 1 })
  const steps = [run(), run(), run()] as const
  const { a, b, more } = steps[0] as Readonly<Record<'a' | 'b' | 'more', Int32Array>>

  it('have every byte equally often in each of the four places', () => {
    for (let place = 0; place < 4; place++) {
      const counts = new Int32Array(256)
      for (const word of a) counts[(word >>> (8 * place)) & 255]!++
      chiSquare(counts, `byte ${place}`)
    }
  })

  it('are set half of the time', () => areIndependent(a, new Int32Array(SIZE), 'nothing'))
  it('have all pairs of neighbouring bytes equally often', () => {
    const counts = new Int32Array(2 ** 12)
    for (let i = 0; i < SIZE; i += 2) counts[((a[i]! & 63) << 6) | (a[i + 1]! & 63)]!++
    chiSquare(counts, 'pairs')
  })

  it.each(Array.from({ length: 16 }, (_, i) => i + 1))('say nothing of the ones %i further on', (lag) => {
    areIndependent(a.slice(0, -lag), a.slice(lag), `lag ${lag}`)
  })

  it('say nothing of those of other streams, of another draw, of other steps and of other seeds', () => {
    areIndependent(a, b, 'streams')
    areIndependent(a, more, 'draws')
    areIndependent(b, more, 'stream and draw')
    areIndependent(a, steps[1]['a']!, 'next step')
    areIndependent(a, steps[2]['a']!, 'step after')
    areIndependent(steps[1]['a']!, steps[2]['a']!, 'steps')
    for (const seed of [0, 2, 2 ** 32 + 1, -1]) {
      const other = drawing(() => ({ a: bits('a') }), { ...TARGETS.wasm, seed })
      areIndependent(a, other()['a']!, `seed ${seed}`)
    }
  })

  it('of layers of one name differ by their scope', () => {
    const inside = (layer: string) => loom.scope(layer, () => bits())
    const draws = drawing(() => ({ x: inside('x'), y: inside('y') }))()
    areIndependent(draws['x']!, draws['y']!, 'scopes')
  })
})

/** Moments of a distribution: the mean, and central ones of order 2 to 4. */
function expectMoments(values: ArrayLike<number>, right: readonly number[], eighth: number, label: string): void {
  const n = values.length
  const [m, second, third, fourth] = right as readonly [number, number, number, number]
  within(mean(values), m, Math.sqrt(second / n), `${label}: mean`)
  within(
    mean(values, (v) => (v - m) ** 2),
    second,
    Math.sqrt((fourth - second ** 2) / n),
    `${label}: variance`,
  )
  // The sixth moment is at most the eighth to the power of 3/4.
  within(mean(values, (v) => (v - m) ** 3), third, Math.sqrt(eighth ** 0.75 / n), `${label}: third moment`) // prettier-ignore
  within(
    mean(values, (v) => (v - m) ** 4),
    fourth,
    Math.sqrt((eighth - fourth ** 2) / n),
    `${label}: fourth moment`,
  )
}

describe.each(['float32', 'float64'] as const)('in %s', (dtype) => {
  const run = drawing(() => ({
    uniform: loom.uniform([SIZE], { dtype }),
    normal: loom.normal([SIZE], { dtype }),
    truncated: loom.normal([SIZE], { truncated: true, dtype }),
    moved: loom.normal([SIZE], { mean: 10, stddev: 0.5, dtype }),
  }))
  const draws = run() as Record<'uniform' | 'normal' | 'truncated' | 'moved', Float64Array>

  it('uniform numbers have their moments, and all twentieths equally often', () => {
    expectMoments(draws.uniform, [1 / 2, 1 / 12, 0, 1 / 80], 1 / 2304, 'uniform')
    const counts = new Int32Array(20)
    for (const v of draws.uniform) counts[Math.floor(20 * v)]!++
    chiSquare(counts, 'twentieths')
    expect(Math.max(...draws.uniform)).toBeLessThan(1)
    expect(Math.min(...draws.uniform)).toBeGreaterThanOrEqual(0)
  })

  it('normal numbers have their moments', () => {
    expectMoments(draws.normal, [0, 1, 0, 3], 105, 'normal')
    expectMoments(draws.moved, [10, 0.25, 0, 3 / 16], 105 / 256, 'moved')
    within(sum(draws.normal, (v) => Number(Math.abs(v) > 3)), SIZE * 0.0026998, Math.sqrt(SIZE * 0.0027), 'tails') // prettier-ignore
    expect(draws.normal.every(Number.isFinite)).toBe(true)
  })

  it('truncated ones have theirs and stay within two deviations', () => {
    // With p the density at 2 and w the mass within: 1 - 4 p / w, then 3 less 28 p / w.
    const density = Math.exp(-2) / Math.sqrt(2 * Math.PI) / 0.9544997361036416
    const second = 1 - 4 * density
    const fourth = 3 * second - 16 * density
    const sixth = 5 * fourth - 64 * density
    expectMoments(draws.truncated, [0, second, 0, fourth], 7 * sixth - 256 * density, 'truncated')
    expect(draws.truncated.every((v) => Math.abs(v) <= 2)).toBe(true)
  })
})

describe('counts', () => {
  it.each([1e-3, 0.1, 0.5, 0.9])('dropout drops the share %f', (rate) => {
    const { y } = drawing(() => ({ y: loom.dropout(loom.fill([SIZE], 1), rate) }))() as Record<'y', Float32Array>
    const dropped = sum(y, (v) => Number(v === 0))
    within(dropped, SIZE * rate, Math.sqrt(SIZE * rate * (1 - rate)), 'dropped')
    expect([...new Set(y)].sort()).toEqual([0, Math.fround(1 / (1 - rate))])
  })

  it('dropout of other kinds keeps mean and variance', () => {
    const { x, alpha, gaussian } = drawing(() => {
      const x = loom.normal([SIZE])
      return { x, alpha: loom.alphaDropout(x, 0.2), gaussian: loom.gaussianDropout(loom.fill([SIZE], 1), 0.2) }
    })() as Record<'x' | 'alpha' | 'gaussian', Float32Array>
    expect(alpha).not.toEqual(x)
    within(mean(alpha), 0, Math.sqrt(1 / SIZE), 'alpha mean')
    within(
      mean(alpha, (v) => v * v),
      1,
      Math.sqrt(3 / SIZE),
      'alpha variance',
    )
    within(mean(gaussian), 1, Math.sqrt(0.25 / SIZE), 'gaussian mean')
    within(
      mean(gaussian, (v) => (v - 1) ** 2),
      0.25,
      Math.sqrt(2 / 16 / SIZE),
      'gaussian variance',
    )
  })

  it('randint gives all numbers equally often', () => {
    for (const span of [3, 7, 100, 1000]) {
      const { y } = drawing(() => ({ y: loom.randint([SIZE], -3, span - 3) }))() as Record<'y', Int32Array>
      const counts = new Int32Array(span)
      for (const v of y) counts[v + 3]!++
      chiSquare(counts, `span ${span}`)
      expect(sum(counts, (c) => c)).toBe(SIZE)
    }
  })

  it('permutation gives all orders equally often, and every number every place', () => {
    const run = drawing(() => ({ few: loom.permutation(4), many: loom.permutation(60) }))
    const orders = new Map<string, number>()
    const places = new Int32Array(60 * 60)
    for (let step = 0; step < 6000; step++) {
      const { few, many } = run() as Record<'few' | 'many', Int32Array>
      const key = few.join()
      orders.set(key, (orders.get(key) ?? 0) + 1)
      if (step < 2) expect([...many].sort((a, b) => a - b)).toEqual(Array.from({ length: 60 }, (_, i) => i))
      many.forEach((v, i) => places[60 * v + i]!++)
    }
    expect(orders.size).toBe(24)
    chiSquare([...orders.values()], 'orders')
    // Rows and columns of the counts have known sums, which leaves 59² degrees of freedom and a spread of 60 / 59.
    chiSquare(places, 'places', 59 ** 2, 59 / 60)
  })

  it('categorical draws classes as softmax says, and never one of logit -Infinity', () => {
    const p = [0.5, 0.2, 0.01, 0.29, 0]
    const { y } = drawing(() => {
      const logits = loom.constant([p.map((v) => Math.log(v)), p.map((v) => Math.log(v) + 50)])
      return { y: loom.categorical(logits, { numSamples: SIZE }) }
    })() as Record<'y', Int32Array>
    for (const row of [y.slice(0, SIZE), y.slice(SIZE)]) {
      const counts = p.map((_, k) => sum(row, (v) => Number(v === k)))
      p.forEach((share, k) => {
        if (share === 0) expect(counts[k]).toBe(0)
        else within(counts[k]!, SIZE * share, Math.sqrt(SIZE * share * (1 - share)), `class ${k}`)
      })
    }
  })
})
