import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import { build, randomNumbers } from './cases'

type Op = (x: Tensor) => Tensor
const extentsOf = (x: unknown): number[] => (Array.isArray(x) ? [x.length, ...extentsOf(x[0])] : [])
/** What an op makes of nested arrays, as float64. */
function valuesOf(x: unknown, op: Op): number[] {
  const shape = extentsOf(x)
  const ran = build({ x: { shape, dtype: 'float64' } }, ({ x }) => ({ outputs: { y: op(x!) } }))
  return Array.from(ran.run({ x: [x].flat(Infinity) as number[] })['y']!)
}
/** An image of one channel, without a batch. */
const image = (rows: readonly (readonly number[])[]): number[][][] => rows.map((row) => row.map((v) => [v]))
const line = (...values: readonly number[]): number[][] => values.map((v) => [v])

const SQUARE = image([[1, 2], [3, 4]]) // prettier-ignore
const FOUR = image([[1, 2, 3, 4], [5, 6, 7, 8], [9, 10, 11, 12], [13, 14, 15, 16]]) // prettier-ignore
const at = (options: loom.ResizeOptions, ...size: number[]): Op => (x) => loom.resize(x, size, options) // prettier-ignore
const nearest = { interpolation: 'nearest' } as const

describe('values', () => {
  // prettier-ignore
  const rows: readonly (readonly [name: string, x: unknown, op: Op, wanted: number[]])[] = [
    ['bilinear 2x at half pixels', SQUARE, at({}, 4, 4),
      [1, 1.25, 1.75, 2, 1.5, 1.75, 2.25, 2.5, 2.5, 2.75, 3.25, 3.5, 3, 3.25, 3.75, 4]],
    ['bilinear with aligned corners', SQUARE, at({ coordinates: 'alignCorners' }, 3, 3), [1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4]],
    ['bilinear, asymmetric', SQUARE, at({ coordinates: 'asymmetric' }, 4, 4),
      [1, 1.5, 2, 2, 2, 2.5, 3, 3, 3, 3.5, 4, 4, 3, 3.5, 4, 4]],
    ['bilinear 3x', line(0, 3), at({}, 6), [0, 0, 1, 2, 3, 3]],
    ['bilinear by 3/2', line(0, 6), at({}, 3), [0, 3, 6]],
    ['bilinear by 1/2 is the mean of two, not smoothed', line(0, 2, 6, 4), at({}, 2), [1, 5]],
    ['bilinear by 1/3 takes the middle', line(1, 2, 9, 4, 5, 9), at({}, 2), [2, 5]],
    ['to one element, aligned corners take the first', line(1, 2, 3), at({ coordinates: 'alignCorners' }, 1), [1]],
    ['nearest 2x', SQUARE, at(nearest, 4, 4), [1, 1, 2, 2, 1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4]],
    ['nearest by 1/2 at half pixels takes the second', line(1, 2, 3, 4), at(nearest, 2), [2, 4]],
    ['nearest by 1/2, halves down', line(1, 2, 3, 4), at({ ...nearest, rounding: 'preferFloor' }, 2), [1, 3]],
    ['nearest by 1/2, asymmetric', line(1, 2, 3, 4), at({ ...nearest, coordinates: 'asymmetric' }, 2), [1, 3]],
    ['nearest of 3 by 5 at half pixels', line(1, 2, 3), at(nearest, 5), [1, 1, 2, 3, 3]],
    ['nearest of 3 by 5, asymmetric', line(1, 2, 3), at({ ...nearest, coordinates: 'asymmetric' }, 5), [1, 1, 2, 2, 3]],
    ['nearest of 3 by 5, aligned corners', line(1, 2, 3), at({ ...nearest, coordinates: 'alignCorners' }, 5), [1, 2, 2, 3, 3]],
    ['upSampling1d', [line(1, 2)], (x) => loom.upSampling1d(x), [1, 1, 2, 2]],
    ['upSampling2d', [SQUARE], (x) => loom.upSampling2d(x, [1, 2]), [1, 1, 2, 2, 3, 3, 4, 4]],
    ['upSampling2d, bilinear', [SQUARE], (x) => loom.upSampling2d(x, [1, 2], { interpolation: 'bilinear' }), [1, 1.25, 1.75, 2, 3, 3.25, 3.75, 4]],
    ['upSampling3d', [[SQUARE]], (x) => loom.upSampling3d(x, [2, 1, 1]), [1, 2, 3, 4, 1, 2, 3, 4]],
    ['crop', FOUR, (x) => loom.crop(x, [[1, 0], [2, 1]]), [7, 11, 15]],
    ['crop by one number for both sides', FOUR, (x) => loom.crop(x, [1, 0]), [5, 6, 7, 8, 9, 10, 11, 12]],
    ['centerCrop, the smaller part cut at the start', FOUR, (x) => loom.centerCrop(x, [2, 1]), [6, 10]],
    ['zeroPadding', SQUARE, (x) => loom.zeroPadding(x, [[1, 0], [0, 2]]), [0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0]],
    ['depthToSpace of the columns of channels', [[[1, 2, 3, 4], [5, 6, 7, 8]]], (x) => loom.depthToSpace(x, 2), [1, 2, 5, 6, 3, 4, 7, 8]],
    ['depthToSpace DCR', [[[1, 2, 3, 4, 5, 6, 7, 8]]], (x) => loom.depthToSpace(x, 2), [1, 2, 3, 4, 5, 6, 7, 8]],
    ['depthToSpace CRD', [[[1, 2, 3, 4, 5, 6, 7, 8]]], (x) => loom.depthToSpace(x, 2, { mode: 'CRD' }), [1, 5, 2, 6, 3, 7, 4, 8]],
    ['spaceToDepth', FOUR, (x) => loom.spaceToDepth(x, 2), [1, 2, 5, 6, 3, 4, 7, 8, 9, 10, 13, 14, 11, 12, 15, 16]],
    ['adaptiveAveragePool in blocks', FOUR, (x) => loom.adaptiveAveragePool(x, [2, 2]), [3.5, 5.5, 11.5, 13.5]],
    ['adaptiveAveragePool in windows that overlap', line(1, 2, 3, 4, 5, 6, 7), (x) => loom.adaptiveAveragePool(x, [3]), [2, 4, 6]],
    ['adaptiveAveragePool to more than there is', line(1, 2), (x) => loom.adaptiveAveragePool(x, [3]), [1, 1.5, 2]],
    ['adaptiveMaxPool in windows that overlap', line(3, 1, 4, 1, 5, 9, 2), (x) => loom.adaptiveMaxPool(x, [3]), [4, 5, 9]],
  ]
  it.each(rows)('%s', (_, x, op, wanted) => {
    const found = valuesOf(x, op)
    expect(found.length).toBe(wanted.length)
    wanted.forEach((v, i) => expect(found[i]).toBeCloseTo(v, 12))
  })

  it('of channelsFirst are those of channelsLast, transposed', () => {
    const ops: ((x: Tensor, options: loom.FormatOption) => Tensor)[] = [
      (x, o) => loom.resize(x, [7, 4], o),
      (x, o) => loom.resize(x, [8, 12], { ...o, interpolation: 'nearest' }),
      (x, o) => loom.upSampling2d(x, 2, o),
      (x, o) => loom.crop(x, [1, [0, 2]], o),
      (x, o) => loom.centerCrop(x, [3, 2], o),
      (x, o) => loom.zeroPadding(x, [1, [0, 2]], o),
      (x, o) => loom.depthToSpace(x, 2, o),
      (x, o) => loom.depthToSpace(x, 2, { ...o, mode: 'CRD' }),
      (x, o) => loom.spaceToDepth(x, 2, o),
      (x, o) => loom.spaceToDepth(x, 2, { ...o, mode: 'CRD' }),
      (x, o) => loom.adaptiveAveragePool(x, [3, 4], o),
      (x, o) => loom.adaptiveMaxPool(x, [3, 4], o),
    ]
    const shape = [2, 4, 6, 8]
    const ran = build({ x: { shape, dtype: 'float64' } }, ({ x }) => {
      const first = loom.transpose(x!, [0, 3, 1, 2])
      const pairs = ops.map((op) => [op(x!, {}), loom.transpose(op(first, { dataFormat: 'channelsFirst' }), [0, 2, 3, 1])]) // prettier-ignore
      return { outputs: Object.fromEntries(pairs.flatMap(([a, b], i) => [[`last${i}`, a!], [`first${i}`, b!]])) } // prettier-ignore
    })
    const random = randomNumbers(3)
    const results = ran.run({ x: Array.from({ length: 2 * 4 * 6 * 8 }, random) })
    ops.forEach((_, i) => expect(results[`first${i}`]).toEqual(results[`last${i}`]))
  })
})

