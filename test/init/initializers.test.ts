import { describe, expect, it } from 'vitest'
import * as init from '../../src/init/initializers'
import { type Initializer, type VarianceScaling, varianceScaling } from '../../src/init/initializers'
import { identityInit, orthogonal } from '../../src/init/matrices'
import { type Random, randomStream } from '../../src/init/random'

type Shape = readonly number[]

const sizeOf = (shape: Shape): number => shape.reduce((a, b) => a * b, 1)
const values = (initializer: Initializer, shape: Shape, name = 'w'): Float64Array =>
  Float64Array.from(initializer(shape, randomStream(1, name)))

/** A stream that gives one number forever: what comes out is how an initializer scales what it draws. */
const always = (value: number): Random => ({
  uniform: () => value,
  normal: () => value,
  truncatedNormal: () => value,
})

function momentsOf(sample: Float64Array): { mean: number; std: number; kurtosis: number; largest: number } {
  const average = (f: (x: number) => number): number => sample.reduce((sum, x) => sum + f(x), 0) / sample.length
  const mean = average((x) => x)
  const variance = average((x) => (x - mean) ** 2)
  const kurtosis = average((x) => (x - mean) ** 4) / variance ** 2
  return { mean, std: Math.sqrt(variance), kurtosis, largest: Math.max(...sample.map(Math.abs)) }
}

/** Mean and standard deviation are within four sampling errors of what they should be. */
function expectMoments(sample: Float64Array, { mean, std }: { mean: number; std: number }): void {
  const found = momentsOf(sample)
  expect(Math.abs(found.mean - mean)).toBeLessThan((4 * std) / Math.sqrt(sample.length))
  expect(Math.abs(found.std - std)).toBeLessThan(4 * std * Math.sqrt((found.kurtosis - 1) / 4 / sample.length))
}

describe('constants', () => {
  it.each([
    ['zeros', init.zeros(), 0],
    ['ones', init.ones(), 1],
    ['constantInit', init.constantInit(-0.25), -0.25],
  ])('fill any shape: %s', (_, initializer, value) => {
    for (const shape of [[], [3], [2, 3], [2, 0, 3]]) {
      expect([...values(initializer, shape)]).toEqual(new Array(sizeOf(shape)).fill(value))
    }
  })
})

describe('identityInit', () => {
  it.each<[Shape, number, number[]]>([
    [[2, 2], 1, [1, 0, 0, 1]],
    [[2, 3], 2, [2, 0, 0, 0, 2, 0]],
    [[3, 2], -1, [-1, 0, 0, -1, 0, 0]],
    [[0, 3], 1, []],
  ])('of %j and gain %i', (shape, gain, right) => {
    expect([...values(identityInit({ gain }), shape)]).toEqual(right)
  })

  it.each([[[]], [[3]], [[1, 2, 2]]])('refuses the shape %j', (shape) => {
    expect(() => values(identityInit(), shape)).toThrow('identityInit: the shape must have two dimensions, it is [')
  })
})

