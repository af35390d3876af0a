import { expect, test } from 'vitest'
import * as channels from '../../examples/images-channels'
import { channelsFirst, coloured } from '../../examples/lib/colour'
import { generator } from '../../examples/lib/shuffle'
import { loadPenguins } from '../../examples/lib/penguins'
import { loadSeries } from '../../examples/lib/series'
import * as timeseries from '../../examples/timeseries'
import * as vectors from '../../examples/vectors'

test('penguins are all that were measured, each on one side', () => {
  const { train, heldOut } = loadPenguins()
  expect([train.x.length, heldOut.x.length, train.y.length, heldOut.y.length]).toEqual([228, 114, 228, 114])
  const species = [...train.y, ...heldOut.y]
  expect([0, 1, 2].map((s) => species.filter((y) => y === s).length)).toEqual([151, 68, 123])
  expect([...train.x, ...heldOut.x].flat().every((value) => value > 0)).toBe(true)
})

test('vectors: penguins are told apart', async () => {
  const { accuracy, majority } = await vectors.run({ epochs: 5 })
  expect(majority).toBeCloseTo(47 / 114, 6)
  expect(accuracy).toBeGreaterThan(0.9)
})

test('timeseries: the forecast begins as that tomorrow is like today, and becomes better', async () => {
  const { dates, values } = loadSeries(undefined, 'Seattle')
  const first = dates.indexOf('2015-01-01')
  const squares = dates
    .slice(first)
    .flatMap((_, i) =>
      [0, 1].map((quantity) => (values[(first + i) * 4 + quantity]! - values[(first + i - 1) * 4 + quantity]!) ** 2),
    )
  const { error, errorOfToday } = await timeseries.run({ epochs: 5 })
  expect(errorOfToday).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b) / squares.length), 4)
  expect(error).toBeLessThan(0.985 * errorOfToday)
})

test('coloured digits have one ratio of channels each, and come apart by channel', () => {
  const images = Float32Array.from({ length: 2 * 784 }, (_, i) => ((i % 784) % 3) / 2)
  const last = coloured({ images, labels: Int32Array.of(0, 0) }, generator(1))
  const first = channelsFirst(last, 784, 3)
  expect(first.length).toBe(2 * 784 * 3)
  for (let i = 0; i < 2; i++) {
    const ink = [0, 1, 2].map((channel) => last[(i * 784 + 2) * 3 + channel]!)
    for (const [channel, share] of ink.entries()) {
      expect(share).toBeGreaterThanOrEqual(0.5)
      const plane = first.subarray((i * 3 + channel) * 784, (i * 3 + channel + 1) * 784)
      plane.forEach((value, p) => expect(value).toBeCloseTo(share * images[i * 784 + p]!, 6))
    }
    expect(new Set(ink).size).toBe(3)
  }
})

test('images-channels: both formats learn, and with the same weights they read every digit alike', async () => {
  const { last, first, carried, different, majority } = await channels.run({ digits: 600, epochs: 2 })
  expect(majority).toBeLessThan(0.16)
  expect(last).toBeGreaterThan(0.6)
  expect(first).toBeGreaterThan(0.6)
  expect(carried).toBe(last)
  expect(different).toBe(0)
})
