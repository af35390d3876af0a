import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../examples/lib/command'
import {
  inUnits,
  loadForecast,
  loadSeries,
  QUANTITIES,
  scalingOf,
  standardise,
  takeWindows,
} from '../../examples/lib/series'

const WIDTH = QUANTITIES.length
const DAY = 24 * 60 * 60 * 1000

describe('the series', () => {
  const { dates, values } = loadSeries()

  test('is four years, every day once and in order', () => {
    expect([dates[0], dates.at(-1), dates.length]).toEqual(['2012-01-01', '2015-12-31', 1461])
    for (let i = 1; i < dates.length; i++) expect(Date.parse(dates[i]!) - Date.parse(dates[i - 1]!)).toBe(DAY)
    expect(values.length).toBe(dates.length * WIDTH)
  })

  test('is the weather of New York: warm in July, frost in January, never cooler at noon than at night', () => {
    expect([...values.subarray(0, WIDTH)].map((v) => Math.round(v * 10) / 10)).toEqual([10, 3.3, 1.8, 5.1])
    const mean = (month: string) => {
      const days = dates.flatMap((date, i) => (date.slice(5, 7) === month ? [values[i * WIDTH]!] : []))
      return days.reduce((a, b) => a + b) / days.length
    }
    expect(mean('07')).toBeGreaterThan(27)
    expect(mean('01')).toBeLessThan(6)
    dates.forEach((_, i) => expect(values[i * WIDTH]).toBeGreaterThanOrEqual(values[i * WIDTH + 1]!))
  })

  test('names the package where it is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'gradloom-examples-'))
    const load = () => loadSeries(pathToFileURL(join(folder, 'example.ts')).href)
    expect(load).toThrow(UsageError)
    expect(load).toThrow(/npm package "@observablehq\/sample-datasets"; run npm install/)
    rmSync(folder, { recursive: true })
  })
})

describe('the forecast', () => {
  const days = 28
  const { series, scaling, standardised, train, heldOut } = loadForecast(days)
  const dayAfter = (start: number) => series.dates[start + days]!

  test('learns from three years and holds out the fourth, no day on both sides', () => {
    expect([dayAfter(train[0]!), dayAfter(train.at(-1)!)]).toEqual(['2012-01-29', '2014-12-31'])
    expect([dayAfter(heldOut[0]!), dayAfter(heldOut.at(-1)!)]).toEqual(['2015-01-01', '2015-12-31'])
    expect(train.length + heldOut.length).toBe(series.dates.length - days)
  })

  test('is standardised by the days to learn from only', () => {
    const trained = series.dates.indexOf('2015-01-01') * WIDTH
    const known = scalingOf(standardised.subarray(0, trained))
    for (const mean of known.mean) expect(mean).toBeCloseTo(0, 5)
    for (const deviation of known.deviation) expect(deviation).toBeCloseTo(1, 5)
    expect(scaling).toEqual(scalingOf(series.values.subarray(0, trained)))
    expect(scaling.mean[0]).not.toBeCloseTo(scalingOf(series.values).mean[0]!, 2)
  })

  test('gives windows with the day after them, which come back in degrees', () => {
    const { x, y } = takeWindows(standardised, heldOut, days)
    expect([x.length, y.length]).toEqual([365 * days * WIDTH, 365])
    const last = series.dates.indexOf('2015-12-31')
    expect(x.subarray(364 * days * WIDTH)).toEqual(standardised.subarray((last - days) * WIDTH, last * WIDTH))
    expect(inUnits(y[364]!, scaling)).toBeCloseTo(series.values[last * WIDTH]!, 4)
  })

  test('refuses windows that are no whole number of the days to learn from', () => {
    for (const wrong of [0, 1.5, 1096, NaN]) expect(() => loadForecast(wrong)).toThrow(RangeError)
    expect(loadForecast(1095).train.length).toBe(1)
  })
})

describe('windows', () => {
  const values = Float32Array.from({ length: 5 * WIDTH }, (_, i) => i)

  test('stand beside the first quantity of the next day', () => {
    const { x, y } = takeWindows(values, Int32Array.of(2, 0), 2)
    expect([...x]).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7])
    expect([...y]).toEqual([16, 8])
  })

  test('go into arrays that are there and need a day after them', () => {
    const into = { x: new Float32Array(WIDTH), y: new Float32Array(1) }
    expect(takeWindows(values, Int32Array.of(3), 1, into)).toBe(into)
    expect([into.x[0], into.y[0]]).toEqual([12, 16])
    expect(() => takeWindows(values, Int32Array.of(3), 2)).toThrow(RangeError)
    expect(() => takeWindows(values, Int32Array.of(-1), 2)).toThrow(RangeError)
  })
})

describe('scaling', () => {
  test('takes each quantity by itself; one that never changes keeps its size', () => {
    const values = Float32Array.of(1, 10, 5, 0, 3, 30, 5, 2)
    const scaling = scalingOf(values)
    expect(scaling).toEqual({ mean: [2, 20, 5, 1], deviation: [1, 10, 1, 1] })
    expect([...standardise(values, scaling)]).toEqual([-1, -1, 0, -1, 1, 1, 0, 1])
  })
})
