import { useComputed } from '@preact/signals'
import { memo } from 'preact/compat'
import type { DrawnNode } from '../protocol'
import { marks, pickedMarks } from '../state/pointing'
import { outlineOf } from './outline'

/** Beside the title, for what is no forward computation: a nabla, and an arrow back. */
const SIGN: Readonly<Partial<Record<DrawnNode['part'], string>>> = {
  backward: 'M-3.5 -3H3.5L0 3.5Z',
  update: 'M3.5 0H-3M-.5 -3L-3.5 0L-.5 3',
}

const LINE = 17

export interface NodeProps {
  readonly node: DrawnNode
  /** Whether Tab leads to it: of all nodes one. */
  readonly isStop: boolean
}

/** A box of the graph. What happens to it is told by its `data-key` to the drawing that holds it. */
export const Node = memo(({ node, isStop }: NodeProps) => {
  const { key, part, kind, lines, label, x, y, width, height } = node
  const lit = useComputed(() => marks.value.nodes.has(key))
  const picked = useComputed(() => pickedMarks.value.nodes.has(key))
  const outline = outlineOf(node)
  const sign = SIGN[part]
  const top = -((lines.length - 1) * LINE) / 2 + 4.5
  return (
    <g
      class={`node ${part} ${kind}`}
      transform={`translate(${x} ${y})`}
      role="button"
      tabindex={isStop ? 0 : -1}
      aria-pressed={picked}
      data-key={key}
      data-lit={lit}
    >
      {kind === 'group' && <path class="behind" d={outline} transform="translate(5 5)" />}
      <path class="box" d={outline} />
      {part === 'state' && <path class="rule" d={`M${6 - width / 2} ${-height / 2}v${height}`} />}
      {sign && <path class="sign" d={sign} transform={`translate(${8 - width / 2} ${top - 4.5})`} />}
      {lines.map((line, i) => (
        <text key={i} class={i === 0 ? 'title' : i === 2 ? 'type' : 'subtitle'} y={top + i * LINE}>
          {`${line} `}
        </text>
      ))}
      {/* The rest of its name, for those who hear it: what is seen is then always a part of what is said. */}
      <text class="unseen" opacity="0">
        {label.slice(lines.join(' ').length)}
      </text>
    </g>
  )
})
