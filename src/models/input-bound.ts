import type { OpenShape } from '../layers/symbolic'

/** The most elements of an input in a config, the open extents aside: what follows from a made-up extent would be looked at. */
export const MOST_ELEMENTS = 2 ** 24

export const isBeyondBound = (shape: OpenShape): boolean =>
  shape.reduce<number>((product, extent) => product * Math.abs(extent ?? 1), 1) > MOST_ELEMENTS
