import { describe, expect, it } from 'vitest'
import * as layers from '../../src/layers'
import type { Layer } from '../../src/layers/layer'
import { grey, type Pictures, pictures, ran, sizeOf, TARGETS } from './images'

// What layers compute where their range is a single number, or one of two, against formulas written pixel by pixel.

type Pixel = (n: number, y: number, x: number, c: number) => number
const reader = ({ shape: [, h, w, k], data }: Pictures): Pixel => (n, y, x, c) => data[((n * h! + y) * w! + x) * k! + c]! // prettier-ignore
function made({ shape: [b, h, w, k] }: Pictures, pixel: Pixel): number[] {
  const all: number[] = []
  for (let n = 0; n < b!; n++)
    for (let y = 0; y < h!; y++) for (let x = 0; x < w!; x++) for (let c = 0; c < k!; c++) all.push(pixel(n, y, x, c))
  return all
}
const clamp = (v: number, low = 0, high = 255): number => Math.min(Math.max(v, low), high)
const x = pictures([3, 4, 4, 3], 9)
const [H, W] = [4, 4]
const at = reader(x)
const inside = (n: number, y: number, xx: number, c: number): number =>
  y < 0 || y >= H || xx < 0 || xx >= W ? 0 : at(n, y, xx, c)
const mirrored = (i: number, extent: number): number => (i < 0 ? -1 - i : i >= extent ? 2 * extent - 1 - i : i)
const luminance = (n: number, y: number, xx: number): number =>
  [0.2989, 0.587, 0.114].reduce((sum, w, c) => sum + w * at(n, y, xx, c), 0)
const halfToEven = (v: number): number => (v % 1 === 0.5 ? 2 * Math.round(v / 2) : Math.round(v))
const bell = (k: number, sigma: number): number => Math.exp(-0.5 * (k / sigma) ** 2)

