import { add, cast, div, less, lessEqual, mul, sub } from '../../api/math'
import { logicalAnd } from '../../api/logic'
import type { Tensor } from '../../ir/tensor'
import { iotaT } from '../../ops/iota'
import { reshapeT } from '../../ops/view'
import { eachIn } from './draws'
import type { Images } from './images'

export interface Box {
  /** Whether a pixel lies in it, [batch, ...] with one channel. */
  readonly mask: Tensor
  /** Its part of the image, [batch, 1, 1, 1]. */
  readonly part: Tensor
}

/** Somewhere in each image a box, its extents being parts of those of the image ([batch, 1, 1, 1], from 0 to 1). */
export function boxIn(images: Images, width: Tensor, height: Tensor): Box {
  const [x, y] = [span(images, images.width, width), span(images, images.height, height)]
  const inside = (axis: number, { start, end }: Span): Tensor => {
    const place = cast(reshapeT(iotaT(images.x.shape[axis]!), images.x.shape.map((d, i) => (i === axis ? d : 1))), images.x.dtype) // prettier-ignore
    return logicalAnd(lessEqual(start, place), less(place, end))
  }
  return {
    mask: logicalAnd(inside(images.axes.width, x), inside(images.axes.height, y)),
    part: div(mul(sub(x.end, x.start), sub(y.end, y.start)), images.width * images.height),
  }
}

interface Span {
  readonly start: Tensor
  readonly end: Tensor
}
function span(images: Images, extent: number, part: Tensor): Span {
  const length = mul(part, extent)
  const start = mul(eachIn(images, [0, 1]), sub(extent, length))
  return { start, end: add(start, length) }
}
