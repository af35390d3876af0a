import { useComputed } from '@preact/signals'
import { memo } from 'preact/compat'
import type { DrawnEdge } from '../protocol'
import { marks } from '../state/pointing'
import { curve } from '../../../src/drawing/svg'

/** An arrow and, in its middle, the shape of what goes along it. */
export const Edge = memo(({ edge }: { readonly edge: DrawnEdge }) => {
  const { from, to, label, carries, points, middle, far, isLabelled } = edge
  const lit = useComputed(() => marks.value.nodes.has(from) || marks.value.nodes.has(to))
  return (
    <g class="edge" data-lit={lit} data-over={far}>
      <title>{carries.join('\n')}</title>
      <path d={curve(points)} marker-end="url(#arrow)" />
      {(isLabelled || lit.value) && (
        <text x={middle.x} y={middle.y + 3.5}>
          {label}
        </text>
      )}
    </g>
  )
})
