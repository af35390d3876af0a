import { asFloat } from '../../api/build'
import { spatialAxes } from '../../api/spatial'
import type { DataFormat } from '../../api/window-options'
import type { Tensor } from '../../ir/tensor'
import { sizeOf } from '../../ir/type'
import { reshapeT } from '../../ops/view'

/** Images as layers see them: always a batch. */
export interface Images {
  /** [batch, height, width, channels], or [batch, channels, height, width]. */
  readonly x: Tensor
  readonly dataFormat: DataFormat
  readonly batch: number
  readonly height: number
  readonly width: number
  readonly channels: number
  /** Where those axes lie. */
  readonly axes: { readonly height: number; readonly width: number; readonly channels: number }
}

/** A batch of images, float. Throws a GraphError for another rank. */
export const imagesOf = (where: string, x: Tensor, dataFormat: DataFormat): Images =>
  over(asFloat(where, batched(where, x, dataFormat)), dataFormat)

/** A single image as a batch of one. */
function batched(where: string, x: Tensor, dataFormat: DataFormat): Tensor {
  spatialAxes(where, x, 2, { dataFormat })
  return x.shape.length === 3 ? reshapeT(x, [1, ...x.shape]) : x
}

export function over(x: Tensor, dataFormat: DataFormat): Images {
  const axes =
    dataFormat === 'channelsLast' ? { height: 1, width: 2, channels: 3 } : { channels: 1, height: 2, width: 3 }
  const at = (axis: number): number => x.shape[axis]!
  return { x, dataFormat, batch: at(0), height: at(axes.height), width: at(axes.width), channels: at(axes.channels), axes } // prettier-ignore
}

/** The result of a change for images of the rank that came in. */
export const unbatched = (y: Tensor, x: Tensor): Tensor =>
  x.shape.length === 3 && sizeOf(y.shape.slice(0, 1)) === 1 ? reshapeT(y, y.shape.slice(1)) : y

/** The same images with other values. */
export const withValues = (images: Images, x: Tensor): Images => over(x, images.dataFormat)
