import { compile, entry, tensor } from 'gradloom'
import { describe, expect, it } from 'vitest'
import * as layers from '../../src/layers'
import type { Layer, LayerConfig } from '../../src/layers/layer'
import { layerOf } from '../../src/layers/registry'
import { input } from '../../src/layers/symbolic'
import { randomNumbers } from '../ops/operands'
import { grey, pictures, ran, sizeOf, TARGETS } from './images'

const again = <L>(layer: L): L =>
  layerOf(JSON.parse(JSON.stringify((layer as Layer).getConfig())) as LayerConfig) as never
const random = randomNumbers(5)
const numbers = (shape: readonly number[]): Float64Array => Float64Array.from({ length: sizeOf(shape) }, () => 6 * random() - 3) // prettier-ignore

describe('normalization', () => {
  const shape = [7, 3, 2]
  const data = numbers(shape)
  const nested = (at: number, depth: number): unknown =>
    depth === 3
      ? data[at]
      : Array.from({ length: shape[depth]! }, (_, i) => nested(at + i * sizeOf(shape.slice(depth + 1)), depth + 1))
  /** Of the elements that share the places along the kept axes with element i. */
  const moments = (i: number, kept: readonly number[]): [mean: number, deviation: number] => {
    const place = (k: number): number[] => [Math.floor(k / 6), Math.floor(k / 2) % 3, k % 2]
    const alike = Array.from(data).filter((_, k) => kept.every((a) => place(k)[a] === place(i)[a]))
    const mean = alike.reduce((a, b) => a + b, 0) / alike.length
    return [mean, Math.sqrt(alike.reduce((a, b) => a + (b - mean) ** 2, 0) / alike.length)]
  }
  const cases = [
    [-1, [2]],
    [[1], [1]],
    [
      [2, 1],
      [1, 2],
    ],
    [null, []],
    [[], []],
  ] as const
  it.each(cases)('learns mean and variance along %j', (axis, kept) => {
    const layer = layers.normalization({ axis })
    const flat = Object.assign(data.slice(), { shape })
    const batches = [0, 4].map((from) => Object.assign(data.slice(from * 6, (from + (from ? 3 : 4)) * 6), { shape: [from ? 3 : 4, 3, 2] })) // prettier-ignore
    for (const given of [nested(0, 0), flat, new Set(batches)]) {
      layer.adapt(given as never)
      const [y] = ran(layer, { shape, data }, { training: false, dtype: 'float32' })
      y!.data.forEach((v, i) => {
        const [mean, deviation] = moments(i, kept)
        expect(v).toBeCloseTo((data[i]! - mean) / deviation, 4)
      })
    }
    const inverse = layers.normalization({ axis, invert: true })
    inverse.adapt(flat)
    const [y] = ran(layer, { shape, data }, { training: false, dtype: 'float32' })
    const [back] = ran(inverse, y!, { training: false, dtype: 'float32' })
    back!.data.forEach((v, i) => expect(v).toBeCloseTo(data[i]!, 4))
    const copy = again(layer)
    copy(input({ shape: [3, 2] }))
    copy.setWeights(layer.getWeights())
    expect(ran(copy, { shape, data }, { dtype: 'float32' })).toEqual(ran(layer, { shape, data }, { dtype: 'float32' }))
    expect(layer.weights.map((w) => w.name)).toEqual(['mean', 'variance', 'count'])
    expect(layer.weights.every((w) => !w.isTrained)).toBe(true)
  })
  it('broadcasts what is given from the right', () => {
    const layer = layers.normalization({ axis: [1, 2], mean: [1, 2], variance: [4, 9] })
    const [y] = ran(again(layer), { shape, data })
    y!.data.forEach((v, i) => expect(v).toBeCloseTo(i % 2 === 0 ? (data[i]! - 1) / 2 : (data[i]! - 2) / 3, 12))
  })
  it('keeps a deviation of 0 from dividing', () => {
    const layer = layers.normalization({ axis: null, mean: 3, variance: 0 })
    expect(Array.from(ran(layer, { shape: [2], data: Float64Array.of(3, 4) })[0]!.data)).toEqual([0, 1e7])
  })
})

