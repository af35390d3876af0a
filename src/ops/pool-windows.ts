import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { type DType, showShape, sizeOf, type TensorType } from '../ir/type'
import { sliceT } from './pieces'
import { alongSpatial, channelsOf, spatialOf, tapNumbers, touchedBehind, windowCounts, withLayout } from './window'
import { borderedFor } from './window-border'
import type { WindowsAttrs } from './windows'

/** Windows of up to so many taps are written out: one expression, which runs in vectors over the channels. */
const FEW_TAPS = 16

export const isFew = ({ window }: WindowsAttrs): boolean => sizeOf(window) <= FEW_TAPS

/** How many elements along one dimension each window holds. */
export const heldAlong = (
  i: number,
  size: number,
  count: number,
  { window, strides, dilations, before }: WindowsAttrs,
): number[] =>
  Array.from({ length: count }, (_, o) => {
    const start = o * strides[i]! - before[i]!
    const first = Math.max(0, Math.ceil(-start / dilations[i]!))
    const last = Math.min(window[i]! - 1, Math.floor((size - 1 - start) / dilations[i]!))
    return Math.max(0, last - first + 1)
  })

export function pooledType(x: TensorType, attrs: WindowsAttrs, dtype: DType = x.dtype): TensorType {
  const { format, window } = attrs
  if (x.shape.length !== window.length + 2)
    throw new GraphError(
      `needs ${window.length + 2} dimensions, batch, channels and ${window.length} spatial, got ${showShape(x.shape)}`,
    )
  const size = spatialOf(x.shape, format)
  const counts = windowCounts(size, window, attrs)
  const bare = window.findIndex((_, i) => heldAlong(i, size[i]!, counts[i]!, attrs).includes(0))
  if (bare >= 0)
    throw new GraphError(
      `some window of size ${window[bare]} along spatial dimension ${bare} of ${showShape(size)} holds nothing but padding`,
    )
  return { dtype, shape: withLayout(x.shape[0]!, counts, channelsOf(x.shape, format), format) }
}

/** The type of what is computed of each window. */
export function computedType(x: TensorType, attrs: WindowsAttrs): TensorType {
  if (x.dtype === 'bool') throw new GraphError('needs an int or float operand, got bool; cast it')
  return pooledType(x, attrs)
}

/** One tensor for each tap of the windows, in row-major order, each of the shape of the result. */
export function tapsOf(x: Tensor, attrs: WindowsAttrs, border: number): Tensor[] {
  const { window, strides, dilations, format } = attrs
  const counts = windowCounts(spatialOf(x.shape, format), window, attrs)
  const padded = borderedFor(x, window, counts, attrs, border)
  const shape = withLayout(x.shape[0]!, counts, channelsOf(x.shape, format), format)
  return tapNumbers(window).map((tap) =>
    sliceT(padded, {
      start: alongSpatial(tap.map((k, i) => k * dilations[i]!), 0, format), // prettier-ignore
      step: alongSpatial(strides, 1, format),
      size: shape,
    }),
  )
}

/** The dimensions of the taps of a windowed tensor. */
export const tapAxes = ({ window, format }: WindowsAttrs): number[] =>
  window.map((_, i) => (format === 'channelsLast' ? 1 : 2) + window.length + i)

/** Some window reaches beyond x. */
export function isPadded(x: Tensor, attrs: WindowsAttrs): boolean {
  const size = spatialOf(x.shape, attrs.format)
  const behind = touchedBehind(size, attrs.window, windowCounts(size, attrs.window, attrs), attrs)
  return [...attrs.before, ...behind].some((n) => n > 0)
}
