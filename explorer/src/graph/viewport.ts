import { computed } from '@preact/signals'
import type { DrawnNode } from '../protocol'
import { camera, pane } from './graph-state'

/** A stretch of the drawing. */
export interface Area {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

const isSame = (a: Area | undefined, b: Area): boolean =>
  a !== undefined && a.left === b.left && a.top === b.top && a.right === b.right && a.bottom === b.bottom

let last: Area | undefined
/**
 * What is drawn: the pane and half as much around it, in steps of half a pane, so that most movements change nothing.
 */
export const viewport = computed((): Area => {
  const { x, y, scale } = camera.value
  const { width, height } = pane.value
  const step = { x: Math.max(1, width / scale / 2), y: Math.max(1, height / scale / 2) }
  const [column, row] = [Math.floor(-x / scale / step.x), Math.floor(-y / scale / step.y)]
  const next = {
    left: (column - 1) * step.x,
    top: (row - 1) * step.y,
    right: (column + 4) * step.x,
    bottom: (row + 4) * step.y,
  }
  // The same object, so that nothing is drawn anew.
  return isSame(last, next) ? last! : (last = next)
})

export const isShown = (area: Area, { x, y, width, height }: DrawnNode): boolean =>
  x + width / 2 > area.left && x - width / 2 < area.right && y + height / 2 > area.top && y - height / 2 < area.bottom