const EXACT: readonly (readonly [name: string, layer: Layer, pixel: Pixel])[] = [
  ['a quarter turn, counter-clockwise', layers.randomRotation({ factor: [0.25, 0.25] }), (n, y, xx, c) => at(n, xx, W - 1 - y, c)], // prettier-ignore
  ['half a turn', layers.randomRotation({ factor: [0.5, 0.5] }), (n, y, xx, c) => at(n, H - 1 - y, W - 1 - xx, c)],
  ['a row down and two columns to the left', layers.randomTranslation({ heightFactor: [0.25, 0.25], widthFactor: [-0.5, -0.5] }), (n, y, xx, c) => at(n, mirrored(y - 1, H), mirrored(xx + 2, W), c)], // prettier-ignore
  ['out by two', layers.randomZoom({ heightFactor: [1, 1], fillMode: 'constant', interpolation: 'nearest' }), (n, y, xx, c) => inside(n, y * 2 - 2 + (y < 1 ? 0 : 1), xx * 2 - 2 + (xx < 1 ? 0 : 1), c)], // prettier-ignore
  ['in by two along rows', layers.randomZoom({ heightFactor: [0, 0], widthFactor: [-0.5, -0.5] }), (n, y, xx, c) => {
    const p = 0.75 + xx / 2
    const low = Math.floor(p)
    return at(n, y, low, c) * (1 - p + low) + at(n, y, low + 1, c) * (p - low)
  }], // prettier-ignore
  ['perspective of scale 0', layers.randomPerspective({ factor: [1, 1], scale: 0 }), at],
  ['perspective of no image', layers.randomPerspective({ factor: 0 }), at],
  ['brighter', layers.randomBrightness({ factor: [0.25, 0.25] }), (n, y, xx, c) => clamp(at(n, y, xx, c) + 63.75)],
  ['darker, in another range', layers.randomBrightness({ factor: [-0.5, -0.5], valueRange: [100, 200] }), (n, y, xx, c) => clamp(at(n, y, xx, c) - 50, 100, 200)], // prettier-ignore
  ['half to grey', layers.randomColorDegeneration({ factor: [0.5, 0.5] }), (n, y, xx, c) => (at(n, y, xx, c) + luminance(n, y, xx)) / 2], // prettier-ignore
  ['grey', layers.randomGrayscale({ factor: 1 }), (n, y, xx) => luminance(n, y, xx)],
  ['grey of no image', layers.randomGrayscale({ factor: 0 }), at],
  ['inverted', layers.randomInvert({ factor: [1, 1], valueRange: [0, 250] }), (n, y, xx, c) => 250 - at(n, y, xx, c)],
  ['three bits', layers.randomPosterization({ factor: 3 }), (n, y, xx, c) => Math.floor(at(n, y, xx, c) / 32) * 32],
  ['one bit of parts of 1', layers.randomPosterization({ factor: 1, valueRange: [0, 510] }), (n, y, xx, c) => (at(n, y, xx, c) / 2 >= 128 ? 256 : 0)], // prettier-ignore
  ['blurred', layers.randomSharpness({ factor: [0, 0] }), (n, y, xx, c) => {
    let sum = 0
    for (let i = -1; i <= 1; i++) for (let j = -1; j <= 1; j++) sum += (i === 0 && j === 0 ? 5 : 1) * inside(n, y + i, xx + j, c) // prettier-ignore
    return clamp(sum / 13)
  }], // prettier-ignore
  ['neither blurred nor sharpened', layers.randomSharpness({ factor: [0.5, 0.5] }), at],
  ['under a normal curve', layers.randomGaussianBlur({ factor: [1, 1], kernelSize: [3, 5], sigma: [0.75, 0.75] }), (n, y, xx, c) => {
    const sigma = 0.75 + 1e-6
    let [sum, weights] = [0, 0]
    for (let i = -2; i <= 2; i++)
      for (let j = -1; j <= 1; j++) {
        sum += bell(i, sigma) * bell(j, sigma) * inside(n, y + i, xx + j, c)
        weights += bell(i, sigma) * bell(j, sigma)
      }
    return sum / weights
  }], // prettier-ignore
  ['no image under a curve', layers.randomGaussianBlur({ factor: 0 }), at],
  ['from the other end', layers.solarization(), (n, y, xx, c) => 255 - at(n, y, xx, c)],
  ['from the other end above a threshold', layers.solarization({ additionFactor: [0.1, 0.1], thresholdFactor: [0.5, 0.5] }), (n, y, xx, c) => {
    const v = clamp(at(n, y, xx, c) + 25.5)
    return v < 127.5 ? v : 255 - v
  }], // prettier-ignore
  ['saturation as it was', layers.randomSaturation({ factor: [0.5, 0.5] }), at],
  ['no saturation', layers.randomSaturation({ factor: [0, 0] }), (n, y, xx) => Math.max(...[0, 1, 2].map((c) => at(n, y, xx, c)))], // prettier-ignore
  ['no hue turned', layers.randomHue({ factor: 0 }), at],
  ['stretched', layers.autoContrast({ valueRange: [0, 100] }), (n, y, xx, c) => {
    const all = made({ ...x, shape: [1, H, W, 1] }, (_, i, j) => at(n, i, j, c))
    return ((at(n, y, xx, c) - Math.min(...all)) / (Math.max(...all) - Math.min(...all))) * 100
  }], // prettier-ignore
  ['equally frequent', layers.equalization({ bins: 8 }), (n, y, xx, c) => {
    const bin = (v: number): number => Math.floor((v * 7) / 255)
    const all = made({ ...x, shape: [1, H, W, 1] }, (_, i, j) => bin(at(n, i, j, c)))
    const upTo = (k: number): number => all.filter((b) => b <= k).length
    const first = upTo(Math.min(...all))
    return halfToEven(((upTo(bin(at(n, y, xx, c))) - first) * 255) / (all.length - first))
  }], // prettier-ignore
  ['erased all over', layers.randomErasing({ factor: [1, 1], scale: [1, 1], fillValue: [1, 2, 300] }), (_n, _y, _x, c) => [1, 2, 255][c]!], // prettier-ignore
  ['erased nowhere', layers.randomErasing({ factor: 0, fillValue: 3 }), at],
]

describe.each(TARGETS)('on %s', (target) => {
  it.each(EXACT)('%s', (name, layer, pixel) => {
    const wanted = made(x, pixel)
    const [found] = ran(layer, x, { target })
    // Saturation divides by a number that is kept from 0 by 1e-7.
    wanted.forEach((v, i) => expect(found!.data[i]).toBeCloseTo(v, name.startsWith('saturation') ? 3 : 6))
  })
})

/** For each image the number that was drawn, found from the change. */
const drawnBy = (layer: Layer, count: number, find: (before: Pixel, after: Pixel, n: number) => number): number[] => {
  const many = pictures([count, 2, 2, 3], 4)
  const [y] = ran(layer, many)
  return Array.from({ length: count }, (_, n) => find(reader(many), reader(y!), n))
}
/** Fails unless numbers look uniform between bounds: all within, mean and variance within five deviations. */
function expectUniform(values: readonly number[], low: number, high: number): void {
  const n = values.length
  const average = values.reduce((a, b) => a + b, 0) / n
  const variance = values.reduce((a, b) => a + (b - average) ** 2, 0) / n
  const span = high - low
  expect(Math.min(...values)).toBeGreaterThanOrEqual(low - 1e-9)
  expect(Math.max(...values)).toBeLessThanOrEqual(high + 1e-9)
  expect(Math.abs(average - (low + high) / 2)).toBeLessThan((5 * span) / Math.sqrt(12 * n))
  expect(Math.abs(variance - span ** 2 / 12)).toBeLessThan((5 * span ** 2) / Math.sqrt(180 * n))
}

