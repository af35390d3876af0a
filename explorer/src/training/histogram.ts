/** How numbers are spread. */
export interface Histogram {
  /** How many there are, all told. */
  readonly size: number
  /** Of those that are finite; 0 where there are none. */
  readonly least: number
  readonly most: number
  readonly mean: number
  /** Standard deviation. */
  readonly deviation: number
  /** How many are NaN or infinite; they are in no bin. */
  readonly broken: number
  /** Counts of equal stretches from `least` to `most`, ends included. */
  readonly bins: Uint32Array
}

/** A histogram of so many equal bins over the range of the numbers that are finite. */
export function histogramOf(values: ArrayLike<number>, bins: number): Histogram {
  let [least, most, sum, finite] = [Infinity, -Infinity, 0, 0]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    finite++
    sum += value
    if (value < least) least = value
    if (value > most) most = value
  }
  const counts = new Uint32Array(bins)
  const size = values.length
  if (finite === 0) return { size, least: 0, most: 0, mean: 0, deviation: 0, broken: size, bins: counts }
  const mean = sum / finite
  let squares = 0
  // One value that all share lies in the middle.
  const scale = most > least ? bins / (most - least) : 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (!Number.isFinite(value)) continue
    const bin = scale === 0 ? bins >> 1 : Math.min(bins - 1, Math.floor((value - least) * scale))
    counts[bin]!++
    squares += (value - mean) ** 2
  }
  const deviation = Math.sqrt(squares / finite)
  return { size, least, most, mean, deviation, broken: size - finite, bins: counts }
}