describe('discretization', () => {
  it('finds the boundaries of the documentation of Keras', () => {
    const layer = layers.discretization({ numBins: 4, epsilon: 0.01 })
    const x = { shape: [2, 4], data: Float64Array.of(-1.5, 1, 3.4, 0.5, 0, 3, 1.3, 0) }
    layer.adapt([Array.from(x.data.slice(0, 4)), Array.from(x.data.slice(4))])
    for (const l of [layer, again(layer)]) expect(Array.from(ran(l, x)[0]!.data)).toEqual([0, 2, 3, 2, 1, 3, 3, 1])
  })
  it('has about as many elements in each bin, however many batches there were', () => {
    const layer = layers.discretization({ numBins: 8 })
    const batches = Array.from({ length: 5 }, () => numbers([400]).map((v) => v ** 3))
    layer.adapt(batches.values())
    const data = Float64Array.from(batches.flatMap((b) => Array.from(b)))
    const bins = Array.from(ran(layer, { shape: [2000], data })[0]!.data)
    for (let k = 0; k < 8; k++) expect(Math.abs(bins.filter((b) => b === k).length - 250)).toBeLessThan(40)
  })
  it.each(['oneHot', 'multiHot', 'count'] as const)('as %s is what categoryEncoding makes of it', (outputMode) => {
    const options = { binBoundaries: [-1, 0, 0.5], outputMode }
    const x = { shape: [6, 3], data: numbers([6, 3]) }
    const bins = ran(layers.discretization({ binBoundaries: [-1, 0, 0.5] }), x)[0]!
    const wanted = ran(layers.categoryEncoding({ numTokens: 4, outputMode }), bins, { dtype: 'uint8' })
    expect(ran(again(layers.discretization(options)), x)).toEqual(wanted)
  })
})

describe.each(TARGETS)('categoryEncoding on %s', (target) => {
  const x = { shape: [4, 3], data: Float64Array.of(0, 1, 4, 2, 2, 2, 3, 0, 3, 1, 4, 1) }
  const count = (weight: (i: number) => number): number[] =>
    [0, 1, 2, 3].flatMap((n) => [0, 1, 2, 3, 4].map((t) => [0, 1, 2].reduce((sum, k) => sum + (x.data[3 * n + k] === t ? weight(3 * n + k) : 0), 0))) // prettier-ignore
  const encoded = (outputMode: string, y = x) =>
    ran(again(layers.categoryEncoding({ numTokens: 5, outputMode } as never)), y, { target, dtype: 'uint8' })[0]!
  it('counts, marks, and gives a row to each', () => {
    expect(Array.from(encoded('count').data)).toEqual(count(() => 1))
    expect(Array.from(encoded('multi_hot').data)).toEqual(count(() => 1).map((n) => Math.min(n, 1)))
    expect(encoded('oneHot').shape).toEqual([4, 3, 5])
    expect(encoded('oneHot', { shape: [12, 1], data: x.data }).shape).toEqual([12, 5])
    expect(Array.from(encoded('oneHot').data)).toEqual(Array.from(x.data).flatMap((t) => [0, 1, 2, 3, 4].map((k) => Number(k === t)))) // prettier-ignore
  })
  it('counts by weights, and stops at a number that is none', () => {
    const layer = layers.categoryEncoding({ numTokens: 5, outputMode: 'count' })
    const net = compile(
      entry({ x: tensor([4, 3], 'int32'), w: tensor([4, 3], 'float64') }, ({ x, w }) => ({
        outputs: { y: layer([x, w]) },
      })),
      { target },
    )
    const w = numbers([4, 3])
    const found = Array.from(net({ x: Int32Array.from(x.data), w }).y as never as Float64Array)
    count((i) => w[i]!).forEach((v, i) => expect(found[i]).toBeCloseTo(v, 12))
    expect(() => net({ x: Int32Array.from(x.data, (v) => v + 1), w })).toThrow(/out of range/)
  })
})

