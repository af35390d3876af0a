/** Where the elements of a result along one axis come from, as ONNX's Resize has it. */
export interface ResizedAxis {
  readonly extent: number
  readonly size: number
  /** As it is given; the quotient of the extents where sizes are. */
  readonly scale: number
  /** Start and end of what is cropped, in units of the extent. */
  readonly roi: readonly [start: number, end: number]
}

type Position = (o: number, axis: ResizedAxis) => number
// In float32, as exporters and runtimes compute: a quotient that should be whole is.
const centre: Position = (o, { scale }) => Math.fround(Math.fround((o + 0.5) / scale) - 0.5)

/** Positions in the operand by `coordinate_transformation_mode`. */
export const POSITIONS: ReadonlyMap<string, Position> = new Map(
  Object.entries({
    half_pixel: centre,
    half_pixel_symmetric: (o, axis) => {
      const { extent, size, scale } = axis
      return (extent / 2) * (1 - size / (scale * extent)) + centre(o, axis)
    },
    pytorch_half_pixel: (o, axis) => (axis.size > 1 ? centre(o, axis) : 0),
    align_corners: (o, { extent, size }) => (size > 1 ? (o * (extent - 1)) / (size - 1) : 0),
    asymmetric: (o, { scale }) => Math.fround(o / scale),
    tf_half_pixel_for_nn: (o, { scale }) => Math.fround((o + 0.5) / scale),
    tf_crop_and_resize: (o, { extent, size, roi: [start, end] }) =>
      size > 1
        ? start * (extent - 1) + (o * (end - start) * (extent - 1)) / (size - 1)
        : 0.5 * (start + end) * (extent - 1),
  } satisfies Record<string, Position>),
)

/** The element that is taken of a position between two, by `nearest_mode`. */
export const ROUNDED: ReadonlyMap<string, (x: number) => number> = new Map([
  ['round_prefer_floor', (x: number) => Math.ceil(x - 0.5)],
  ['round_prefer_ceil', (x: number) => Math.floor(x + 0.5)],
  ['floor', Math.floor],
  ['ceil', Math.ceil],
])

/** A kernel by the distance from its middle, and how far it reaches. */
export interface Kernel {
  readonly reach: number
  readonly weight: (distance: number) => number
}
export const LINEAR: Kernel = { reach: 1, weight: (d) => Math.max(0, 1 - Math.abs(d)) }
/** Source: Keys 1981, "Cubic convolution interpolation for digital image processing". */
export const cubic = (a: number): Kernel => ({
  reach: 2,
  weight: (distance) => {
    const d = Math.abs(distance)
    if (d <= 1) return (a + 2) * d ** 3 - (a + 3) * d ** 2 + 1
    return d < 2 ? a * d ** 3 - 5 * a * d ** 2 + 8 * a * d - 4 * a : 0
  },
})

/** The elements that each element of a result is a weighted sum of: one list for each tap. */
export interface Taps {
  readonly index: Int32Array
  readonly weight: Float64Array
}

export interface KernelOptions {
  /** Elements beyond the edge have no weight; else they are the edge. */
  readonly excludesOutside: boolean
  /** The kernel is as wide as what an element of a smaller result covers. */
  readonly isSmoothed: boolean
}

const held = (at: number, extent: number): number => Math.min(Math.max(at, 0), extent - 1)

export function nearestTaps({ extent, size }: ResizedAxis, at: Float64Array, round: (x: number) => number): Taps {
  const index = Int32Array.from({ length: size }, (_, o) => held(round(at[o]!), extent))
  return { index, weight: new Float64Array(size).fill(1) }
}

export function kernelTaps(axis: ResizedAxis, at: Float64Array, kernel: Kernel, options: KernelOptions): Taps[] {
  const { extent, size } = axis
  const shrunk = options.isSmoothed ? Math.min(1, axis.scale) : 1
  const half = Math.ceil(kernel.reach / shrunk)
  const taps = Array.from({ length: 2 * half }, () => ({ index: new Int32Array(size), weight: new Float64Array(size) }))
  for (let o = 0; o < size; o++) {
    const first = Math.floor(at[o]!) - half + 1
    let sum = 0
    for (const [k, { index, weight }] of taps.entries()) {
      const outside = first + k < 0 || first + k >= extent
      weight[o] = options.excludesOutside && outside ? 0 : kernel.weight((first + k - at[o]!) * shrunk)
      index[o] = held(first + k, extent)
      sum += weight[o]!
    }
    const isWhole = !options.excludesOutside && shrunk === 1
    if (!isWhole) for (const { weight } of taps) weight[o] = weight[o]! / sum
  }
  return taps
}
