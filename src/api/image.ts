import { checkKeys, checkOneOf, valueText } from '../ir/names-of'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { type DepthMode, depthToSpaceOp, spaceToDepthOp } from '../ops/depth'
import { padT, sliceT } from '../ops/pieces'
import { type Coordinates, type Interpolation, resizeOp, type Rounding } from '../ops/resize'
import { asFloat, checkNumber, noBool } from './build'
import type { Floating, SameRank } from './signatures'
import { type Borders, channelAxis, checkBorders, checkExtents, spatialAxes } from './spatial'
import type { FormatOption } from './window-options'

/** Options of `resize`. */
export interface ResizeOptions<I extends Interpolation = Interpolation> extends FormatOption {
  /**
   * `bilinear` (the default) weighs two neighbours along each axis, `bicubic` four, `lanczos3` six and `lanczos5` ten;
   * `nearest` takes one, `area` the mean of what a point covers, whatever the coordinates.
   */
  readonly interpolation?: I
  /**
   * The position in x of point o of the result, along an axis of n that becomes m: `halfPixel` (the default)
   * (o + 1/2) n / m - 1/2, `alignCorners` o (n - 1) / (m - 1), `asymmetric` o n / m.
   */
  readonly coordinates?: Coordinates
  /**
   * Which element `nearest` takes of a position between two: the lower, the upper, or the nearer one, where halves go
   * down (`preferFloor`) or up (`preferCeil`). `floor` for `asymmetric` coordinates by default, else `preferCeil`.
   */
  readonly rounding?: Rounding
}
type Sampled<X extends Tensor, I> = Tensor<
  SameRank<X['shape']>,
  I extends 'nearest' ? X['dtype'] : Floating<X['dtype']>
>
const COORDINATES: readonly Coordinates[] = ['halfPixel', 'alignCorners', 'asymmetric']
const INTERPOLATIONS: readonly Interpolation[] = ['nearest', 'bilinear', 'bicubic', 'lanczos3', 'lanczos5', 'area']
const ROUNDINGS: readonly Rounding[] = ['floor', 'ceil', 'preferFloor', 'preferCeil']

/**
 * Images at another size: x [batch, ...spatial, channels], the batch may be missing; `size` has an extent for each of one
 * to three spatial axes. Positions beyond the edge take the edge, and kernels of more than two neighbours lose what lies
 * there; nothing is smoothed when an image shrinks, but for `area`.
 *
 * The defaults are `tf.image.resize` and `keras.ops.image.resize`; PyTorch's `interpolate` is `bilinear` with `halfPixel`
 * or, by align_corners, `alignCorners`, its `nearest` is `asymmetric` and its `nearest-exact` `halfPixel`; ONNX has
 * nearest_mode as `rounding`, round_prefer_floor by default. Nearest keeps any dtype, all others make integers float32.
 * The cubic kernel has a = -1/2 as in TensorFlow and JAX (PyTorch and ONNX have -3/4).
 *
 * Along each axis nearest by a whole factor only repeats or leaves out, bilinear by a whole factor takes 2 elements (3 for
 * an odd one at half pixels). Other sizes read a window for each element: one of p + 2 for a ratio n / m = p / q in lowest
 * terms, or a shorter one with weights of its own for each block (5 from 224 to 299; for extents up to 512 about 10 in the
 * middle and seldom more than 20). Cotangents come back by the transposed weights at a like cost.
 *
 * Throws for a rank that does not fit, an extent that is no whole number from 1, an empty axis and an unknown option.
 */
export function resize<X extends Tensor, const I extends Interpolation = 'bilinear'>(
  x: X,
  size: readonly number[],
  options: ResizeOptions<I> = {},
): Sampled<X, I> {
  return resized('resize', x, size, options) as never
}

