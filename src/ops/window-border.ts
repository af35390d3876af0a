import type { Tensor } from '../ir/tensor'
import { padT } from './pieces'
import { alongSpatial, type DataFormat, spatialOf, touchedBehind, type Windows } from './window'

/** A value around the spatial dimensions. */
export const bordered = (
  x: Tensor,
  before: readonly number[],
  after: readonly number[],
  format: DataFormat,
  value: number,
): Tensor => padT(x, alongSpatial(before, 0, format), alongSpatial(after, 0, format), value)

/** x with the border that windows touch. */
export function borderedFor(
  x: Tensor,
  window: readonly number[],
  counts: readonly number[],
  windows: Windows,
  value: number,
): Tensor {
  const behind = touchedBehind(spatialOf(x.shape, windows.format), window, counts, windows)
  return bordered(x, windows.before, behind, windows.format, value)
}
