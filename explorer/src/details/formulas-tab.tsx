import type { KernelView } from 'gradloom/inspect'
import { inspection } from '../state/store'
import { useLinked } from './linked-row'

const PARTS = [
  { part: 'forward', title: 'Forward' },
  { part: 'backward', title: 'Backward' },
  { part: 'update', title: 'Update' },
] as const

/** What is computed, as formulas in the order in which it is. */
export function FormulasTab() {
  const kernels = inspection.value?.kernels ?? []
  return (
    <div class="formulas">
      {PARTS.map(({ part, title }) => {
        const own = kernels.filter((k) => k.part === part)
        if (own.length === 0) return null
        return (
          <section key={part} class={part} aria-label={title}>
            <h2>{title}</h2>
            <ul>
              {own.map((k) => (
                <Formulas key={k.id} kernel={k} />
              ))}
            </ul>
          </section>
        )
      })}
    </div>
  )
}

const Formulas = ({ kernel }: { readonly kernel: KernelView }) => (
  <li>
    <button type="button" class="row" {...useLinked([kernel.id])}>
      {kernel.formulas.map((f) => (
        <code key={f}>{f}</code>
      ))}
    </button>
  </li>
)
