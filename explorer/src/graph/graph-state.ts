import { signal } from '@preact/signals'
import type { Camera, Extent } from './camera'

export const camera = signal<Camera>({ x: 0, y: 0, scale: 1 })
/** The size of the pane; nothing while it is hidden. */
export const pane = signal<Extent>({ width: 0, height: 0 })
