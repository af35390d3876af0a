import { signal } from '@preact/signals'

/** Shares of the window in percent: the model's, model's and graph's together, and of all that lies above the details. */
export const left = signal(34)
export const middle = signal(64)
export const upper = signal(70)

export const PANES = ['model', 'graph', 'code', 'details'] as const
export type Pane = (typeof PANES)[number]
/** The pane that is shown where there is room for one only. */
export const pane = signal<Pane>('graph')

const narrow = matchMedia('(max-width: 760px)')
export const isNarrow = signal(narrow.matches)
narrow.addEventListener('change', () => (isNarrow.value = narrow.matches))
