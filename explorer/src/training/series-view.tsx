import { useMemo } from 'preact/hooks'
import type { AlignedData, Options } from 'uplot'
import { Figure, Key } from './figure'
import type { Palette } from './palette'
import { axis, Plot } from './plot'
import type { Prediction } from './protocol'

/** Days that are held out: what was forecast the day before, and what came. */
export function SeriesView({ prediction }: { readonly prediction: Extract<Prediction, { kind: 'series' }> }) {
  const { quantity, unit, dates, actual, forecast, error, errorOfToday } = prediction
  const data = useMemo((): AlignedData => {
    const finite = Array.from(forecast, (v) => (Number.isFinite(v) ? v : null))
    return [dates.map((d) => Date.parse(d) / 1000), Array.from(actual), finite]
  }, [dates, actual, forecast])
  const against = `wrong by ${error.toFixed(2)} ${unit}; that tomorrow is like today by ${errorOfToday.toFixed(2)} ${unit}`
  return (
    <Figure
      title={`Forecast: ${quantity.toLowerCase()}, ${unit}`}
      class="train-series"
      aside={
        <>
          <Key class="first">what came</Key>
          <Key class="second">forecast</Key>
        </>
      }
    >
      <Plot
        label={`${quantity} from ${dates[0]} to ${dates.at(-1)}, and the forecast of the day before: ${against} (root mean square)`}
        data={data}
        options={lines}
      />
      <p class="train-note">Root mean square over these days: {against}.</p>
    </Figure>
  )
}

function lines(palette: Palette): Pick<Options, 'series' | 'scales' | 'axes'> {
  const line = (label: string, stroke: string, dash?: number[]) => ({
    label,
    stroke,
    width: 1.6,
    points: { show: false },
    ...(dash ? { dash } : {}),
  })
  return {
    scales: { x: { time: true } },
    series: [{ label: 'day' }, line('what came', palette.first), line('forecast', palette.second, [5, 3])],
    axes: [axis(palette, { size: 30, values: (_, days) => days.map(dayText) }), axis(palette, { size: 42 })],
  }
}

const dayFormat = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric', timeZone: 'UTC' })
const dayText = (seconds: number): string => dayFormat.format(1000 * seconds)
