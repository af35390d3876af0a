import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Client } from './client'
import { fetchNodeRate } from './fetch-data'
import { Figure } from './figure'
import { rateText } from './numbers'
import type { NodeRate, Target } from './protocol'

/** Steps a second at full speed, of the model and of a workload that is the same everywhere. */
export function RatesView({ client }: { readonly client: Client }) {
  const node = useSignal<NodeRate | undefined>(undefined)
  useEffect(() => {
    // Without the file the other rows stand.
    fetchNodeRate().then(
      (rate) => (node.value = rate),
      () => undefined,
    )
  }, [node])
  const { rates, phase, outline } = client
  const isMeasuring = phase.value === 'measuring'
  const obstacles = outline.value?.obstacles ?? {}
  const cell = (from: Partial<Readonly<Record<Target, number>>> | undefined, target: Target) => {
    const rate = from?.[target]
    const open = isMeasuring && obstacles[target] === undefined ? '…' : '–'
    return (
      <td class="number" title={obstacles[target]}>
        {rate === undefined ? open : rateText(rate)}
      </td>
    )
  }
  const row = (title: string, from: Partial<Readonly<Record<Target, number>>> | undefined) => (
    <tr>
      <th scope="row">{title}</th>
      {cell(from, 'js')}
      {cell(from, 'wasm')}
    </tr>
  )
  const canMeasure = phase.value === 'ready' || phase.value === 'running'
  return (
    <Figure
      title="Steps a second at full speed"
      class="train-rates"
      aside={
        <button type="button" disabled={!canMeasure} onClick={() => client.measure()}>
          {isMeasuring ? 'Measuring…' : 'Measure'}
        </button>
      }
    >
      <table aria-busy={isMeasuring}>
        <thead>
          <tr>
            <td />
            <th scope="col">js</th>
            <th scope="col">wasm</th>
          </tr>
        </thead>
        <tbody>
          {row('This model, in this page', rates.value?.model)}
          {row('W1, in this page', rates.value?.w1)}
          {row('W1, in Node', node.value)}
        </tbody>
      </table>
      <p class="train-note">
        A second each, without drawing, on one thread. W1 is a classifier 64-32-10 on batches of 32
        {node.value ? `; Node ${node.value.node} on ${node.value.cpu}, where this page was built` : ''}.
      </p>
    </Figure>
  )
}