function resized(op: string, x: Tensor, size: readonly number[], options: ResizeOptions): Tensor {
  requireTensor(op, x)
  checkKeys(op, options, ['interpolation', 'coordinates', 'rounding', 'dataFormat'])
  checkExtents(op, 'size', size, x)
  const axes = spatialAxes(op, x, size.length, options)
  const { interpolation = 'bilinear', coordinates = 'halfPixel' } = options
  const { rounding = coordinates === 'asymmetric' ? 'floor' : 'preferCeil' } = options
  checkOneOf(op, 'interpolation', interpolation, INTERPOLATIONS)
  checkOneOf(op, 'coordinates', coordinates, COORDINATES)
  checkOneOf(op, 'rounding', rounding, ROUNDINGS)
  if (size.length > 3) throw explained(op, `${size.length} spatial axes are too many; there are one to three`, [x])
  if (axes.some((axis) => x.shape[axis] === 0))
    throw explained(op, `${showShape(x.shape)} has no elements to sample`, [x])
  const operand = interpolation === 'nearest' ? x : asFloat(op, noBool(op, x))
  return apply(resizeOp, [operand], { axes, size: [...size], interpolation, coordinates, rounding })
}

/** Options of up-sampling. */
export interface UpSamplingOptions<I extends Interpolation = Interpolation> extends FormatOption {
  /** `nearest` by default. */
  readonly interpolation?: I
}

function upSampled(op: string, count: number) {
  return <X extends Tensor, const I extends Interpolation = 'nearest'>(
    x: X,
    size: number | readonly number[] = 2,
    options: UpSamplingOptions<I> = {},
  ): Sampled<X, I> => {
    checkKeys(op, options, ['interpolation', 'dataFormat'])
    requireTensor(op, x)
    if (typeof size !== 'number' && !Array.isArray(size))
      throw explained(op, `the size is a number or a list of ${count}, and options come behind it, it is ${valueText(size)}`, [x]) // prettier-ignore
    const factors = typeof size === 'number' ? Array.from({ length: count }, () => size) : size
    checkExtents(op, 'size', factors, x)
    if (factors.length !== count) throw explained(op, `${count} factors are needed, got ${showShape(factors)}`, [x])
    const extents = spatialAxes(op, x, count, options).map((axis, i) => x.shape[axis]! * factors[i]!)
    const { interpolation = 'nearest', dataFormat } = options
    return resized(op, x, extents, { interpolation, ...(dataFormat && { dataFormat }) }) as never
  }
}

/**
 * Sequences [batch, steps, channels] longer by a whole factor, 2 by default, as Keras UpSampling1D: `resize` at half
 * pixels, of the nearest element by default.
 */
export const upSampling1d = upSampled('upSampling1d', 1)
/** Images [batch, height, width, channels] larger by whole factors, one for both axes or one each, as Keras UpSampling2D. */
export const upSampling2d = upSampled('upSampling2d', 2)
/** Volumes [batch, depth, height, width, channels] larger by whole factors, as Keras UpSampling3D. */
export const upSampling3d = upSampled('upSampling3d', 3)

/**
 * x without so many elements at the start and the end of each spatial axis: `[[top, bottom], [left, right]]` for images
 * [batch, height, width, channels], as many pairs as spatial axes; a number stands for both sides. As Keras Cropping1D to
 * Cropping3D. Throws where more is taken than there is.
 */
export function crop<X extends Tensor>(
  x: X,
  borders: Borders,
  options: FormatOption = {},
): Tensor<SameRank<X['shape']>, X['dtype']> {
  requireTensor('crop', x)
  checkKeys('crop', options, ['dataFormat'])
  const pairs = checkBorders('crop', borders, x)
  const axes = spatialAxes('crop', x, pairs.length, options)
  axes.forEach((axis, i) => {
    const [before, after] = pairs[i]!
    if (before + after > x.shape[axis]!)
      throw explained('crop', `[${before}, ${after}] is more than the ${x.shape[axis]} elements of axis ${axis}`, [x])
  })
  return cut(x, axes, (d, i) => [pairs[i]![0], d - pairs[i]![0] - pairs[i]![1]]) as never
}

const cut = (
  x: Tensor,
  axes: readonly number[],
  range: (d: number, i: number) => readonly [number, number],
): Tensor => {
  const ranges = x.shape.map((d, i) => (axes.includes(i) ? range(d, axes.indexOf(i)) : ([0, d] as const)))
  return sliceT(x, { start: ranges.map((r) => r[0]), step: x.shape.map(() => 1), size: ranges.map((r) => r[1]) })
}