describe('random initializers', () => {
  const SEEDED: Readonly<Record<string, (seed: number) => Initializer>> = {
    randomUniform: (seed) => init.randomUniform({ seed }),
    randomNormal: (seed) => init.randomNormal({ seed }),
    truncatedNormal: (seed) => init.truncatedNormal({ seed }),
    varianceScaling: (seed) => init.varianceScaling({ seed }),
    glorotUniform: (seed) => init.glorotUniform({ seed }),
    glorotNormal: (seed) => init.glorotNormal({ seed }),
    heUniform: (seed) => init.heUniform({ seed }),
    heNormal: (seed) => init.heNormal({ seed }),
    lecunUniform: (seed) => init.lecunUniform({ seed }),
    lecunNormal: (seed) => init.lecunNormal({ seed }),
    orthogonal: (seed) => orthogonal({ seed }),
  }
  const RANDOM: Readonly<Record<string, Initializer>> = {
    randomUniform: init.randomUniform(),
    randomNormal: init.randomNormal(),
    truncatedNormal: init.truncatedNormal(),
    varianceScaling: init.varianceScaling(),
    orthogonal: orthogonal(),
  }
  it.each(Object.entries(RANDOM))('%s depends on the stream only, and has the size of the shape', (_, initializer) => {
    const first = initializer([4, 5], randomStream(1, 'a'))
    expect(first).toBeInstanceOf(Float64Array)
    expect(first).toHaveLength(20)
    expect(initializer([4, 5], randomStream(1, 'a'))).toEqual(first)
    expect(initializer([4, 5], randomStream(1, 'b'))).not.toEqual(first)
    expect(initializer([4, 5], randomStream(2, 'a'))).not.toEqual(first)
    expect(initializer([4, 0], randomStream(1, 'a'))).toHaveLength(0)
  })

  it.each(Object.entries(SEEDED))('%s with a seed depends on it and the shape only', (_, make) => {
    const first = make(7)([4, 5], randomStream(1, 'a'))
    expect(make(7)([4, 5], randomStream(2, 'b'))).toEqual(first)
    expect(make(8)([4, 5], randomStream(1, 'a'))).not.toEqual(first)
    const twice = make(7)
    expect(twice([4, 5], randomStream(1, 'a'))).toEqual(first)
    expect(twice([4, 5], randomStream(1, 'a'))).toEqual(first)
    expect(() => make(0.5)).toThrow('a random seed must be a safe integer, not 0.5')
  })

  it('spread as they are told, by default over 0.05', () => {
    const shape = [64, 512]
    expectMoments(values(init.randomNormal(), shape), { mean: 0, std: 0.05 })
    expectMoments(values(init.randomNormal({ mean: 1, stddev: 0.2 }), shape), { mean: 1, std: 0.2 })
    expectMoments(values(init.randomUniform(), shape), { mean: 0, std: 0.1 / Math.sqrt(12) })
    expectMoments(values(init.randomUniform({ min: -0.3, max: 0.1 }), shape), { mean: -0.1, std: 0.1154700538 })
    expectMoments(values(init.truncatedNormal(), shape), { mean: 0, std: 0.04398128305 })
    expectMoments(values(init.truncatedNormal({ mean: 0.5, stddev: 0.2 }), shape), { mean: 0.5, std: 0.1759251322 })
  })

  it('stay within their bounds', () => {
    for (const x of values(init.randomUniform({ min: 2, max: 3 }), [64, 512])) {
      if (!(x >= 2 && x < 3)) expect.unreachable(`${x}`)
    }
    const far = values(init.truncatedNormal({ mean: 0, stddev: 0.3 }), [64, 512])
    expect(momentsOf(far).largest).toBeLessThanOrEqual(0.6)
    expect(momentsOf(far).largest).toBeGreaterThan(0.599)
  })

  it('may have no spread at all', () => {
    expect([...values(init.randomUniform({ min: 2, max: 2 }), [3])]).toEqual([2, 2, 2])
    expect([...values(init.randomNormal({ mean: 2, stddev: 0 }), [3])]).toEqual([2, 2, 2])
  })
})

