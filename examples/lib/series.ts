import { readTable } from './table'

/** What is measured each day: temperatures in °C, millimetres of rain, metres a second of wind. The first is forecast. */
export const QUANTITIES = ['temp_max', 'temp_min', 'precipitation', 'wind'] as const

/** Rows of quantities, one a day, without a gap. */
export interface Series {
  readonly dates: readonly string[]
  /** [days, quantities] */
  readonly values: Float32Array
}

/** Of each quantity. */
export interface Scaling {
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

/** Stretches of days, one after the other, and what came the day after each. */
export interface Windows {
  /** [windows, days, quantities] */
  readonly x: Float32Array
  /** [windows, 1], the first quantity */
  readonly y: Float32Array
}

/** A series to forecast: windows by the day that they begin at. */
export interface Forecast {
  readonly series: Series
  /** Of the days to learn from alone: what is held out must not leak into what is learnt. */
  readonly scaling: Scaling
  /** The series with mean 0 and deviation 1 on the days to learn from. */
  readonly standardised: Float32Array
  /** The day after the window is one to learn from. */
  readonly train: Int32Array
  /** The day after the window is held out; its own days may be earlier ones. */
  readonly heldOut: Int32Array
}

const FILE = '@observablehq/sample-datasets/weather.csv'
export const FIRST_HELD_OUT = '2015-01-01'
const WIDTH = QUANTITIES.length

/** The weather of New York, 2012 to 2014 to learn from and 2015 held out, in windows of so many days. */
export function loadForecast(days: number, from: string = import.meta.url): Forecast {
  const series = loadSeries(from)
  const trained = series.dates.indexOf(FIRST_HELD_OUT)
  if (!Number.isInteger(days) || days < 1 || days >= trained)
    throw new RangeError(`a window has 1 to ${trained - 1} days, not ${days}`)
  const scaling = scalingOf(series.values.subarray(0, trained * WIDTH))
  return {
    series,
    scaling,
    standardised: standardise(series.values, scaling),
    train: Int32Array.from({ length: trained - days }, (_, i) => i),
    heldOut: Int32Array.from({ length: series.dates.length - trained }, (_, i) => trained - days + i),
  }
}

/** Four years of daily weather by NOAA, from the npm package "@observablehq/sample-datasets". */
export function loadSeries(from: string = import.meta.url, place: 'New York' | 'Seattle' = 'New York'): Series {
  const rows = readTable(FILE, ['location', 'date', ...QUANTITIES], from).filter((row) => row.location === place)
  const values = rows.flatMap((row) => QUANTITIES.map((quantity) => Number(row[quantity] || NaN)))
  if (!values.every(Number.isFinite)) throw new Error(`${FILE} has a gap`)
  return { dates: rows.map((row) => row.date), values: Float32Array.from(values) }
}

/** Mean and deviation of each quantity, in float64; a quantity that never changes has deviation 1. */
export function scalingOf(values: Float32Array): Scaling {
  const column = (q: number) => values.filter((_, i) => i % WIDTH === q)
  const average = (numbers: ArrayLike<number>) => Array.from(numbers).reduce((a, b) => a + b, 0) / numbers.length
  const mean = QUANTITIES.map((_, q) => average(column(q)))
  const deviation = mean.map((m, q) => Math.sqrt(average(Array.from(column(q), (v) => (v - m) ** 2))) || 1)
  return { mean, deviation }
}

export const standardise = (values: Float32Array, { mean, deviation }: Scaling): Float32Array =>
  values.map((value, i) => (value - mean[i % WIDTH]!) / deviation[i % WIDTH]!)

/** A standardised value of the quantity that is forecast in its own unit. */
export const inUnits = (value: number, { mean, deviation }: Scaling): number => value * deviation[0]! + mean[0]!

/** The windows that begin at the given days, copied into the arrays of `into` if it is given. */
export function takeWindows(
  values: Float32Array,
  starts: Int32Array,
  days: number,
  into: Windows = { x: new Float32Array(starts.length * days * WIDTH), y: new Float32Array(starts.length) },
): Windows {
  starts.forEach((start, window) => {
    const [first, next] = [start * WIDTH, (start + days) * WIDTH]
    if (!(start >= 0 && next < values.length))
      throw new RangeError(`no ${days} days and one more begin at day ${start} of ${values.length / WIDTH}`)
    into.x.set(values.subarray(first, next), window * days * WIDTH)
    into.y[window] = values[next]!
  })
  return into
}
