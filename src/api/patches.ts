import { checkKeys, checkOneOf } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { explained, type Tensor } from '../ir/tensor'
import { showShape, sizeOf } from '../ir/type'
import { mulT } from '../ops/arith'
import { spliced } from '../ops/axes'
import { sumT } from '../ops/broadcast'
import { type FrameAttrs, frameT, overlapT } from '../ops/frame'
import { dataConstant } from '../ops/leaf'
import { padT, sliceT, spreadT } from '../ops/pieces'
import { reachOf } from '../ops/window'
import { reshapeT, transposeT } from '../ops/view'
import { asFloat, noBool } from './build'
import type { Floating, SameRank } from './signatures'
import { channelAxis } from './spatial'
import {
  checkRank,
  type FormatOption,
  type Padding,
  type PerDim,
  perDim,
  type ResolvedPadding,
  resolvePadding,
} from './window-options'

/** Part of the luminance that red, green and blue have. Source: ITU-R BT.601, as in TensorFlow. */
const LUMINANCE = [0.2989, 0.587, 0.114]

/** Images of three channels as grey ones of one: 0.2989 red + 0.587 green + 0.114 blue; integers become float32. */
export function rgbToGrayscale<X extends Tensor>(
  x: X,
  options: FormatOption = {},
): Tensor<SameRank<X['shape']>, Floating<X['dtype']>> {
  checkKeys('rgbToGrayscale', options, ['dataFormat'])
  const { dataFormat = 'channelsLast' } = options
  checkOneOf('rgbToGrayscale', 'dataFormat', dataFormat, ['channelsLast', 'channelsFirst'])
  const values = asFloat('rgbToGrayscale', x)
  const axis = channelAxis(values, 2, { dataFormat })
  if (values.shape[axis] !== 3)
    throw explained('rgbToGrayscale', `three channels are needed, in ${dataFormat} order; the shape is ${showShape(values.shape)}`, [x]) // prettier-ignore
  const data = values.dtype === 'float64' ? Float64Array.from(LUMINANCE) : Float32Array.from(LUMINANCE)
  const weights = dataConstant(data, { dtype: values.dtype, shape: spliced([1, 1, 1], axis - values.shape.length + 3, 1, 3) }) // prettier-ignore
  return sumT(mulT(values, weights), { axes: [axis], keepDims: true }) as never
}

/** Options of `extractPatches`. */
export interface PatchOptions {
  readonly size: PerDim
  /** 1 by default. */
  readonly strides?: PerDim
  readonly dilations?: PerDim
  /** None by default; what is padded is 0. */
  readonly padding?: Padding
}

interface Layout extends ResolvedPadding {
  readonly axes: readonly [number, number]
  readonly spatial: readonly number[]
  readonly size: readonly number[]
  readonly dilations: readonly number[]
  readonly frames: readonly FrameAttrs[]
}

/** How windows lie over two axes, the first of which is `axis`. */
function layoutOf(op: string, spatial: readonly number[], axis: number, options: PatchOptions, x: Tensor): Layout {
  checkKeys(op, options, ['size', 'strides', 'dilations', 'padding'])
  const { size: extents = 1, strides: moves = 1, dilations: apart = 1, padding: wanted = 'valid' } = options
  const size = perDim(op, 'size', extents, 2)
  const strides = perDim(op, 'strides', moves, 2)
  const dilations = perDim(op, 'dilations', apart, 2)
  const padding = resolvePadding(op, wanted, spatial, size, strides, dilations)
  const frames = spatial.map((extent, i): FrameAttrs => {
    const reach = reachOf(size[i]!, dilations[i]!)
    const room = extent + padding.before[i]! + padding.after[i]! - reach
    if (room < 0)
      throw explained(op, `windows of ${showShape(size)} do not fit into ${showShape(spatial)}: they reach over ${reach} elements`, [x]) // prettier-ignore
    return { axis: axis + i, size: reach, step: strides[i]!, count: Math.floor(room / strides[i]!) + 1 }
  })
  return { ...padding, axes: [axis, axis + 1], spatial, size, dilations, frames }
}

/** One of the taps of a window: along each axis `count` and `reach` stand where the extent was. */
const tapsOf = (shape: readonly number[], { axes: [a], size, dilations }: Layout) => {
  const own = (i: number): boolean => i === a + 1 || i === a + 3
  const nth = (i: number): number => (i - a - 1) / 2
  return {
    start: shape.map(() => 0),
    step: shape.map((_, i) => (own(i) ? dilations[nth(i)]! : 1)),
    size: shape.map((d, i) => (own(i) ? size[nth(i)]! : d)),
  }
}
const border = (rank: number, axis: number, widths: readonly number[]): number[] =>
  Array.from({ length: rank }, (_, i) => widths[i - axis] ?? 0)

