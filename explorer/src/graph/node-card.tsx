import { useComputed } from '@preact/signals'
import { picked, pointed } from '../state/pointing'
import { drawing, inspection } from '../state/store'

/** What a box that is pointed at, or picked, stands for. */
export function NodeCard() {
  const node = useComputed(() => {
    const at = [pointed.value, picked.value].find((t) => t?.kind === 'node')
    return at?.kind === 'node' ? drawing.value?.nodes.find((n) => n.key === at.key) : undefined
  })
  const shown = node.value
  if (!shown) return null
  const { label, formulas, inputs, outputs, kernels, places } = shown
  const names = kernels.map((id) => inspection.value?.kernels[id]?.name ?? '')
  const rows = [
    ['reads', brief(inputs)],
    ['gives', brief(outputs)],
    ['in', brief(names)],
    ['line', places.length > 6 ? '' : places.join(', ')],
  ].filter(([, text]) => text !== '')
  return (
    <div class="card">
      <strong>{label}</strong>
      {formulas.map((f) => (
        <code key={f}>{f}</code>
      ))}
      <dl>
        {rows.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}

const MOST = 4
const brief = (list: readonly string[]): string =>
  list.length > MOST ? `${list.slice(0, MOST).join(', ')} and ${list.length - MOST} more` : list.join(', ')
