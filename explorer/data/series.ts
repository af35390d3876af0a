import { FIRST_HELD_OUT, loadSeries, QUANTITIES } from '../../examples/lib/series'
import type { Series } from '../src/training/data/series'

/** The weather of New York as the page fetches it. */
export function weatherSeries(): Series {
  const { dates, values } = loadSeries(import.meta.url)
  return {
    quantities: QUANTITIES,
    unit: '°C',
    firstDate: dates[0]!,
    // As the file has them: tenths.
    values: Array.from(values, (v) => Math.round(v * 10) / 10),
    split: dates.indexOf(FIRST_HELD_OUT),
  }
}
