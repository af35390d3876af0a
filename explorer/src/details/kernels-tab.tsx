import type { KernelView } from 'gradloom/inspect'
import { inspection } from '../state/store'
import { useLinked } from './linked-row'
import { countText } from './numbers'

/** What each kernel reads, writes and costs, where it comes from, and why it is a kernel of its own. */
export function KernelsTab() {
  const kernels = inspection.value?.kernels ?? []
  const flops = kernels.reduce((sum, k) => sum + k.flops, 0)
  const bytes = kernels.reduce((sum, k) => sum + k.bytes, 0)
  return (
    <table class="kernels">
      <caption>
        {kernels.length} kernels, {countText(flops, 'flop')} and {countText(bytes, 'B')} a step
      </caption>
      <thead>
        <tr>
          <th scope="col">Kernel</th>
          <th scope="col">Reads</th>
          <th scope="col">Writes</th>
          <th scope="col" class="number">
            Arithmetic
          </th>
          <th scope="col" class="number">
            Memory
          </th>
          <th scope="col">From</th>
        </tr>
      </thead>
      <tbody>
        {kernels.map((k) => (
          <Row key={k.id} kernel={k} share={flops === 0 ? 0 : k.flops / flops} />
        ))}
      </tbody>
    </table>
  )
}

function Row({ kernel, share }: { readonly kernel: KernelView; readonly share: number }) {
  const { name, part, reads, writes, flops, bytes, origin, stored, apart } = kernel
  const { 'data-lit': lit, 'data-picked': picked, onPointerEnter, onPointerLeave, ...button } = useLinked([kernel.id])
  const notes = [...stored.map((s) => `stored: ${s}`), ...apart.map((s) => `apart: ${s}`)]
  return (
    <tr class={part} data-lit={lit} data-picked={picked} {...{ onPointerEnter, onPointerLeave }}>
      <th scope="row">
        <button type="button" class="name" {...button}>
          {name}
        </button>
      </th>
      <td>
        <List items={reads} />
      </td>
      <td>
        <List items={writes} />
      </td>
      <td class="number">
        {countText(flops, 'flop')}
        <span class="bar-of" style={{ inlineSize: `${100 * share}%` }} />
      </td>
      <td class="number">{countText(bytes, 'B')}</td>
      <td>
        {origin}
        {notes.map((note) => (
          <p key={note} class="note">
            {note}
          </p>
        ))}
      </td>
    </tr>
  )
}

const List = ({ items }: { readonly items: readonly string[] }) => (
  <>
    {items.map((item) => (
      <code key={item}>{item}</code>
    ))}
  </>
)
