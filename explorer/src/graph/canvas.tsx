import { batch, effect, useComputed, useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { Drawing } from '../protocol'
import { letGo, pick, picked, pickedIn, pickedMarks, point } from '../state/pointing'
import { drawing, inspection, open } from '../state/store'
import { fitted, opening, showing } from './camera'
import { Edge } from './edges'
import { Frame } from './frame'
import { camera, pane } from './graph-state'
import { followGestures } from './gestures'
import { Node } from './node'
import { type Direction, travel } from './travel'
import { isShown, viewport } from './viewport'

const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: 'up',
  ArrowDown: 'down',
  ArrowLeft: 'left',
  ArrowRight: 'right',
}

/** The graph as it is drawn. */
export function Canvas() {
  const svg = useRef<SVGSVGElement>(null)
  const world = useRef<SVGGElement>(null)
  const stop = useSignal('')
  useEffect(() => {
    const ends = [
      followGestures(svg.current!),
      effect(() => {
        const { x, y, scale } = camera.value
        world.current?.setAttribute('transform', `translate(${x} ${y}) scale(${scale})`)
        svg.current?.setAttribute('data-far', String(scale < 0.5))
      }),
      effect(placeDrawing),
      effect(revealPicked),
    ]
    return () => ends.forEach((end) => end())
  }, [])
  const shown = useComputed(() => visibleOf(drawing.value))
  const now = drawing.value
  const { nodes = [], edges = [] } = shown.value ?? {}
  const tabStop = nodes.some((n) => n.key === stop.value) ? stop.value : nodes[0]?.key
  const keyOf = (event: Event): string | undefined =>
    (event.target as Element).closest<SVGGElement>('[data-key]')?.dataset['key']

  const act = (key: string): void => {
    const isGroup = now?.nodes.find((n) => n.key === key)?.kind === 'group'
    if (isGroup) open.value = [...now.open, key]
    else pick({ kind: 'node', key }, 'graph')
  }
  const close = (key: string): void => {
    if (now) open.value = now.open.filter((scope) => scope !== key)
  }
  const goTo = (key: string | undefined): void => {
    if (key === undefined || !now) return
    stop.value = key
    const node = now.nodes.find((n) => n.key === key)!
    camera.value = showing(camera.value, node, pane.value)
    requestAnimationFrame(() => svg.current?.querySelector<SVGGElement>(`[data-key="${CSS.escape(key)}"]`)?.focus())
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const key = keyOf(event)
    const direction = ARROWS[event.key]
    if (key === undefined || !now) return
    if (direction) goTo(travel(now, key, direction))
    else if (event.key === 'Enter' || event.key === ' ') act(key)
    else if (event.key === 'Escape') letGo()
    else return
    event.preventDefault()
  }
  return (
    <svg
      ref={svg}
      class="canvas"
      role="group"
      aria-label={labelOf(now)}
      onClick={(event) => {
        const key = keyOf(event)
        if (key === undefined) letGo()
        else act(key)
      }}
      onKeyDown={onKeyDown}
      onPointerOver={(event) => {
        const key = keyOf(event)
        point(key === undefined ? undefined : { kind: 'node', key })
      }}
      onPointerLeave={() => point(undefined)}
      onFocusIn={(event) => {
        const key = keyOf(event)
        if (key === undefined) return
        batch(() => {
          stop.value = key
          if ((event.target as Element).matches(':focus-visible')) point({ kind: 'node', key })
        })
      }}
      onFocusOut={() => point(undefined)}
    >
      <defs>
        <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
          <path class="arrow" d="M0 .8L7.5 4L0 7.2Z" />
        </marker>
      </defs>
      <g ref={world}>
        {now?.frames.map((frame) => (
          <Frame key={`${frame.key} ${frame.title}`} frame={frame} onClose={() => close(frame.key)} />
        ))}
        {edges.map((edge) => (
          <Edge key={`${edge.from} ${edge.to}`} edge={edge} />
        ))}
        {nodes.map((node) => (
          <Node key={node.key} node={node} isStop={node.key === tabStop} />
        ))}
      </g>
    </svg>
  )
}

const labelOf = (now: Drawing | undefined): string =>
  now
    ? `Graph of ${inspection.value?.entry ?? 'the entry'}, ${now.stage}: ${now.nodes.length} boxes for ${now.count}. Arrow keys follow its edges.`
    : 'Graph'

/** What can be seen, where there is much. */
function visibleOf(now: Drawing | undefined): Pick<Drawing, 'nodes' | 'edges'> | undefined {
  if (!now || now.nodes.length <= 400) return now
  const area = viewport.value
  const nodes = now.nodes.filter((n) => isShown(area, n))
  const keys = new Set(nodes.map((n) => n.key))
  return { nodes, edges: now.edges.filter((e) => keys.has(e.from) || keys.has(e.to)) }
}

let placed = ''
/** Shows a graph from its beginning when it is another one; the same graph stays where it is. */
function placeDrawing(): void {
  const now = drawing.value
  const size = pane.value
  if (!now || size.width === 0) return
  const key = `${inspection.peek()?.entry} ${now.stage} ${size.width > 0}`
  const isOther = key !== placed
  placed = key
  if (isOther) camera.value = opening(now, size, now.nodes[0] ?? { x: 0, y: 0 })
}

/** Brings what belongs to something that was picked elsewhere into sight. */
function revealPicked(): void {
  const { nodes } = pickedMarks.value
  if (picked.peek() === undefined || pickedIn.peek() === 'graph') return
  const lit = drawing.peek()?.nodes.filter((n) => nodes.has(n.key)) ?? []
  const size = pane.peek()
  if (lit.length === 0 || size.width === 0) return
  const { x, y, scale } = camera.peek()
  const isSeen = lit.some((n) => {
    const [at, up] = [scale * n.x + x, scale * n.y + y]
    return at > 0 && up > 0 && at < size.width && up < size.height
  })
  if (!isSeen) camera.value = showing(camera.peek(), lit[0]!, size)
}

/** The whole graph at once. */
export function fit(): void {
  const now = drawing.peek()
  if (now) camera.value = fitted(now, pane.peek())
}
