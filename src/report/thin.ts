import { countTo } from '../ir/count-to'
/** Points that are still told apart in a chart. */
export const MOST_POINTS = 600
/** Rows that somebody reads. */
export const MOST_ROWS = 60

/**
 * Places of a series that show its course: all of them, or of each stretch the least and the greatest, and both ends. No peak
 * is lost, and none is invented.
 */
export function coursePlaces(values: readonly (number | null)[], most = MOST_POINTS): number[] {
  if (values.length <= most) return values.map((_, i) => i)
  const stretches = Math.floor(most / 2) - 1
  const kept = new Set([0, values.length - 1])
  for (let s = 0; s < stretches; s++) {
    const from = Math.floor((s * values.length) / stretches)
    const to = Math.floor(((s + 1) * values.length) / stretches)
    let [least, greatest] = [from, from]
    for (let i = from; i < to; i++) {
      const v = values[i] ?? NaN
      // What is no number is passed over, but where there is nothing else.
      if (Number.isNaN(v)) continue
      if (!(v >= (values[least] ?? NaN))) least = i
      if (!(v <= (values[greatest] ?? NaN))) greatest = i
    }
    kept.add(least).add(greatest)
  }
  return [...kept].sort((a, b) => a - b)
}

/** Evenly spread places, both ends among them, and those that are wanted besides. */
export function spreadPlaces(count: number, wanted: readonly number[] = [], most = MOST_ROWS): number[] {
  if (count <= most) return countTo(count)
  const even = Array.from({ length: most }, (_, i) => Math.round((i * (count - 1)) / (most - 1)))
  return [...new Set([...even, ...wanted])].sort((a, b) => a - b)
}