const COORDINATES = ['halfPixel', 'alignCorners', 'asymmetric'] as const
const INTERPOLATIONS = ['nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5', 'area'] as const
const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))
const lanczos = (a: number) => (x: number) => (x < a ? sinc(x) * sinc(x / a) : 0) // prettier-ignore
const KERNELS = {
  // The cubic that is 1 at 0, 0 at 1 and 2 with no slope there, and slopes at 1 that meet at -1/2.
  bicubic: (x: number) => (x < 1 ? 1 - 2.5 * x ** 2 + 1.5 * x ** 3 : x < 2 ? -0.5 * (x - 1) * (x - 2) ** 2 : 0),
  lanczos3: lanczos(3),
  lanczos5: lanczos(5),
}
/** The definition, along one axis. */
function sampled(
  x: readonly number[],
  m: number,
  coordinates: (typeof COORDINATES)[number],
  interpolation: (typeof INTERPOLATIONS)[number],
): number[] {
  const n = x.length
  // Elements so often that points cover whole ones.
  const fine = x.flatMap((v) => Array.from({ length: m }, () => v))
  if (interpolation === 'area')
    return Array.from({ length: m }, (_, o) => fine.slice(o * n, o * n + n).reduce((a, b) => a + b) / n)
  const element = (k: number): number => x[Math.min(Math.max(k, 0), n - 1)]!
  return Array.from({ length: m }, (_, o) => {
    const p =
      coordinates === 'halfPixel'
        ? ((2 * o + 1) * n - m) / (2 * m)
        : coordinates === 'asymmetric'
          ? (o * n) / m
          : m === 1 ? 0 : (o * (n - 1)) / (m - 1) // prettier-ignore
    if (interpolation === 'nearest') return element(Math.floor(coordinates === 'asymmetric' ? p : p + 0.5))
    if (interpolation !== 'bilinear') {
      const weights = x.map((_, k) => KERNELS[interpolation](Math.abs(p - k)))
      return x.reduce((sum, v, k) => sum + v * weights[k]!, 0) / weights.reduce((a, b) => a + b)
    }
    const low = Math.floor(p)
    return element(low) * (1 - (p - low)) + element(low + 1) * (p - low)
  })
}