describe('sizes of images', () => {
  it('are met by cutting or filling both sides', () => {
    const x = grey([[1, 2, 3, 4, 5, 6]])
    const size = { height: 1, width: 2, interpolation: 'nearest' } as const
    expect(Array.from(ran(again(layers.resizing({ ...size, cropToAspectRatio: true })), x)[0]!.data)).toEqual([3, 4])
    const filled = ran(layers.resizing({ height: 6, width: 6, interpolation: 'nearest', padToAspectRatio: true, fillValue: 9 }), x) // prettier-ignore
    const rows = [9, 9, 1, 9, 9].flatMap((v) => (v === 9 ? [9, 9, 9, 9, 9, 9] : [1, 2, 3, 4, 5, 6]))
    // Two rows of filling on either side make five, of which six are read.
    expect(filled[0]!.data.length).toBe(36)
    expect(Array.from(filled[0]!.data.slice(0, 12))).toEqual(rows.slice(0, 12))
    expect(Array.from(filled[0]!.data.slice(-12))).toEqual(rows.slice(-12))
  })
  it('come back in the dtype of bytes, held within them', () => {
    const layer = layers.resizing({ height: 7, width: 9, interpolation: 'bicubic' })
    const x = grey([
      [0, 255, 255, 0],
      [255, 0, 255, 255],
      [0, 0, 0, 255],
    ])
    const [bytes, floats] = (['uint8', 'float64'] as const).map((dtype) => ran(layer, x, { dtype })[0]!.data)
    expect(bytes!.every((v) => Number.isInteger(v) && v >= 0 && v <= 255)).toBe(true)
    expect(floats!.some((v) => v < 0 || v > 255)).toBe(true)
    bytes!.forEach((v, i) => expect(Math.abs(v - Math.min(Math.max(floats![i]!, 0), 255))).toBeLessThanOrEqual(0.5 + 1e-3)) // prettier-ignore
  })
  const SIZES = [
    ['resizing', layers.resizing({ height: 3, width: 5 })],
    ['resizing, cut', layers.resizing({ height: 3, width: 5, cropToAspectRatio: true })],
    ['resizing, filled', layers.resizing({ height: 9, width: 5, padToAspectRatio: true })],
    ['centerCrop', layers.centerCrop({ height: 3, width: 4 })],
    ['centerCrop of what is smaller', layers.centerCrop({ height: 9, width: 4 })],
    ['randomCrop', layers.randomCrop({ height: 3, width: 4 })],
    ['randomCrop of what is smaller', layers.randomCrop({ height: 9, width: 4 })],
  ] as const
  it.each(SIZES)('of %s are known before images come', (_, layer) => {
    const { height, width } = layer.getConfig().config as { height: number; width: number }
    const shape = (layer as Layer)(input({ shape: [6, 5, 2] })).shape
    expect(shape).toEqual([null, height, width, 2])
    for (const training of [false, true])
      for (const target of TARGETS) {
        const x = pictures([4, 6, 5, 2])
        const [y] = ran(again(layer), x, { training, target })
        expect(y!.shape).toEqual([4, height, width, 2])
        const single = ran(layer, { shape: [6, 5, 2], data: x.data.slice(0, 60) }, { training, target })
        expect(single[0]!.shape).toEqual([height, width, 2])
      }
  })
  it('randomCrop takes one window for a batch, each as often as another', () => {
    const x = grey(Array.from({ length: 4 }, (_, i) => [0, 1, 2, 3, 4].map((k) => 10 * i + k)))
    const two = { shape: [2, 4, 5, 1], data: Float64Array.from([...x.data, ...x.data]) }
    const counts = new Map<number, number>()
    for (const { data } of ran(layers.randomCrop({ height: 3, width: 3 }), two, {}, 600)) {
      const first = data[0]!
      const window = [0, 10, 20].flatMap((row) => [0, 1, 2].map((k) => first + row + k))
      expect(Array.from(data)).toEqual([...window, ...window])
      counts.set(first, (counts.get(first) ?? 0) + 1)
    }
    expect([...counts.keys()].sort((a, b) => a - b)).toEqual([0, 1, 2, 10, 11, 12])
    // Six windows in 600 draws: five deviations of a binomial count.
    for (const n of counts.values()) expect(Math.abs(n - 100)).toBeLessThan(46)
  })
})

