import { describe, expect, it } from 'vitest'
import { digitPixels, packedDigits } from '../../explorer/data/digits'
import { weatherSeries } from '../../explorer/data/series'
import { inflateRawSync } from 'node:zlib'
import { digitsOf, imagesOf } from '../../explorer/src/training/data/digits'
import { dateOf, inUnit, standardised } from '../../explorer/src/training/data/series'
import { twoSpirals } from '../../explorer/src/training/data/spirals'

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0)

describe('two spirals', () => {
  it('are the same for a seed, others for another', () => {
    expect(twoSpirals(100, 1)).toEqual(twoSpirals(100, 1))
    expect(twoSpirals(100, 1).points).not.toEqual(twoSpirals(100, 2).points)
  })

  it('have as many points each in every even stretch, within the square that is drawn', () => {
    const { points, labels } = twoSpirals(800, 1)
    for (let from = 0; from < 800; from += 100) expect(sum(labels.subarray(from, from + 100))).toBe(50)
    expect(Math.max(...points.map(Math.abs))).toBeLessThan(1.2)
  })

  it('cannot be told apart by a line, and lie opposite each other', () => {
    const { points, labels } = twoSpirals(4000, 1)
    const meanOf = (label: number, axis: number): number =>
      sum(Array.from(labels, (l, i) => (l === label ? points[2 * i + axis]! : 0))) / 2000
    for (const axis of [0, 1]) expect(meanOf(0, axis)).toBeCloseTo(-meanOf(1, axis), 1)
    // The nearest neighbour of nearly every point is of its own spiral.
    const own = Array.from({ length: 200 }, (_, i) => {
      const distance = (j: number): number =>
        j === i ? Infinity : Math.hypot(points[2 * i]! - points[2 * j]!, points[2 * i + 1]! - points[2 * j + 1]!)
      let nearest = 0
      for (let j = 0; j < 4000; j++) if (distance(j) < distance(nearest)) nearest = j
      return labels[nearest] === labels[i]
    })
    expect(own.filter(Boolean).length).toBeGreaterThan(190)
  })
})

describe('digits', () => {
  const pixels = digitPixels()
  const digits = digitsOf(pixels)

  it('are 2,000 that survive packing, and small enough to fetch', () => {
    expect(digits.count).toBe(2000)
    const packed = packedDigits()
    expect(packed.length).toBeLessThan(450_000)
    expect(inflateRawSync(packed).equals(pixels)).toBe(true)
  })

  it('have ink, and no two of a class in a row are one', () => {
    const images = imagesOf(digits, 28)
    expect(images.length).toBe(2000 * 784)
    for (let i = 0; i < 2000; i += 37) {
      const image = images.subarray(i * 784, (i + 1) * 784)
      expect(sum(image)).toBeGreaterThan(10)
      expect(Math.max(...image)).toBeLessThanOrEqual(1)
      if (i + 10 < 2000) expect(image).not.toEqual(images.subarray((i + 10) * 784, (i + 11) * 784))
    }
  })

  it('that show a one have less ink than those that show a zero: they are in the order of their labels', () => {
    const images = imagesOf(digits, 28)
    const ink = (digit: number): number =>
      sum(
        Array.from({ length: 200 }, (_, i) => sum(images.subarray((10 * i + digit) * 784, (10 * i + digit + 1) * 784))),
      )
    expect(ink(1)).toBeLessThan(0.6 * ink(0))
  })

  it('are averaged over equal areas: the small ones have the same mean', () => {
    const [large, small] = [imagesOf(digits, 28), imagesOf(digits, 8)]
    expect(small.length).toBe(2000 * 64)
    for (let i = 0; i < 2000; i += 101)
      expect(sum(small.subarray(i * 64, (i + 1) * 64)) / 64).toBeCloseTo(
        sum(large.subarray(i * 784, (i + 1) * 784)) / 784,
        5,
      )
  })

  it('of a wrong length are refused', () => {
    expect(() => digitsOf(new Uint8Array(784))).toThrow('784 bytes are not tens of images')
  })
})

describe('the weather', () => {
  const series = weatherSeries()
  const { values, days, mean, deviation } = standardised(series)

  it('is four years without a gap', () => {
    expect(days).toBe(1461)
    expect(values.every(Number.isFinite)).toBe(true)
    expect(dateOf(series, series.split)).toBe('2015-01-01')
    expect(dateOf(series, days - 1)).toBe('2015-12-31')
  })

  it('has mean 0 and deviation 1 over the days to learn from alone', () => {
    const learnt = Array.from({ length: series.split }, (_, day) => values[day * 4]!)
    expect(sum(learnt) / series.split).toBeCloseTo(0, 5)
    expect(sum(learnt.map((v) => v * v)) / series.split).toBeCloseTo(1, 5)
    expect(inUnit(values[0]!, { series, values, days, mean, deviation })).toBeCloseTo(series.values[0]!, 4)
  })
})