describe('every ratio', () => {
  const sizes = [1, 2, 3, 4, 6, 7, 9, 12, 16, 29, 45]
  it.each([1, 2, 3, 5, 6, 8, 13, 40])('of %i elements to others, with cotangents that are adjoint', (n) => {
    const forms = sizes.flatMap((m) =>
      COORDINATES.flatMap((coordinates) => INTERPOLATIONS.map((interpolation) => ({ m, coordinates, interpolation }))),
    )
    const random = randomNumbers(n)
    const x = Array.from({ length: n }, () => random() - 0.5)
    const g = Array.from({ length: 45 }, () => random() - 0.5)
    const specs = { x: { shape: [n], dtype: 'float64' }, g: { shape: [45], dtype: 'float64' } } as const
    const ran = build(specs, ({ x, g }) => {
      const outputs = forms.flatMap(({ m, coordinates, interpolation }, i) => {
        const y = loom.reshape(loom.resize(loom.reshape(x!, [n, 1]), [m], { coordinates, interpolation }), [m])
        return [[`y${i}`, y], [`d${i}`, loom.vjp([y], [loom.slice(g!, [{ end: m }])], [x!])[0]]] as const // prettier-ignore
      })
      return { outputs: Object.fromEntries(outputs) }
    })
    const results = ran.run({ x, g })
    const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => Array.from(a).reduce((s, v, i) => s + v * b[i]!, 0) // prettier-ignore
    forms.forEach(({ m, coordinates, interpolation }, i) => {
      const wanted = sampled(x, m, coordinates, interpolation)
      wanted.forEach((v, k) => expect(results[`y${i}`]![k], `${interpolation} ${coordinates} ${m}`).toBeCloseTo(v, 12))
      // Fed x again: what is linear is adjoint for all x if it is for a random one.
      expect(dot(results[`d${i}`]!, x), `${interpolation} ${coordinates} ${m}`).toBeCloseTo(dot(wanted, g), 12)
    })
  })
})