describe('what is refused', () => {
  const on = (layer: unknown, shape: number[], dtype: 'float32' | 'int32' = 'float32') => () => (layer as Layer)(input({ shape, dtype })) // prettier-ignore
  it.each([
    [() => layers.rescaling({ scale: 'x' as never }), /Rescaling: scale must be a number, or lists of numbers, it is "x"/],
    [() => layers.rescaling({ scale: [[1], [1, 2]] }), /uneven/],
    [on(layers.rescaling({ scale: [1, 2] }), [3]), /do not broadcast/],
    [() => layers.normalization({ mean: 1 }), /mean and variance are given together/],
    [() => layers.normalization({ mean: [1, 2], variance: 1 }), /mean \[2\] and variance \[\] have one shape/],
    [() => layers.normalization({ axis: null, mean: [1], variance: [1] }), /more axes than the 0/],
    [on(layers.normalization({ mean: [1, 2], variance: [1, 2] }), [3]), /do not fit \[1, 3\]/],
    [() => layers.normalization({ mean: 1, variance: 1 }).adapt([1]), /it was given a mean/],
    [() => layers.normalization().adapt([[1, 2]].slice(1)), /no values to learn from|out of range/],
    [() => layers.normalization().adapt(new Set()), /there are no batches to learn from/],
    [() => layers.normalization().adapt('text' as never), /expected numbers/],
    [on(layers.normalization({ axis: 3 }), [3]), /axis 3 is out of range/],
    [() => layers.discretization(), /give binBoundaries, or numBins/],
    [() => layers.discretization({ binBoundaries: [2, 1] }), /numbers that rise/],
    [on(layers.discretization({ numBins: 3 }), [3]), /call adapt\(data\)/],
    [() => layers.discretization({ binBoundaries: [1] }).adapt([1]), /give numBins/],
    [() => layers.categoryEncoding({} as never), /numTokens is missing/],
    [on(layers.categoryEncoding({ numTokens: 3 }), [3]), /indices must be int32 or uint8/],
    [() => layers.categoryEncoding({ numTokens: 3, sparse: true }), /leave sparse out/],
    [() => layers.resizing({ height: 2, width: 2, cropToAspectRatio: true, padToAspectRatio: true }), /exclude each other/],
    [() => layers.resizing({ height: 2, width: 2, interpolation: 'cubic' as never }), /interpolation must be 'bilinear' or/],
    [on(layers.centerCrop({ height: 2, width: 2 }), [3]), /has not 2 spatial axes/],
    [on(layers.randomFlip(), [3]), /RandomFlip: .* has not 2 spatial axes/],
    [() => layers.randomFlip({ mode: 'sideways' as never }), /mode must be 'horizontal' or/],
    [() => layers.randomRotation({ factor: 2 }), /factor must be a number from -1 to 1, or two of them, it is 2/],
    [() => layers.randomContrast({ factor: [0.5, 2] }), /factor must be a number from 0 to 1/],
    [() => layers.randomPosterization({ factor: 9 }), /factor must be a whole number from 1 to 8/],
    [() => layers.randomGaussianBlur({ kernelSize: 4 }), /kernelSize is odd, it is 4, 4/],
    [() => layers.randomBrightness({ factor: 0.1, valueRange: [1, 0] }), /valueRange must be two numbers that rise/],
    [() => ran(layers.randomHue({ factor: 0.1 }), pictures([1, 4, 4, 1])), /three channels are needed/],
    [() => ran(layers.randomErasing({ fillValue: [1, 2] }), pictures([1, 4, 4, 3])), /fillValue has 2 numbers for 3 channels/],
  ] as const)('%#', (call, message) => expect(call).toThrow(message)) // prettier-ignore
})
