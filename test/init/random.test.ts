import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Random, randomStream } from '../../src/init/random'
import { threefry2x32 } from '../../src/ir/threefry'

type Kind = keyof Random
const KINDS: readonly Kind[] = ['uniform', 'normal', 'truncatedNormal']
const COUNT = 100_000

const draw = (kind: Kind, count = COUNT, seed = 1, name = 'w'): Float64Array => {
  const random = randomStream(seed, name)
  return new Float64Array(count).map(() => random[kind]())
}

const meanOf = (values: ArrayLike<number>, f = (x: number): number => x): number => {
  let sum = 0
  for (let i = 0; i < values.length; i++) sum += f(values[i]!)
  return sum / values.length
}

/** For samples of the same size with mean 0: in units of its sampling error, where the true value is 0. */
const correlation = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  const products = Array.from(a, (x, i) => x * b[i]!)
  return meanOf(products) / Math.sqrt(meanOf(products, (x) => x * x) / products.length)
}

/** The standard normal distribution function by Simpson's rule, exact to 1e-9 here. */
function phi(z: number): number {
  const steps = 200
  const f = (x: number): number => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)
  let sum = f(0) + f(z)
  for (let i = 1; i < steps; i++) sum += f((z * i) / steps) * (i % 2 === 1 ? 4 : 2)
  return 0.5 + (sum * z) / steps / 3
}

const DISTRIBUTION: Readonly<Record<Kind, (x: number) => number>> = {
  uniform: (x) => x,
  normal: phi,
  truncatedNormal: (x) => (phi(x) - phi(-2)) / (phi(2) - phi(-2)),
}

describe('a stream', () => {
  it.each(KINDS)('repeats %s for the same seed and name', (kind) => {
    expect(draw(kind, 1000, 5, 'dense/kernel')).toEqual(draw(kind, 1000, 5, 'dense/kernel'))
  })

  it('does not depend on what other streams do', () => {
    const [a, b] = [randomStream(1, 'a'), randomStream(1, 'b')]
    const pairs = Array.from({ length: 50 }, () => [a.normal(), b.normal()])
    expect(pairs.map(([x]) => x)).toEqual([...draw('normal', 50, 1, 'a')])
    expect(pairs.map(([, y]) => y)).toEqual([...draw('normal', 50, 1, 'b')])
  })

  it.each([
    // FNV-1a 64 of the names: the published answers.
    { name: '', low: 0x84222325, high: 0xcbf29ce4 },
    { name: 'a', low: 0x8601ec8c, high: 0xaf63dc4c },
    { name: 'foobar', low: 0xf73967e8, high: 0x85944171 },
  ])('is Threefry on the hash of "$name" and the index', ({ name, low, high }) => {
    const words = [0, 1, 2].flatMap((block) => threefry2x32(7, low, block, high))
    expect([...draw('uniform', 6, 7, name)]).toEqual(words.map((word) => (word >>> 8) / 2 ** 24))
  })

  it('hashes names as UTF-8', () => {
    // FNV-1a over c3 a9, step by step.
    const step = (hash: bigint, byte: bigint): bigint => BigInt.asUintN(64, (hash ^ byte) * 1099511628211n)
    const hash = step(step(14695981039346656037n, 0xc3n), 0xa9n)
    const [first] = threefry2x32(0, Number(hash & 0xffffffffn), 0, Number(hash >> 32n))
    expect(randomStream(0, 'é').uniform()).toBe((first >>> 8) / 2 ** 24)
  })

  it('differs from every other name and seed', () => {
    const names = ['', 'a', 'b', 'ab', 'ba', 'a/b', 'dense/kernel', 'dense_1/kernel', 'kernel/dense', 'é', '\u0000']
    const seeds = [0, 1, -1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 32 + 1, -(2 ** 32), 2 ** 53 - 1, 1 - 2 ** 53]
    const starts = seeds.flatMap((seed) => names.map((name) => draw('uniform', 3, seed, name).join()))
    expect(new Set(starts).size).toBe(names.length * seeds.length)
  })

  it('gives other numbers under another name, for any two', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.string(), fc.string(), (seed, a, b) => {
        fc.pre(a !== b)
        expect(draw('uniform', 4, seed, a)).not.toEqual(draw('uniform', 4, seed, b))
      }),
    )
  })

  it('refuses a seed that is not a safe integer', () => {
    for (const seed of [0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => randomStream(seed, 'a')).toThrow(`a random seed must be a safe integer, not ${seed}`)
    }
  })
})