describe('varianceScaling', () => {
  const uniform = { distribution: 'uniform' } as const
  const out = { scale: 2, mode: 'fanOut' } as const
  const average = { scale: 0.5, mode: 'fanAvg' } as const
  const of = (options: VarianceScaling): [string, Initializer] => [JSON.stringify(options), varianceScaling(options)]

  // The largest value and the standard deviation that Keras 3 gives for the same initializer.
  it.each<[string, Initializer, Shape, number, number]>([
    ['glorotUniform', init.glorotUniform(), [64, 128], 0.1767766953, 0.1020620726],
    ['glorotUniform', init.glorotUniform(), [3, 3, 16, 32], 0.1178511302, 0.06804138174],
    ['glorotUniform', init.glorotUniform(), [200], 0.1224744871, 0.07071067812],
    ['glorotNormal', init.glorotNormal(), [5, 8, 24], 0.2542067696, 0.1118033989],
    ['glorotNormal', init.glorotNormal(), [2, 3, 3, 8, 16], 0.1547053133, 0.06804138174],
    ['heUniform', init.heUniform(), [3, 3, 16, 32], 0.2041241452, 0.1178511302],
    ['heUniform', init.heUniform(), [120, 40], 0.2236067977, 0.1290994449],
    ['heNormal', init.heNormal(), [64, 128], 0.4019361943, 0.1767766953],
    ['heNormal', init.heNormal(), [200], 0.2273694469, 0.1],
    ['lecunUniform', init.lecunUniform(), [5, 8, 24], 0.2738612788, 0.158113883],
    ['lecunNormal', init.lecunNormal(), [2, 3, 3, 8, 16], 0.1894745391, 0.08333333333],
    [...of({}), [5, 8, 24], 0.3595026612, 0.158113883],
    [...of(uniform), [200], 0.1224744871, 0.07071067812],
    [...of(out), [3, 3, 16, 32], 0.1894745391, 0.08333333333],
    [...of(out), [120, 40], 0.5084135392, 0.2236067977],
    [...of({ ...out, ...uniform }), [120, 40], 0.3872983346, 0.2236067977],
    [...of(average), [5, 8, 24], 0.1797513306, 0.0790569415],
    [...of({ ...average, ...uniform }), [3, 3, 16, 32], 0.08333333333, 0.04811252243],
  ])('gives what Keras gives: %s %j %s', (_, initializer, shape, largest, std) => {
    const drawn = Array.from({ length: 4 }, (_, i) => [...values(initializer, shape, `draw ${i}`)]).flat()
    expectMoments(Float64Array.from(drawn), { mean: 0, std })
    expect(momentsOf(Float64Array.from(drawn)).largest).toBeLessThanOrEqual(largest * (1 + 1e-9))
    // 2 stands for the end of a truncated normal, and -(limit) is what a uniform gives for 0.
    const isUniform = initializer([1], always(0))[0] !== 0
    expect(Math.abs(initializer(shape, always(isUniform ? 0 : 2))[0]! / largest)).toBeCloseTo(1, 8)
  })

  it.each<[VarianceScaling, Shape, number]>([
    [{}, [64, 128], 0.125],
    [{}, [2, 3, 3, 8, 16], 0.08333333333],
    [out, [5, 8, 24], 0.1290994449],
    [average, [64, 128], 0.07216878365],
  ])('does not correct the deviation where nothing is truncated: %j %j', (options, shape, std) => {
    const initializer = varianceScaling({ ...options, distribution: 'untruncatedNormal' })
    expect(initializer(shape, always(1))[0]! / std).toBeCloseTo(1, 8)
    expectMoments(values(initializer, shape), { mean: 0, std })
    expect(momentsOf(values(initializer, shape)).largest).toBeGreaterThan(3 * std)
  })

  it('counts 1 for the fans of a scalar and of an empty shape', () => {
    const initializer = varianceScaling({ scale: 4, distribution: 'untruncatedNormal' })
    expect(Array.from(initializer([], always(1)))).toEqual([2])
    expect(Array.from(initializer([0, 4], always(1)))).toEqual([])
  })
})

