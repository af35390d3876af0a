import type { DrawnNode } from '../protocol'
import { drawing } from '../state/store'
import { outlineOf } from './outline'

const PARTS = [
  { part: 'input', text: 'input' },
  { part: 'state', text: 'state' },
  { part: 'constant', text: 'constant' },
  { part: 'forward', text: 'forward' },
  { part: 'backward', text: 'backward ∇' },
  { part: 'update', text: 'update ←' },
] as const satisfies readonly { readonly part: DrawnNode['part']; readonly text: string }[]

/** Which outline and colour stand for what, of the parts that are there. */
export function Legend() {
  const there = new Set(drawing.value?.nodes.map((n) => n.part))
  const shown = PARTS.filter(({ part }) => there.has(part))
  return (
    <ul class="legend" aria-label="Legend">
      {shown.map(({ part, text }) => (
        <li key={part}>
          <svg width="24" height="14" viewBox="-12 -7 24 14" aria-hidden="true" class={`node ${part}`}>
            <path class="box" d={outlineOf({ part, width: 22, height: 12 })} transform="scale(.98)" />
          </svg>
          {text}
        </li>
      ))}
    </ul>
  )
}
