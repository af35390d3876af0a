import { crop, resize, type ResizeOptions } from '../../api/image'
import { cast } from '../../api/math'
import { clip, round } from '../../api/elementary'
import { pad } from '../../api/arrange'
import { spatialAxes } from '../../api/spatial'
import type { DataFormat } from '../../api/window-options'
import type { Tensor } from '../../ir/tensor'
import { isFloat } from '../../ir/type'

export interface Fit {
  /** How another ratio of height to width is met: by `crop` or `pad`; otherwise images are stretched. */
  readonly fit?: 'crop' | 'pad' | undefined
  readonly interpolation: NonNullable<ResizeOptions['interpolation']>
  readonly fillValue?: number
  readonly dataFormat: DataFormat
}

/** Images at a size, float for integers unless nearest. Borders are cut and filled on both sides alike, as in Keras. */
export function resizedTo(where: string, x: Tensor, size: readonly [number, number], how: Fit): Tensor {
  const { fit, interpolation, fillValue = 0, dataFormat } = how
  const axes = spatialAxes(where, x, 2, { dataFormat }) as [number, number]
  const extents = axes.map((axis) => x.shape[axis]!) as [number, number]
  // The extents that would have the ratio of the size, one of them being as it is.
  const wanted = [Math.trunc((extents[1] * size[0]) / size[1]), Math.trunc((extents[0] * size[1]) / size[0])]
  const sides = extents.map((d, i) =>
    fit === 'crop'
      ? Math.floor((d - Math.max(Math.min(d, wanted[i]!), 1)) / 2)
      : fit === 'pad' ? Math.floor((Math.max(d, wanted[i]!) - d) / 2) : 0) // prettier-ignore
  return resize(fitted(), size, { interpolation, dataFormat })

  function fitted(): Tensor {
    if (fit === 'crop')
      return crop(x, extents.map((d, i) => [sides[i]!, d - sides[i]! - Math.max(Math.min(d, wanted[i]!), 1)] as const), { dataFormat }) // prettier-ignore
    if (sides.every((s) => s === 0)) return x
    return pad(x, x.shape.map((_, axis) => [sides[axes.indexOf(axis)] ?? 0, sides[axes.indexOf(axis)] ?? 0]), { value: fillValue }) // prettier-ignore
  }
}

/** Back to the integers that came in: rounded, and held within their range. */
export function likeInput(y: Tensor, x: Tensor): Tensor {
  if (y.dtype === x.dtype || isFloat(x.dtype)) return y
  const whole = round(y)
  return cast(x.dtype === 'uint8' ? clip(whole, 0, 255) : whole, x.dtype)
}
