/** Where the drawing lies in the pane: a point p of it is shown at `scale * p + (x, y)`. */
export interface Camera {
  readonly x: number
  readonly y: number
  readonly scale: number
}

export interface Extent {
  readonly width: number
  readonly height: number
}

const LEAST = 0.02
const MOST = 4
/** What fits is not drawn larger than this. */
const LARGEST = 1

/** All of a drawing in the middle of the pane. */
export function fitted(drawing: Extent, pane: Extent): Camera {
  const whole = Math.min(pane.width / Math.max(1, drawing.width), pane.height / Math.max(1, drawing.height))
  const scale = Math.max(LEAST, Math.min(LARGEST, whole))
  return {
    x: (pane.width - scale * drawing.width) / 2,
    y: (pane.height - scale * drawing.height) / 2,
    scale,
  }
}

/** Letters can be read from here on. */
const LEGIBLE = 0.72

/** The whole if its letters can be read then, else what lies around a point of it, which is near the top then. */
export function opening(drawing: Extent, pane: Extent, about: { readonly x: number; readonly y: number }): Camera {
  const all = fitted(drawing, pane)
  if (all.scale >= LEGIBLE) return all
  return { x: pane.width / 2 - LEGIBLE * about.x, y: Math.min(12, 60 - LEGIBLE * about.y), scale: LEGIBLE }
}

/** Nearer or farther by a factor, about a point of the pane that stays where it is. */
export function zoomed({ x, y, scale }: Camera, by: number, about: { readonly x: number; readonly y: number }): Camera {
  const next = Math.max(LEAST, Math.min(MOST, scale * by))
  const ratio = next / scale
  return { x: about.x - ratio * (about.x - x), y: about.y - ratio * (about.y - y), scale: next }
}

/** Moved as little as brings a point of the drawing into the pane, with some room around it. */
export function showing(camera: Camera, at: { readonly x: number; readonly y: number }, pane: Extent): Camera {
  const { x, y, scale } = camera
  const inside = (shown: number, size: number): number => {
    const room = Math.min(90, size / 4)
    return Math.max(0, room - shown) - Math.max(0, shown - (size - room))
  }
  return { scale, x: x + inside(scale * at.x + x, pane.width), y: y + inside(scale * at.y + y, pane.height) }
}
