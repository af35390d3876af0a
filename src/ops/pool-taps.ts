import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { type DType, showShape, sizeOf, stridesOf, type TensorType } from '../ir/type'
import { padT, sliceT } from './pieces'
import { reshapeT } from './view'
import { alongSpatial, channelsOf, reachOf, spatialOf, touchedBehind, windowCounts, withLayout } from './window'
import type { WindowsAttrs } from './windows'

// What the ops that pool share.

/** Windows of up to so many taps are written out: one expression, which runs in vectors over the channels. */
const FEW_TAPS = 16

export const isFew = ({ window }: WindowsAttrs): boolean => sizeOf(window) <= FEW_TAPS

export function pooledType(x: TensorType, attrs: WindowsAttrs, dtype: DType = x.dtype): TensorType {
  const { format, window, before, after, dilations } = attrs
  if (x.shape.length !== window.length + 2)
    throw new GraphError(
      `needs ${window.length + 2} dimensions, batch, channels and ${window.length} spatial, got ${showShape(x.shape)}`,
    )
  const size = spatialOf(x.shape, format)
  const counts = windowCounts(size, window, attrs)
  const bare = window.findIndex((k, i) => Math.max(before[i]!, after[i]!) >= reachOf(k, dilations[i]!) || size[i] === 0)
  if (bare >= 0)
    throw new GraphError(
      `some window of size ${window[bare]} along spatial dimension ${bare} of ${showShape(size)} holds nothing but padding`,
    )
  return { dtype, shape: withLayout(x.shape[0]!, counts, channelsOf(x.shape, format), format) }
}

/** One tensor for each tap of the windows, in row-major order, each of the shape of the result. */
export function tapsOf(x: Tensor, attrs: WindowsAttrs, border: number): Tensor[] {
  const { window, strides, dilations, before, format } = attrs
  const size = spatialOf(x.shape, format)
  const counts = windowCounts(size, window, attrs)
  const behind = touchedBehind(size, window, counts, attrs)
  const padded = padT(x, alongSpatial(before, 0, format), alongSpatial(behind, 0, format), border)
  const { shape } = pooledType(x, attrs)
  return tapNumbers(window).map((tap) =>
    sliceT(padded, {
      start: alongSpatial(tap.map((k, i) => k * dilations[i]!), 0, format), // prettier-ignore
      step: alongSpatial(strides, 1, format),
      size: shape,
    }),
  )
}

/** The taps of a window in row-major order. */
export const tapNumbers = (window: readonly number[]): number[][] =>
  Array.from({ length: sizeOf(window) }, (_, n) => {
    const strides = stridesOf(window)
    return window.map((k, i) => Math.floor(n / strides[i]!) % k)
  })

/** The dimensions of the taps of a windowed tensor. */
export const tapAxes = ({ window, format }: WindowsAttrs): number[] =>
  window.map((_, i) => (format === 'channelsLast' ? 1 : 2) + window.length + i)

/** [batch, ...positions, channels] with taps of extent 1. */
export const withTaps = (x: Tensor, { window, format }: WindowsAttrs): Tensor =>
  reshapeT(x, withLayout(x.shape[0]!, [...spatialOf(x.shape, format), ...window.map(() => 1)], channelsOf(x.shape, format), format)) // prettier-ignore

export const windowed = ({ shape }: Tensor, { window, format }: WindowsAttrs): number[] =>
  withLayout(shape[0]!, [...spatialOf(shape, format), ...window], channelsOf(shape, format), format)

// Equal tensors have equal attributes: what another op carried besides is left out.
export const windowsOf = ({ strides, dilations, before, after, format, window }: WindowsAttrs): WindowsAttrs => ({
  strides,
  dilations,
  before,
  after,
  format,
  window, // prettier-ignore
})