it('an infinity reaches what takes it and nothing else, in values and cotangents', () => {
  const n = 23
  const one = (length: number, at: number, v: number): number[] => Array.from({ length }, (_, i) => (i === at ? v : 0))
  for (const m of [31, 17, 46, 69, 12]) {
    for (const coordinates of COORDINATES) {
      const weights = Array.from({ length: n }, (_, k) => sampled(one(n, k, 1), m, coordinates, 'bilinear'))
      const op = at({ coordinates }, m)
      const label = `${m} ${coordinates}`
      const values = valuesOf(line(...one(n, 11, Infinity)), op)
      expect(values, label).toEqual(weights[11]!.map((w) => (w === 0 ? 0 : Infinity)))
      const o = Math.floor(m / 2)
      const zeros = loom.fill([n, 1], 0, { dtype: 'float64' })
      // The cotangent of what is fed, which is the operand only by its shape.
      const slopes = valuesOf(line(...one(m, o, Infinity)), (g) => {
        const x = loom.add(zeros, loom.mul(loom.slice(g, [0]), 0))
        return loom.vjp([op(x)], [g], [x])[0]
      })
      expect(slopes, label).toEqual(weights.map((w) => (w[o] === 0 ? 0 : Infinity)))
    }
  }
})

describe('adaptiveMaxPool', () => {
  const slopes = (x: number[][][], size: number[]): number[] =>
    valuesOf(x, (t) => loom.grad(loom.sum(loom.adaptiveMaxPool(t, size)), [t])[0])
  it('gives the gradient to the first of equal ones in row-major order', () => {
    expect(slopes(image([[1, 5], [5, 5]]), [1, 1])).toEqual([0, 1, 0, 0]) // prettier-ignore
    expect(slopes(image([[1, 1, 5], [5, 1, 1], [1, 5, 5]]), [2, 2])).toEqual([0, 0, 1, 2, 0, 0, 0, 1, 0]) // prettier-ignore
  })
  it('also where all are as low as can be', () => {
    const low = -Infinity
    expect(slopes(image([[low, low, low, low, low]]), [1, 3])).toEqual([1, 1, 0, 1, 0])
  })
  it('takes NaN for the largest', () => {
    const ran = valuesOf(line(1, NaN, 3, 4, 5), (x) => loom.adaptiveMaxPool(x, [3]))
    expect(ran).toEqual([NaN, NaN, 5])
  })
})

