import { GraphError } from '../ir/errors'
import { indexAt, showShape, sizeOf } from '../ir/type'

/** Where batch, channels and the dimensions that windows move along lie. */
export type DataFormat = 'channelsLast' | 'channelsFirst'

/** How windows move along each spatial dimension: window position o and tap k meet at o * stride + k * dilation - before. */
export interface Windows {
  readonly strides: readonly number[]
  readonly dilations: readonly number[]
  /** Positions in front of the first element and behind the last one that windows may take; fewer than none are elements left out. */
  readonly before: readonly number[]
  readonly after: readonly number[]
  readonly format: DataFormat
}

/** Nothing but how windows move: equal tensors have equal attributes, so what another op carried besides is left out. */
export const movesOf = ({ strides, dilations, before, after, format }: Windows): Windows => ({
  strides,
  dilations,
  before,
  after,
  format,
})

/** The dimensions that windows move along, and that of the channels. */
export const spatialDims = (rank: number, format: DataFormat): number[] =>
  Array.from({ length: rank - 2 }, (_, i) => i + (format === 'channelsLast' ? 1 : 2))
export const channelDim = (rank: number, format: DataFormat): number => (format === 'channelsLast' ? rank - 1 : 1)

export const spatialOf = (shape: readonly number[], format: DataFormat): number[] =>
  spatialDims(shape.length, format).map((i) => shape[i]!)
export const channelsOf = (shape: readonly number[], format: DataFormat): number =>
  shape[channelDim(shape.length, format)]!

/** A shape with batch, channels and spatial extents in their places. */
export const withLayout = (
  batch: number,
  spatial: readonly number[],
  channels: number,
  format: DataFormat,
): number[] => (format === 'channelsLast' ? [batch, ...spatial, channels] : [batch, channels, ...spatial])

/** A value for every dimension of a tensor: `spatial` along those that windows move along, else `other`. */
export const alongSpatial = (spatial: readonly number[], other: number, format: DataFormat): number[] =>
  withLayout(other, spatial, other, format)

/** Elements from the first to the last tap of a window, both included. */
export const reachOf = (window: number, dilation: number): number => (window - 1) * dilation + 1

/** How many windows there are along each dimension; throws where not even one fits. */
export function windowCounts(
  size: readonly number[],
  window: readonly number[],
  { strides, dilations, before, after }: Windows,
): number[] {
  return size.map((extent, i) => {
    const reach = reachOf(window[i]!, dilations[i]!)
    const room = extent + before[i]! + after[i]!
    if (room < reach)
      throw new GraphError(
        `a window of size ${window[i]}${dilations[i] === 1 ? '' : ` and dilation ${dilations[i]} (reach ${reach})`} does not fit ` +
          `input size ${extent}${room === extent ? '' : ` with ${room - extent} of padding`} along spatial dimension ${i} of ${showShape(size)}`,
      )
    return Math.floor((room - reach) / strides[i]!) + 1
  })
}

/** The border that windows really touch behind the last element. */
export const touchedBehind = (
  size: readonly number[],
  window: readonly number[],
  counts: readonly number[],
  { strides, dilations, before }: Windows,
): number[] =>
  size.map((extent, i) =>
    Math.max(0, (counts[i]! - 1) * strides[i]! + (window[i]! - 1) * dilations[i]! - before[i]! - (extent - 1)),
  )

/** The taps of a window in row-major order; as well, all points of any extents. */
export const tapNumbers = (window: readonly number[]): number[][] =>
  Array.from({ length: sizeOf(window) }, (_, n) => indexAt(window, n))

/**
 * Positions i + before of `size` elements in whole turns of the stride: the first turn of each dimension, how many there are,
 * and how far into the first turn the elements begin.
 */
export function turnsOf(size: readonly number[], { strides, before }: Pick<Windows, 'strides' | 'before'>) {
  const firsts = size.map((_, i) => Math.floor(before[i]! / strides[i]!))
  return {
    firsts,
    turns: size.map((d, i) => (d === 0 ? 0 : Math.floor((before[i]! + d - 1) / strides[i]!) - firsts[i]! + 1)),
    starts: size.map((_, i) => before[i]! - firsts[i]! * strides[i]!),
  }
}
