import { affineTransform, type FillMode } from '../../api/affine-transform'
import { concat } from '../../api/arrange'
import { fill } from '../../api/leaf'
import type { Tensor } from '../../ir/tensor'
import { reshapeT } from '../../ops/view'
import { choice, number } from '../option'
import type { Images } from './images'

/** Of layers that read images at other places. */
export const interpolation = choice(['bilinear', 'nearest'], 'bilinear')
export const fillOptions = {
  fillMode: choice(['reflect', 'wrap', 'constant', 'nearest'], 'reflect'),
  interpolation,
  fillValue: number(0),
}
export interface WarpOptions {
  readonly fillMode: FillMode
  readonly interpolation: 'bilinear' | 'nearest'
  readonly fillValue: number
}

/** The numbers of `affineTransform`, one of each for an image ([batch, 1, 1, 1]) or one for all. */
export type Row = readonly [
  a0: Tensor | number,
  a1: Tensor | number,
  a2: Tensor | number,
  b0: Tensor | number,
  b1: Tensor | number,
  b2: Tensor | number,
  c0: Tensor | number,
  c1: Tensor | number,
]

/** Images read at the places that a row says. */
export function warped({ x, batch, dataFormat }: Images, row: Row, how: WarpOptions): Tensor {
  const column = (v: Tensor | number): Tensor =>
    typeof v === 'number' ? fill([batch, 1], v, { dtype: x.dtype as 'float32' }) : reshapeT(v, [batch, 1])
  const { fillMode, interpolation, fillValue } = how
  return affineTransform(x, concat(row.map(column), { axis: 1 }), { fillMode, interpolation, fillValue, dataFormat })
}
