/** Daily measurements as `data/series.json` has them. */
export interface Series {
  readonly quantities: readonly string[]
  /** Of the quantity that is forecast, the first. */
  readonly unit: string
  readonly firstDate: string
  /** [days, quantities] */
  readonly values: readonly number[]
  /** The first day that is held out. */
  readonly split: number
}

/** The same with mean 0 and deviation 1 over the days to learn from; those held out must not leak into what is learnt. */
export interface Standardised {
  readonly series: Series
  readonly days: number
  /** [days, quantities] */
  readonly values: Float32Array
  readonly mean: readonly number[]
  readonly deviation: readonly number[]
}

export function standardised(series: Series): Standardised {
  const { quantities, values, split } = series
  const width = quantities.length
  const average = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0) / numbers.length
  const learnt = values.slice(0, split * width)
  const columns = quantities.map((_, q) => learnt.filter((_, i) => i % width === q))
  const mean = columns.map(average)
  const deviation = columns.map((column, q) => Math.sqrt(average(column.map((v) => (v - mean[q]!) ** 2))) || 1)
  return {
    series,
    days: values.length / width,
    values: Float32Array.from(values, (v, i) => (v - mean[i % width]!) / deviation[i % width]!),
    mean,
    deviation,
  }
}

/** A standardised value of the quantity that is forecast, in its unit. */
export const inUnit = (value: number, { mean, deviation }: Standardised): number => value * deviation[0]! + mean[0]!

/** The day, so many days after the first. */
export const dateOf = ({ firstDate }: Series, day: number): string =>
  new Date(Date.parse(firstDate) + day * 86_400_000).toISOString().slice(0, 10)
