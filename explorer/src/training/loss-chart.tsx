import { useSignal } from '@preact/signals'
import { useCallback, useMemo } from 'preact/hooks'
import type { Options } from 'uplot'
import type { Client } from './client'
import { count, lossText } from './numbers'
import type { Palette } from './palette'
import { axis, Plot } from './plot'
import { Figure, Key } from './figure'

/** The loss over steps, in training and on what is held out. */
export function LossChart({ client }: { readonly client: Client }) {
  const isLog = useSignal(false)
  const { history, changes, loss, picture, progress } = client
  const data = useMemo(() => history.table, [history, changes.value])
  const log = isLog.value
  const options = useCallback((palette: Palette) => lines(palette, log), [log])
  const heldOut = picture.value?.heldOut
  const held = heldOut === undefined ? '' : `, ${lossText(heldOut)} on held-out data`
  const label = `Loss after ${count(progress.value.step)} steps: ${lossText(loss.value)} in training${held}`
  return (
    <Figure
      title="Loss"
      class="train-loss"
      aside={
        <>
          <Key class="first">training</Key>
          <Key class="second">held out</Key>
          <label class="switch">
            <input type="checkbox" checked={log} onChange={(e) => (isLog.value = e.currentTarget.checked)} />
            log scale
          </label>
        </>
      }
    >
      <Plot label={label} data={data as never} options={options} />
      <LossRows client={client} />
    </Figure>
  )
}

function lines(palette: Palette, isLog: boolean): Pick<Options, 'series' | 'scales' | 'axes'> {
  const line = (label: string, stroke: string, width: number) => ({
    label,
    stroke,
    width,
    spanGaps: true,
    points: { show: false },
  })
  return {
    scales: {
      x: { time: false },
      y: isLog
        ? { distr: 3, log: 10 }
        : { range: (_, least, most) => [Math.min(0, least), most > 0 ? most * 1.05 : 1] },
    },
    series: [{ label: 'step' }, line('training', palette.first, 1.5), line('held out', palette.second, 2)],
    axes: [
      axis(palette, {
        size: 30,
        values: (_, steps) => steps.map((s) => (Number.isInteger(s) ? compact.format(s) : '')),
      }),
      axis(palette, {
        size: 54,
        values: (_, ticks) => ticks.map((v) => (v === null ? '' : String(Number(v.toPrecision(2))))),
      }),
    ],
  }
}

const compact = new Intl.NumberFormat('en', { notation: 'compact' })
const ROWS = 6

/** The same in numbers. */
function LossRows({ client }: { readonly client: Client }) {
  void client.changes.value
  const [steps, training, heldOut] = client.history.table
  const every = Math.max(1, Math.floor(steps.length / ROWS))
  const shown = steps.map((_, i) => i).filter((i) => (steps.length - 1 - i) % every === 0)
  const last = (column: readonly (number | null)[], at: number): number | undefined =>
    column.slice(0, at + 1).findLast((v) => v !== null) ?? undefined
  return (
    <details class="train-rows">
      <summary>In numbers</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Training</th>
            <th scope="col">Held out</th>
          </tr>
        </thead>
        <tbody>
          {shown.slice(-ROWS).map((i) => (
            <tr key={steps[i]}>
              <td class="number">{count(steps[i]!)}</td>
              <td class="number">{lossText(last(training, i))}</td>
              <td class="number">{lossText(last(heldOut, i))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}
