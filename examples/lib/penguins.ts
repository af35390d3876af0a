import { generator, shuffled } from './shuffle'
import { readTable } from './table'

export const SPECIES = ['Adelie', 'Chinstrap', 'Gentoo'] as const
/** Length and depth of the bill and length of the flipper in mm, mass in g. */
export const MEASURES = ['culmen_length_mm', 'culmen_depth_mm', 'flipper_length_mm', 'body_mass_g'] as const

/** Penguins: what was measured of each, [penguins, measures], and the place of its species in SPECIES. */
export interface Penguins {
  readonly x: readonly (readonly number[])[]
  readonly y: readonly number[]
}

const FILE = '@observablehq/sample-datasets/penguins.csv'
const HELD_OUT = 1 / 3
// Of the split only: every training, whatever its own seed, sees the same penguins.
const SPLIT_SEED = 0

/** The Palmer penguins of the npm package "@observablehq/sample-datasets": those of which all was measured, a third held out. */
export function loadPenguins(from: string = import.meta.url): { readonly train: Penguins; readonly heldOut: Penguins } {
  const rows = readTable(FILE, ['species', ...MEASURES], from).filter((row) => row.body_mass_g !== 'NaN')
  const order = [...shuffled(rows.length, generator(SPLIT_SEED))].map((i) => rows[i]!)
  const penguins = (some: typeof rows): Penguins => ({
    x: some.map((row) => MEASURES.map((measure) => Number(row[measure]))),
    y: some.map(({ species }) => SPECIES.findIndex((name) => name === species)),
  })
  const held = Math.floor(HELD_OUT * rows.length)
  return { train: penguins(order.slice(held)), heldOut: penguins(order.slice(0, held)) }
}