/**
 * The middle of images, `size` an extent for each spatial axis; of an odd rest the smaller part is cut at the start, as
 * Keras CenterCrop cuts. Throws where the image is smaller; `resize` makes it larger.
 */
export function centerCrop<X extends Tensor>(
  x: X,
  size: readonly number[],
  options: FormatOption = {},
): Tensor<SameRank<X['shape']>, X['dtype']> {
  requireTensor('centerCrop', x)
  checkKeys('centerCrop', options, ['dataFormat'])
  checkExtents('centerCrop', 'size', size, x)
  const axes = spatialAxes('centerCrop', x, size.length, options)
  axes.forEach((axis, i) => {
    if (size[i]! > x.shape[axis]!)
      throw explained('centerCrop', `${size[i]} is more than the ${x.shape[axis]} elements of axis ${axis}`, [x])
  })
  return cut(x, axes, (d, i) => [Math.floor((d - size[i]!) / 2), size[i]!]) as never
}

/**
 * x with zeros around its spatial axes: `[[top, bottom], [left, right]]` for images [batch, height, width, channels], as
 * many pairs as spatial axes; a number stands for both sides. As Keras ZeroPadding1D to ZeroPadding3D.
 */
export function zeroPadding<X extends Tensor>(
  x: X,
  borders: Borders,
  options: FormatOption = {},
): Tensor<SameRank<X['shape']>, X['dtype']> {
  requireTensor('zeroPadding', x)
  checkKeys('zeroPadding', options, ['dataFormat'])
  const pairs = checkBorders('zeroPadding', borders, x)
  const axes = spatialAxes('zeroPadding', x, pairs.length, options)
  const side = (k: 0 | 1): number[] => x.shape.map((_, i) => pairs[axes.indexOf(i)]?.[k] ?? 0)
  return padT(x, side(0), side(1), 0) as never
}

/** Options of `depthToSpace` and `spaceToDepth`. */
export interface DepthOptions extends FormatOption {
  /**
   * The order of the deep channels: block positions first (`DCR`, the default, as in TensorFlow) or the channels of the
   * image first (`CRD`, as PyTorch's PixelShuffle).
   */
  readonly mode?: DepthMode
}

function depthAttrs(op: string, x: Tensor, block: number, options: DepthOptions) {
  checkKeys(op, options, ['mode', 'dataFormat'])
  const [rows, columns] = spatialAxes(op, x, 2, options) as [number, number]
  const { mode = 'DCR' } = options
  checkOneOf(op, 'mode', mode, ['DCR', 'CRD'])
  checkNumber(op, 'the block size', block, (v) => Number.isInteger(v) && v >= 1, 'a whole number from 1')
  return { block, mode, rows, columns, channels: channelAxis(x, 2, options) }
}

/**
 * Channels moved into blocks of pixels: [batch, h, w, b² c] becomes [batch, b h, b w, c], any dtype. Throws where the
 * channels are no multiple of b². Source: ONNX DepthToSpace.
 */
export function depthToSpace<X extends Tensor>(
  x: X,
  blockSize: number,
  options: DepthOptions = {},
): Tensor<SameRank<X['shape']>, X['dtype']> {
  return apply(depthToSpaceOp, [x], depthAttrs('depthToSpace', x, blockSize, options)) as never
}

/**
 * Blocks of pixels moved into channels, the inverse of `depthToSpace`: [batch, b h, b w, c] becomes [batch, h, w, b² c].
 * Throws where height or width is no multiple of b. Source: ONNX SpaceToDepth; `CRD` is PyTorch's PixelUnshuffle.
 */
export function spaceToDepth<X extends Tensor>(
  x: X,
  blockSize: number,
  options: DepthOptions = {},
): Tensor<SameRank<X['shape']>, X['dtype']> {
  return apply(spaceToDepthOp, [x], depthAttrs('spaceToDepth', x, blockSize, options)) as never
}