describe('orthogonal', () => {
  /** The vectors that are to be orthonormal: columns of a tall matrix, rows of a wide one. */
  function vectorsOf(matrix: Float64Array, rows: number, cols: number): number[][] {
    const at = (i: number, j: number): number => (rows >= cols ? matrix[j * cols + i]! : matrix[i * cols + j]!)
    return Array.from({ length: Math.min(rows, cols) }, (_, i) =>
      Array.from({ length: Math.max(rows, cols) }, (_, j) => at(i, j)),
    )
  }
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, k) => sum + x * b[k]!, 0)

  function gramError(vectors: readonly number[][], square: number): number {
    let most = 0
    vectors.forEach((a, i) =>
      vectors.forEach((b, j) => (most = Math.max(most, Math.abs(dot(a, b) - (i === j ? square : 0))))),
    )
    return most
  }

  it.each<[Shape, number, number]>([
    [[120, 40], 120, 40],
    [[40, 120], 40, 120],
    [[96, 96], 96, 96],
    [[3, 3, 16, 32], 144, 32],
    [[2, 3, 40], 6, 40],
    [[1, 7], 1, 7],
    [[7, 1], 7, 1],
  ])('%j is an orthogonal matrix of %i x %i', (shape, rows, cols) => {
    for (const gain of [1, 1.5, -2]) {
      const vectors = vectorsOf(values(orthogonal({ gain }), shape), rows, cols)
      expect(gramError(vectors, gain * gain)).toBeLessThan(1e-12)
    }
  })

  it.each([
    [9, 9],
    [12, 7],
    [7, 12],
    // About the sizes of a block, of a tile and of a stretch.
    [16, 16],
    [17, 16],
    [18, 33],
    [33, 33],
    [47, 1023],
    [1026, 49],
    [21, 2050],
  ])(
    'is Q of the QR of a normal matrix, with the signs that make the diagonal of R positive: %i x %i',
    (rows, cols) => {
      const q = vectorsOf(values(orthogonal(), [rows, cols]), rows, cols)
      const random = randomStream(1, 'w')
      const a = q.map((vector) => vector.map(() => random.normal()))
      q.forEach((unit, i) => {
        expect(dot(unit, a[i]!)).toBeGreaterThan(0)
        for (const before of a.slice(0, i)) expect(Math.abs(dot(unit, before))).toBeLessThan(1e-12)
      })
      expect(gramError(q, 1)).toBeLessThan(1e-13)
    },
  )

  it.each([20, 50])('is orthogonal even where the vectors drawn are nearly parallel: %i', (n) => {
    const random = randomStream(1, 'noise')
    const parallel: Random = { ...random, normal: () => 1 + 1e-12 * random.normal() }
    const matrix = Float64Array.from(orthogonal()([n, n], parallel))
    expect(gramError(vectorsOf(matrix, n, n), 1)).toBeLessThan(1e-12)
  })

  it('is uniform: entries have mean 0 and variance 1 / rows', () => {
    const entries = Array.from({ length: 2000 }, (_, i) => [...values(orthogonal(), [4, 4], `${i}`)])
    for (const at of [0, 1, 5, 15]) {
      expectMoments(
        Float64Array.from(entries, (entry) => entry[at]!),
        { mean: 0, std: 0.5 },
      )
    }
  })

  it.each([
    [[], '[]'],
    [[5], '[5]'],
  ])('refuses the shape %j', (shape, shown) => {
    const message = `orthogonal: the shape must have two dimensions or more, it is ${shown}`
    expect(() => values(orthogonal(), shape)).toThrow(message)
  })
})

describe('bad arguments', () => {
  it.each<[string, () => Initializer]>([
    ['constantInit: value must be a finite number, it is NaN', () => init.constantInit(NaN)],
    ['randomUniform: min must be a finite number, it is -Infinity', () => init.randomUniform({ min: -Infinity })],
    ['randomUniform: max - min must be a finite', () => init.randomUniform({ min: -1e308, max: 1e308 })],
    ['randomUniform: min must not be above max, they are 1 and 0.05', () => init.randomUniform({ min: 1 })],
    ['randomNormal: mean must be a finite number, it is Infinity', () => init.randomNormal({ mean: Infinity })],
    ['randomNormal: stddev must not be negative, it is -1', () => init.randomNormal({ stddev: -1 })],
    ['truncatedNormal: stddev must be a finite number, it is NaN', () => init.truncatedNormal({ stddev: NaN })],
    ['truncatedNormal: stddev must not be negative, it is -1', () => init.truncatedNormal({ stddev: -1 })],
    ['varianceScaling: scale must be above 0, it is -1', () => varianceScaling({ scale: -1 })],
    ['varianceScaling: scale must be above 0, it is 0', () => varianceScaling({ scale: 0 })],
    ['varianceScaling: scale must be a finite number, it is NaN', () => varianceScaling({ scale: NaN })],
    [
      'varianceScaling: mode must be one of fanIn, fanOut, fanAvg, it is "fan_in"',
      () => varianceScaling({ mode: 'fan_in' as never }),
    ],
    [
      'varianceScaling: distribution must be one of truncatedNormal, untruncatedNormal, uniform, it is "normal"',
      () => varianceScaling({ distribution: 'normal' as never }),
    ],
    ['orthogonal: gain must be a finite number, it is NaN', () => orthogonal({ gain: NaN })],
    ['identityInit: gain must be a finite number, it is NaN', () => identityInit({ gain: NaN })],
    ['glorotUniform: unknown option "sede"; known are seed', () => init.glorotUniform({ sede: 1 } as never)],
    ['randomNormal: unknown option "std"; known are mean, stddev, seed', () => init.randomNormal({ std: 1 } as never)],
  ])('are refused when the initializer is made: %s', (message, make) => {
    expect(make).toThrow(message)
  })
})