describe('what is drawn for each image', () => {
  const COUNT = 1500
  it('brightness, uniform', () =>
    expectUniform(drawnBy(layers.randomBrightness({ factor: [-0.2, 0.4], valueRange: [-1000, 1000] }), COUNT, (a, b, n) => (b(n, 0, 0, 0) - a(n, 0, 0, 0)) / 2000), -0.2, 0.4)) // prettier-ignore
  it('contrast, from 1 - lower to 1 + upper about the mean of each channel', () => {
    const found = drawnBy(
      layers.randomContrast({ factor: [0.75, 0.25], valueRange: [-1000, 1000] }),
      COUNT,
      (a, b, n) => {
        // prettier-ignore
        const middle = (p: Pixel, c: number): number => (p(n, 0, 0, c) + p(n, 0, 1, c) + p(n, 1, 0, c) + p(n, 1, 1, c)) / 4
        for (const c of [0, 1, 2]) expect(middle(b, c)).toBeCloseTo(middle(a, c), 8)
        const ratio = (c: number): number => (b(n, 0, 1, c) - middle(b, c)) / (a(n, 0, 1, c) - middle(a, c))
        expect(ratio(1)).toBeCloseTo(ratio(0), 6)
        return ratio(0)
      },
    )
    expectUniform(found, 0.25, 1.25)
  })
  it('colour degeneration, uniform from 0', () =>
    expectUniform(drawnBy(layers.randomColorDegeneration({ factor: 0.6 }), COUNT, (a, b, n) => {
      const grey = 0.2989 * a(n, 0, 0, 0) + 0.587 * a(n, 0, 0, 1) + 0.114 * a(n, 0, 0, 2)
      return (b(n, 0, 0, 1) - a(n, 0, 0, 1)) / (grey - a(n, 0, 0, 1))
    }), 0, 0.6)) // prettier-ignore
  it('whether, with the mean of the probabilities', () => {
    const isChanged = (a: Pixel, b: Pixel, n: number): number => Number(a(n, 0, 0, 0) !== b(n, 0, 0, 0))
    for (const [layer, p] of [
      [layers.randomInvert({ factor: 0.6 }), 0.3],
      [layers.randomInvert({ factor: [0.6, 0.8] }), 0.7],
      [layers.randomGrayscale({ factor: 0.2 }), 0.2],
      [layers.randomFlip({ mode: 'horizontal' }), 0.5],
    ] as const) {
      const share = drawnBy(layer as Layer, COUNT, isChanged).reduce((a, b) => a + b) / COUNT
      expect(Math.abs(share - p)).toBeLessThan(5 * Math.sqrt((p * (1 - p)) / COUNT))
    }
  })
  it('bits, from the first up to the second', () => {
    const levels = Array.from({ length: 256 }, (_, i) => i)
    const many = { shape: [400, 16, 16, 1], data: Float64Array.from(Array.from({ length: 400 }, () => levels).flat()) }
    const [y] = ran(layers.randomPosterization({ factor: [2, 5] }), many)
    const bits = Array.from({ length: 400 }, (_, n) => Math.log2(new Set(y!.data.slice(256 * n, 256 * (n + 1))).size))
    expect([...new Set(bits)].sort()).toEqual([2, 3, 4])
  })
})

it.each(['horizontal', 'vertical', 'horizontalAndVertical'] as const)('flips %s or not at all', (mode) => {
  const [y] = ran(layers.randomFlip({ mode }), pictures([40, 3, 4, 2]))
  const [before, after] = [reader(pictures([40, 3, 4, 2])), reader(y!)]
  const flips = Array.from({ length: 40 }, (_, n) => {
    const one = { shape: [1, 3, 4, 2], data: new Float64Array(0) }
    const found = made(one, (_n, i, j, c) => after(n, i, j, c))
    const turned = made(one, (_n, i, j, c) => before(n, mode === 'horizontal' ? i : 2 - i, mode === 'vertical' ? j : 3 - j, c)) // prettier-ignore
    const isTurned = found.every((v, i) => v === turned[i])
    if (!isTurned) expect(found).toEqual(made(one, (_n, i, j, c) => before(n, i, j, c)))
    return isTurned
  })
  expect(new Set(flips)).toEqual(new Set([true, false]))
})

