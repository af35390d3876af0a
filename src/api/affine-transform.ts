import { GraphError } from '../ir/errors'
import { checkKeys, checkOneOf } from '../ir/names-of'
import { explained, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat, showShape } from '../ir/type'
import { addT, mulT, subT } from '../ops/arith'
import { gatherT } from '../ops/gather'
import { iotaT } from '../ops/iota'
import { scalarConstant } from '../ops/leaf'
import { sliceT } from '../ops/pieces'
import { castTensor } from '../ops/promote'
import { andT, lessT, whereT } from '../ops/select'
import { reshapeT, transposeT } from '../ops/view'
import { asFloat, checkNumber } from './build'
import { ceil, clip, floor, mod } from './elementary'
import { div, minimum } from './math'
import type { Floating, SameRank } from './signatures'
import { spatialAxes } from './spatial'
import type { FormatOption } from './window-options'

/** What lies beyond the edges of an image: a value, the nearest element, the image mirrored, or the image again. */
export type FillMode = 'constant' | 'nearest' | 'reflect' | 'wrap'
/** Options of `affineTransform`. */
export interface AffineTransformOptions extends FormatOption {
  /** `bilinear` (the default) weighs the four elements around a place, `nearest` takes the nearest one. */
  readonly interpolation?: 'bilinear' | 'nearest'
  /**
   * What lies outside of `a b c d`: `constant` (the default) `k k | a b c d | k k` with `fillValue`, `nearest`
   * `a a | a b c d | d d`, `reflect` `b a | a b c d | d c`, `wrap` `c d | a b c d | a b`.
   */
  readonly fillMode?: FillMode
  /** 0 by default. */
  readonly fillValue?: number
}
export const FILL_MODES: readonly FillMode[] = ['constant', 'nearest', 'reflect', 'wrap']

/**
 * Images read at other places: images [batch, height, width, channels], the batch may be missing; transforms [batch, 8], [1, 8]
 * or [8] for all images. Eight numbers a0, a1, a2, b0, b1, b2, c0, c1 say that the point (x, y) of the result, x to the right and
 * y down in pixels, is read at ((a0 x + a1 y + a2) / k, (b0 x + b1 y + b2) / k) with k = c0 x + c1 y + 1: they lead from the
 * result to the image. The shape of the images is kept, integers become float32.
 *
 * The gradient goes to the images and, where the elements around a place are weighed, to the transforms. Halves go away from
 * 0 where the nearest is taken. As `affine_transform` in Keras, with `c0` and `c1` on every target, as its TensorFlow backend
 * has them. Throws for shapes that do not fit and unknown options.
 */
export function affineTransform<X extends Tensor>(
  images: X,
  transforms: Tensor,
  options: AffineTransformOptions = {},
): Tensor<SameRank<X['shape']>, Floating<X['dtype']>> {
  const op = 'affineTransform'
  requireTensor(op, images)
  checkKeys(op, options, ['interpolation', 'fillMode', 'fillValue', 'dataFormat'])
  const { interpolation = 'bilinear', fillMode = 'constant', fillValue = 0, dataFormat = 'channelsLast' } = options
  const axes = spatialAxes(op, images, 2, { dataFormat })
  checkOneOf(op, 'interpolation', interpolation, ['bilinear', 'nearest'])
  checkOneOf(op, 'fillMode', fillMode, FILL_MODES)
  checkNumber(op, 'fillValue', fillValue, Number.isFinite, 'a finite number')
  if (axes.some((axis) => images.shape[axis] === 0))
    throw explained(op, `${showShape(images.shape)} has no elements to read`, [images])
  const values = asFloat(op, images)
  const batch = values.shape.length === 4 ? values : reshapeT(values, [1, ...values.shape])
  const last = dataFormat === 'channelsLast' ? batch : transposeT(batch, [0, 2, 3, 1])
  const rows = matricesFor(op, transforms, last, images)
  const read = readAt(last, placesOf(rows, last), interpolation, fillMode, fillValue)
  const back = dataFormat === 'channelsLast' ? read : transposeT(read, [0, 3, 1, 2])
  return reshapeT(back, values.shape) as never
}