describe('errors', () => {
  const x = loom.named('photo', loom.fill([2, 4, 6, 3], 1))
  // prettier-ignore
  const rows: readonly (readonly [make: () => unknown, message: RegExp])[] = [
    [() => loom.resize(x, [0, 4]), /resize: size must be whole numbers from 1, it is \[0, 4\][^]*"photo"/],
    [() => loom.resize(x, [2.5, 4]), /resize: size must be whole numbers from 1/],
    [() => loom.resize(x, 4 as never), /resize: size must be whole numbers from 1, it is 4/],
    [() => loom.resize(x, [4]), /resize: \[2, 4, 6, 3\] has not 1 spatial axis; \[batch, spatial axes, channels\][^]*"photo"/],
    [() => loom.resize(x, [4, 4], { interpolation: 'cubic' as never }), /resize: interpolation must be one of nearest, bilinear, bicubic.*it is "cubic"/],
    [() => loom.resize(x, [4, 4], { coordinates: 'corners' as never }), /resize: coordinates must be one of halfPixel.*it is "corners"/],
    [() => loom.resize(x, [4, 4], { rounding: 'up' as never }), /resize: rounding must be one of floor.*it is "up"/],
    [() => loom.resize(x, [4, 4], { dataFormat: 'NHWC' as never }), /resize: dataFormat must be 'channelsLast' or 'channelsFirst', it is "NHWC"/],
    [() => loom.resize(loom.fill([2, 0, 6, 3], 1), [4, 4]), /resize: \[2, 0, 6, 3\] has no elements to sample/],
    [() => loom.resize(loom.fill([4, 6, 3], 1, { dtype: 'bool' }), [4, 4]), /resize: .*is bool/],
    [() => loom.resize([1] as never, [4, 4]), /resize: expected a tensor/],
    [() => loom.upSampling2d(x, 1.5), /upSampling2d: size must be whole numbers from 1/],
    [() => loom.upSampling2d(x, [2, 2, 2]), /upSampling2d: 2 factors are needed, got \[2, 2, 2\]/],
    [() => loom.upSampling1d(x, 2), /upSampling1d: \[2, 4, 6, 3\] has not 1 spatial axis/],
    [() => loom.crop(x, [[3, 2], [0, 0]]), /crop: \[3, 2\] is more than the 4 elements of axis 1[^]*"photo"/],
    [() => loom.crop(x, [[-1, 2], [0, 0]]), /crop: a border is a pair of whole numbers from 0, got \[-1, 2\]/],
    [() => loom.centerCrop(x, [5, 2]), /centerCrop: 5 is more than the 4 elements of axis 1/],
    [() => loom.zeroPadding(x, [[1, 2]]), /zeroPadding: \[2, 4, 6, 3\] has not 1 spatial axis/],
    [() => loom.zeroPadding(x, [[1, 2], [0.5, 0]]), /zeroPadding: a border is a pair of whole numbers/],
    [() => loom.depthToSpace(x, 2), /depthToSpace: 3 channels of \[2, 4, 6, 3\] are no multiple of 4[^]*"photo"/],
    [() => loom.depthToSpace(x, 0), /depthToSpace: the block size must be a whole number from 1, it is 0/],
    [() => loom.depthToSpace(x, 2, { mode: 'CDR' as never }), /depthToSpace: mode must be one of DCR, CRD.*it is "CDR"/],
    [() => loom.spaceToDepth(x, 4), /spaceToDepth: axis 2 of \[2, 4, 6, 3\] does not divide into blocks of 4/],
    [() => loom.adaptiveAveragePool(x, 0), /adaptiveAveragePool: outputSize must be whole numbers from 1/],
    [() => loom.adaptiveAveragePool(x, [2]), /adaptiveAveragePool: \[2, 4, 6, 3\] has not 1 spatial axis/],
    [() => loom.adaptiveMaxPool(loom.fill([2, 0, 6, 3], 1), 1), /adaptiveMaxPool: axis 1 of \[2, 0, 6, 3\] is empty/],
  ]
  it.each(rows)('%s', (make, message) => {
    expect(make).toThrow(loom.GraphError)
    expect(make).toThrow(message)
  })
})