it('shears either way', () => {
  const plane = grey(Array.from({ length: 5 }, (_, y) => Array.from({ length: 7 }, (_, k) => 100 * y + k)))
  const many = { shape: [30, 5, 7, 1], data: Float64Array.from(Array.from({ length: 30 }, () => Array.from(plane.data)).flat()) } // prettier-ignore
  const [y] = ran(layers.randomShear({ xFactor: [0.5, 0.5], yFactor: [0.25, 0.25] }), many)
  const after = reader(y!)
  // A pixel whose place stays inside either way reads the plane there.
  const signs = Array.from({ length: 30 }, (_, n) => (after(n, 2, 3, 0) - 203) / (0.5 * 2 + 100 * 0.25 * 3))
  expect(new Set(signs.map((s) => Math.round(s * 1e6) / 1e6))).toEqual(new Set([1, -1]))
})

it('a perspective keeps the first corner, moves the next two along their edges, and keeps lines straight', () => {
  const [h, w] = [9, 11]
  const plane = grey(Array.from({ length: h }, (_, y) => Array.from({ length: w }, (_, k) => 1000 * (y + 1) + k)))
  for (const { data } of ran(layers.randomPerspective({ factor: [1, 1], scale: 0.4, fillValue: -1 }), plane, {}, 20)) {
    // What is read without the border: the plane is linear, so its value says where.
    const place = (y: number, xx: number): [u: number, v: number] | undefined => {
      const value = data[y * w + xx]!
      const [v, u] = [Math.floor(value / 1000) - 1, value % 1000]
      return value < 1000 || value !== value ? undefined : [u, v]
    }
    expect(data[0]).toBeCloseTo(1000, 6)
    // Along the first row and the first column nothing leaves it.
    for (let k = 1; k < w; k++) if (place(0, k)) expect(data[k]! - 1000).toBeLessThan(w)
    const ratios = [1, 2, 3, 4].map((k) => data[k]! - 1000)
    // Places on a line, seen in perspective: k -> a k / (1 + c k).
    const c = (2 * ratios[0]! - ratios[1]!) / (2 * (ratios[1]! - ratios[0]!))
    const a = ratios[0]! * (1 + c)
    ratios.forEach((r, i) => expect(r).toBeCloseTo((a * (i + 1)) / (1 + c * (i + 1)), 6))
  }
})

it('erases one box of an image, whose parts of the edges are drawn', () => {
  const many = pictures([200, 16, 20, 2], 6)
  const [y] = ran(layers.randomErasing({ factor: [1, 1], scale: [0.04, 0.25], fillValue: 0 }), many)
  const areas = Array.from({ length: 200 }, (_, n) => {
    const erased: [number, number][] = []
    for (let i = 0; i < 16; i++) for (let j = 0; j < 20; j++) if (reader(y!)(n, i, j, 0) === 0) erased.push([i, j])
    const [rows, columns] = [0, 1].map((k) => erased.map((p) => p[k as 0 | 1]))
    const size = [rows!, columns!].map((v) => Math.max(...v) - Math.min(...v) + 1)
    expect(erased.length).toBe(size[0]! * size[1]!)
    expect(size[0]).toBeGreaterThanOrEqual(3)
    expect(size[0]).toBeLessThanOrEqual(9)
    expect(size[1]).toBeGreaterThanOrEqual(3)
    expect(size[1]).toBeLessThanOrEqual(11)
    return erased.length
  })
  expect(new Set(areas).size).toBeGreaterThan(20)
  const [noise] = ran(layers.randomErasing({ factor: [1, 1], scale: [1, 1] }), many)
  expect(new Set(noise!.data).size).toBeGreaterThan(sizeOf(many.shape) / 10)
  expect(noise!.data.every((v) => v >= 0 && v <= 255)).toBe(true)
})

it('turns hues by up to half the circle either way, and keeps value and saturation', () => {
  const red = {
    shape: [300, 1, 1, 3],
    data: Float64Array.from(Array.from({ length: 300 }, () => [200, 50, 50]).flat()),
  }
  const [y] = ran(layers.randomHue({ factor: [0.5, 0.5] }), red)
  for (let n = 0; n < 300; n++) {
    const pixel = Array.from(y!.data.slice(3 * n, 3 * n + 3))
    expect(Math.max(...pixel)).toBeCloseTo(200, 5)
    expect(Math.min(...pixel)).toBeCloseTo(50, 5)
  }
  // A quarter of the circle from red lies between yellow and green, or between magenta and blue.
  const kinds = new Set(Array.from({ length: 300 }, (_, n) => Array.from(y!.data.slice(3 * n, 3 * n + 3), Math.round).join())) // prettier-ignore
  expect(kinds).toEqual(new Set(['125,200,50', '125,50,200']))
})