/** [..., rows, columns, ...] as [..., count, tap, count, tap, ...]. */
function windowsT(x: Tensor, layout: Layout): Tensor {
  const { axes, before, after, frames } = layout
  const rank = x.shape.length
  const full = padT(x, border(rank, axes[0], before), border(rank, axes[0], after), 0)
  const framed = frameT(frameT(full, frames[1]!), frames[0]!)
  return sliceT(framed, tapsOf(framed.shape, layout))
}

/** What `windowsT` took, added up where it came from. */
function addedT(g: Tensor, layout: Layout): Tensor {
  const { axes, before, after, frames, spatial } = layout
  const [rows, columns] = frames as [FrameAttrs, FrameAttrs]
  const framed = spliced(spliced(g.shape, axes[0] + 3, 1, columns.size), axes[0] + 1, 1, rows.size)
  const taps = tapsOf(framed, layout)
  const extents = spatial.map((d, i) => before[i]! + d + after[i]!)
  const wide = overlapT(overlapT(spreadT(g, taps, framed), rows, extents[0]!), columns, extents[1]!)
  const start = border(wide.shape.length, axes[0], before)
  return sliceT(wide, { start, step: start.map(() => 1), size: spliced(wide.shape, axes[0], 2, ...spatial) })
}

/**
 * The windows of images, each as a column: x [batch, channels, rows, columns] gives [batch, channels * taps, windows], taps
 * and windows in row-major order. With `matmul` it is a convolution. As `unfold` in Keras and PyTorch (im2col).
 */
export function unfold<X extends Tensor>(
  x: X,
  options: PatchOptions,
): Tensor<[X['shape'][0], number, number], X['dtype']> {
  checkRank('unfold', noBool('unfold', x), 2)
  const [batch, channels, ...spatial] = x.shape as [number, number, ...number[]]
  const layout = layoutOf('unfold', spatial, 2, options, x)
  const taken = transposeT(windowsT(x, layout), [0, 1, 3, 5, 2, 4])
  return reshapeT(taken, [batch, channels * sizeOf(layout.size), sizeOf(layout.frames.map((f) => f.count))]) as never
}

/**
 * Columns added up into images of `outputSize` [rows, columns], where they overlap too: x [batch, channels * taps, windows]
 * gives [batch, channels, rows, columns], the transpose of `unfold` with the same options. As `fold` in Keras and PyTorch.
 */
export function fold<X extends Tensor>(
  x: X,
  outputSize: readonly [rows: number, columns: number],
  options: PatchOptions,
): Tensor<[X['shape'][0], number, number, number], X['dtype']> {
  noBool('fold', x)
  const spatial = perDim('fold', 'outputSize', outputSize, 2)
  const layout = layoutOf('fold', spatial, 2, options, x)
  const taps = sizeOf(layout.size)
  const counts = layout.frames.map((f) => f.count)
  const [batch, lines, windows] = x.shape
  if (x.shape.length !== 3 || lines! % taps !== 0 || windows !== sizeOf(counts))
    throw explained('fold', `${showShape(x.shape)} must be [batch, channels * ${taps}, ${sizeOf(counts)}]`, [x])
  const apart = reshapeT(x, [batch!, lines! / taps, ...layout.size, ...counts])
  return addedT(transposeT(apart, [0, 1, 4, 2, 5, 3]), layout) as never
}

/**
 * The windows of images beside each other: x [batch, rows, columns, channels] gives [batch, rows of windows, columns of
 * windows, taps * channels]. As `image.extract_patches` in Keras.
 */
export function extractPatches<X extends Tensor>(x: X, options: PatchOptions): Tensor<Shape, X['dtype']> {
  checkRank('extractPatches', noBool('extractPatches', x), 2)
  const [batch, rows, columns, channels] = x.shape as [number, number, number, number]
  const layout = layoutOf('extractPatches', [rows, columns], 1, options, x)
  const taken = transposeT(windowsT(x, layout), [0, 1, 3, 2, 4, 5])
  return reshapeT(taken, [batch, ...layout.frames.map((f) => f.count), sizeOf(layout.size) * channels])
}
