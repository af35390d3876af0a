import { Segments } from '../parts/segments'
import { drawing, entries, fuse, off, open, stage } from '../state/store'
import { zoomed } from './camera'
import { Canvas, fit } from './canvas'
import { camera, pane } from './graph-state'
import { Legend } from './legend'
import { NodeCard } from './node-card'

const STAGES = [
  { value: 'traced', text: 'Traced', title: 'The model as it is written' },
  { value: 'expanded', text: 'Expanded', title: 'Composites written out' },
  { value: 'simplified', text: 'Simplified', title: 'The graph that is computed' },
  { value: 'kernels', text: 'Kernels', title: 'After fusion: a box is a loop nest' },
] as const

const zoom = (by: number): void => {
  const { width, height } = pane.peek()
  camera.value = zoomed(camera.peek(), by, { x: width / 2, y: height / 2 })
}

/** The graph of the entry at a stage. */
export function GraphPane() {
  return (
    <>
      <div class="bar">
        <Segments legend="Stage" value={stage} options={STAGES} />
        <label class="switch">
          <input
            type="checkbox"
            checked={fuse.value}
            onChange={(event) => (fuse.value = event.currentTarget.checked)}
          />
          <span>Fused</span>
        </label>
        {off.value.length > 0 && (
          <button type="button" class="quiet" onClick={() => (off.value = [])}>
            {off.value.length} {off.value.length === 1 ? 'pass' : 'passes'} off ×
          </button>
        )}
        <span class="spring" />
        {open.value !== undefined && (
          <button type="button" class="quiet" onClick={() => (open.value = undefined)}>
            Scopes as at first
          </button>
        )}
      </div>
      <div class="drawing">
        <Canvas />
        <NodeCard />
        <Legend />
        <div class="zoom" role="group" aria-label="Zoom">
          <button type="button" class="icon" aria-label="Zoom out" onClick={() => zoom(1 / 1.3)}>
            −
          </button>
          <button type="button" class="icon" aria-label="Zoom in" onClick={() => zoom(1.3)}>
            +
          </button>
          <button type="button" class="quiet" onClick={fit}>
            Fit
          </button>
        </div>

        {!drawing.value && entries.value.length === 0 && <p class="empty">The graph appears here.</p>}
      </div>
    </>
  )
}
