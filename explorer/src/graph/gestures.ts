import { zoomed } from './camera'
import { camera, pane } from './graph-state'

interface Point {
  readonly x: number
  readonly y: number
}

/** Farther than this a press is a movement and no click. */
const STILL = 4

/** Dragging, pinching and the wheel move the camera; the size of the element is that of the pane. */
export function followGestures(element: SVGSVGElement): () => void {
  const pointers = new Map<number, Point>()
  let moved = 0
  const at = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = element.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  const listeners: Partial<{ [K in keyof SVGElementEventMap]: (event: SVGElementEventMap[K]) => void }> = {
    pointerdown: (event) => {
      if (event.button !== 0) return
      if (pointers.size === 0) moved = 0
      pointers.set(event.pointerId, at(event))
    },
    pointermove: (event) => {
      const before = pointers.get(event.pointerId)
      if (!before) return
      const now = at(event)
      moved += Math.hypot(now.x - before.x, now.y - before.y)
      if (moved > STILL && !element.hasPointerCapture(event.pointerId)) element.setPointerCapture(event.pointerId)
      const other = [...pointers].find(([id]) => id !== event.pointerId)?.[1]
      pointers.set(event.pointerId, now)
      const { x, y, scale } = camera.peek()
      if (!other) camera.value = { x: x + now.x - before.x, y: y + now.y - before.y, scale }
      else camera.value = zoomed({ x, y, scale }, distance(now, other) / Math.max(1, distance(before, other)), other)
    },
    pointerup: (event) => void pointers.delete(event.pointerId),
    pointercancel: (event) => void pointers.delete(event.pointerId),
    click: (event) => {
      // The end of a movement is no click on what lies below.
      if (moved > STILL) event.stopImmediatePropagation()
      moved = 0
    },
    wheel: (event) => {
      event.preventDefault()
      const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1
      camera.value = zoomed(camera.peek(), Math.exp((-event.deltaY * lines) / 400), at(event))
    },
  }
  for (const [type, listener] of Object.entries(listeners))
    element.addEventListener(type, listener as EventListener, { capture: type === 'click', passive: false })
  const observer = new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect
    pane.value = { width, height }
  })
  observer.observe(element)
  return () => {
    observer.disconnect()
    for (const [type, listener] of Object.entries(listeners))
      element.removeEventListener(type, listener as EventListener, { capture: type === 'click' })
  }
}

const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y)