describe('the numbers', () => {
  it('are multiples of 2^-24 in [0, 1) from uniform', () => {
    for (const x of draw('uniform')) {
      if (!(x >= 0 && x < 1 && Number.isInteger(x * 2 ** 24) && Math.fround(x) === x)) expect.unreachable(`${x}`)
    }
  })

  it('are never beyond 2 from truncatedNormal, but come close', () => {
    const sizes = draw('truncatedNormal').map(Math.abs)
    expect(Math.max(...sizes)).toBeLessThanOrEqual(2)
    expect(Math.max(...sizes)).toBeGreaterThan(1.999)
  })

  it.each([
    // The variance of x and of (x - mean)^2 of each distribution give the sampling errors.
    { kind: 'uniform', mean: 1 / 2, variance: 1 / 12, spread: 1 / 180 },
    { kind: 'normal', mean: 0, variance: 1, spread: 2 },
    { kind: 'truncatedNormal', mean: 0, variance: 0.87962566103423978 ** 2, spread: 0.8175 },
  ] as const)('have the mean and the variance of $kind', ({ kind, mean, variance, spread }) => {
    const values = draw(kind)
    expect(Math.abs(meanOf(values) - mean)).toBeLessThan(4 * Math.sqrt(variance / COUNT))
    const deviations = values.map((x) => (x - mean) ** 2)
    expect(Math.abs(meanOf(deviations) - variance)).toBeLessThan(4 * Math.sqrt(spread / COUNT))
    expect(meanOf(deviations, (d) => (d - variance) ** 2) / spread).toBeCloseTo(1, 1)
  })

  it.each(KINDS)('have the distribution of %s', (kind) => {
    const values = draw(kind, 20_000).sort()
    // Kolmogorov and Smirnov: the largest distance exceeds 1.63 / sqrt(n) once in a hundred times.
    const distance = values.reduce(
      (most, x, i) => Math.max(most, Math.abs(DISTRIBUTION[kind](x) - (i + 0.5) / values.length)),
      0,
    )
    expect(distance).toBeLessThan(1.63 / Math.sqrt(values.length))
  })

  it('have the tails of a normal', () => {
    for (const z of [3, 4]) {
      const expected = 2 * (1 - phi(z)) * COUNT
      const beyond = draw('normal').filter((x) => Math.abs(x) > z).length
      expect(Math.abs(beyond - expected)).toBeLessThan(4 * Math.sqrt(expected))
    }
  })

  it.each(KINDS)('do not follow from the ones before: %s', (kind) => {
    const values = draw(kind)
    const mean = meanOf(values)
    const centred = values.map((x) => x - mean)
    // The squares too: the two normals of a pair share their radius.
    const power = meanOf(centred, (x) => x * x)
    const squares = centred.map((x) => x * x - power)
    for (const lag of [1, 2, 3]) {
      expect(Math.abs(correlation(centred.subarray(lag), centred.subarray(0, -lag)))).toBeLessThan(4)
      expect(Math.abs(correlation(squares.subarray(lag), squares.subarray(0, -lag)))).toBeLessThan(4)
    }
  })

  it('do not follow from another stream, of a similar name or the next seed', () => {
    const values = draw('normal', COUNT, 1, 'dense/kernel')
    expect(Math.abs(correlation(values, draw('normal', COUNT, 1, 'dense_1/kernel')))).toBeLessThan(4)
    expect(Math.abs(correlation(values, draw('normal', COUNT, 2, 'dense/kernel')))).toBeLessThan(4)
  })
})