/** [batch or 1, 8] in the dtype of the images. */
function matricesFor(op: string, transforms: Tensor, x: Tensor, images: Tensor): Tensor {
  requireTensor(op, transforms)
  const { shape } = transforms
  const count = shape.length === 1 ? 1 : shape[0]!
  if (shape.length < 1 || shape.length > 2 || shape.at(-1) !== 8 || (count !== 1 && count !== x.shape[0]))
    throw explained(op, `transforms are [8], or [${x.shape[0]}, 8] for as many images, they are ${showShape(shape)}`, [
      images,
      transforms,
    ])
  if (!isFloat(transforms.dtype) && transforms.dtype !== 'int32')
    throw new GraphError(`${op}: transforms are numbers, they are ${transforms.dtype}`)
  return castTensor(reshapeT(transforms, [count, 8]), x.dtype)
}

interface Places {
  readonly x: Tensor
  readonly y: Tensor
}

/** Where each point of the result is read, [batch or 1, height, width]. */
function placesOf(rows: Tensor, { shape: [, height, width], dtype }: Tensor): Places {
  const part = (i: number): Tensor =>
    reshapeT(sliceT(rows, { start: [0, i], step: [1, 1], size: [rows.shape[0]!, 1] }), [rows.shape[0]!, 1, 1])
  const x = castTensor(reshapeT(iotaT(width!), [1, 1, width!]), dtype)
  const y = castTensor(reshapeT(iotaT(height!), [1, height!, 1]), dtype)
  const sum = (i: number, k: Tensor): Tensor => addT(addT(mulT(part(i), x), mulT(part(i + 1), y)), k)
  const scale = sum(6, scalarConstant(1, dtype))
  return { x: div(sum(0, part(2)), scale), y: div(sum(3, part(5)), scale) }
}

type Read = (x: Tensor, y: Tensor) => Tensor

/** The images at places: the nearest element, or four of them weighed. */
function readAt(
  images: Tensor,
  { x, y }: Places,
  interpolation: string,
  fillMode: FillMode,
  fillValue: number,
): Tensor {
  const element = reader(images, fillMode, fillValue)
  if (interpolation === 'nearest') return element(nearest(x), nearest(y))
  const [left, top] = [floor(x), floor(y)]
  const one = scalarConstant(1, x.dtype)
  const [right, below] = [addT(left, one), addT(top, one)]
  const wide = (w: Tensor): Tensor => reshapeT(w, [...w.shape, 1])
  const between = (a: Tensor, b: Tensor, past: Tensor): Tensor =>
    addT(mulT(a, wide(subT(one, past))), mulT(b, wide(past)))
  const [pastX, pastY] = [subT(x, left), subT(y, top)]
  return between(
    between(element(left, top), element(right, top), pastX),
    between(element(left, below), element(right, below), pastX),
    pastY,
  )
}

function nearest(x: Tensor): Tensor {
  const half = scalarConstant(0.5, x.dtype)
  return whereT(lessT(x, scalarConstant(0, x.dtype)), ceil(subT(x, half)), floor(addT(x, half)))
}

/** Elements of the images at whole places, [batch, height, width, channels]. */
function reader(images: Tensor, fillMode: FillMode, fillValue: number): Read {
  const [batch, height, width, channels] = images.shape as [number, number, number, number]
  const flat = reshapeT(images, [batch * height * width, channels])
  const whole = (v: number): Tensor => scalarConstant(v, 'int32')
  // Whole numbers: floats do not tell the elements of a large batch apart.
  const first = mulT(reshapeT(iotaT(batch), [batch, 1, 1]), whole(height * width))
  return (x, y) => {
    const [column, row] = [within(x, width, fillMode), within(y, height, fillMode)].map((v) => castTensor(v, 'int32'))
    const element = gatherT(flat, addT(addT(mulT(row!, whole(width)), column!), first), 0)
    if (fillMode !== 'constant') return element
    const isInside = andT(inside(x, width), inside(y, height))
    return whereT(reshapeT(isInside, [...isInside.shape, 1]), element, scalarConstant(fillValue, images.dtype))
  }
}

const inside = (v: Tensor, extent: number): Tensor =>
  andT(lessT(scalarConstant(-1, v.dtype), v), lessT(v, scalarConstant(extent, v.dtype)))

/** A whole place along an axis as one that is there. */
function within(v: Tensor, extent: number, fillMode: FillMode): Tensor {
  switch (fillMode) {
    case 'wrap':
      return clip(mod(v, extent), 0, extent - 1)
    case 'reflect': {
      const there = mod(v, 2 * extent)
      return clip(minimum(there, subT(scalarConstant(2 * extent - 1, v.dtype), there)), 0, extent - 1)
    }
    default:
      return clip(v, 0, extent - 1)
  }
}
