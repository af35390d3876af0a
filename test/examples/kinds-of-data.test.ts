import { expect, test } from 'vitest'
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
