import { GraphError } from '../ir/errors'
import type { Checked, Shape, ShapeOr } from '../ir/shapes'
import { describe, requireTensor, type Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import type { Convolved, Transposed } from '../ir/window-shapes'
import { convInputT, convT } from '../ops/conv'
import { promote } from '../ops/promote'
import { reshapeT } from '../ops/view'
import { channelsOf, type DataFormat, reachOf, spatialOf } from '../ops/window'
import { checkNumber } from './build'
import type { DTypeOr, Promote } from './signatures'
import {
  checkFormat,
  checkRank,
  explicitPadding,
  type FormatOption,
  type Padding,
  perDim,
  type PerDim,
  resolvePadding,
  split,
} from './window-options'

export interface DepthwiseOptions<F extends DataFormat = DataFormat> extends FormatOption<F> {
  /** How far apart windows begin, 1 by default. */
  readonly strides?: PerDim
  /** `valid` by default. */
  readonly padding?: Padding
  /** How far apart the taps of a window are, 1 by default. */
  readonly dilations?: PerDim
}

export interface ConvOptions<F extends DataFormat = DataFormat, G extends number = number> extends DepthwiseOptions<F> {
  /** Groups of channels that are convolved by themselves, 1 by default. */
  readonly groups?: G
}
export interface Conv1dOptions<F extends DataFormat = DataFormat, G extends number = number> extends Omit<
  ConvOptions<F, G>,
  'padding'
> {
  /** Also `causal`: all padding in front, so that no window sees what comes after it. */
  readonly padding?: Padding | 'causal'
}

export interface ConvTransposeOptions<F extends DataFormat = DataFormat, G extends number = number> extends ConvOptions<
  F,
  G
> {
  /** Extends the result at the end, as in Keras and PyTorch; which size is meant is else ambiguous for strides above 1. */
  readonly outputPadding?: PerDim
}

/** The shape of a result, or the message for shapes or dtypes that do not go together. */
type Fits<R, D> = R extends string ? R : [D] extends [DType] ? R : D

type Conv<Op extends string, R extends number, O> = <
  X extends Tensor,
  K extends Tensor,
  F extends DataFormat = 'channelsLast',
  G extends number = 1,
>(
  x: X,
  kernel: Checked<Fits<Convolved<Op, X['shape'], K['shape'], R, F, G>, Promote<Op, X, K>>, K>,
  options?: O & { readonly dataFormat?: F; readonly groups?: G },
) => Tensor<ShapeOr<Convolved<Op, X['shape'], K['shape'], R, F, G>>, DTypeOr<Promote<Op, X, K>>>
type ConvTranspose<Op extends string, R extends number> = <
  X extends Tensor,
  K extends Tensor,
  F extends DataFormat = 'channelsLast',
  G extends number = 1,
>(
  x: X,
  kernel: Checked<Fits<Transposed<Op, X['shape'], K['shape'], R, F, G>, Promote<Op, X, K>>, K>,
  options?: ConvTransposeOptions<F, G>,
) => Tensor<ShapeOr<Transposed<Op, X['shape'], K['shape'], R, F, G>>, DTypeOr<Promote<Op, X, K>>>

function convolution(op: string, spatial: number, x: Tensor, kernel: Tensor, options: Conv1dOptions = {}): Tensor {
  checkRank(op, x, spatial)
  checkKernel(op, kernel, spatial)
  const { strides = 1, padding = 'valid', dilations = 1, groups = 1, dataFormat = 'channelsLast' } = options
  const format = checkFormat(op, dataFormat)
  checkGroups(op, groups)
  const [s, d] = [perDim(op, 'strides', strides, spatial), perDim(op, 'dilations', dilations, spatial)]
  const padded = resolvePadding(op, padding, spatialOf(x.shape, format), kernel.shape.slice(0, -2), s, d)
  const [a, b] = promote(op, [x, kernel]) as [Tensor, Tensor]
  return convT(a, b, { strides: s, dilations: d, ...padded, groups, format }, op)
}

function checkKernel(op: string, kernel: Tensor, spatial: number): void {
  requireTensor(op, kernel)
  if (kernel.shape.length !== spatial + 2)
    throw new GraphError(
      `${op}: the kernel must have ${spatial + 2} dimensions (taps, then channels), got ${describe(kernel)}`,
    )
}

const checkGroups = (op: string, groups: number): void =>
  checkNumber(op, 'groups', groups, (n) => Number.isInteger(n) && n >= 1, 'a whole number from 1')

/**
 * Convolution of x [batch, length, in] with a kernel [taps, in / groups, out]: [batch, windows, out]. As networks have it, the
 * kernel is not flipped: y[n, o, c] = sum over k and channels of x[n, o * stride + k * dilation - padding] kernel[k]. There are
 * floor((length + padding - reach) / stride) + 1 windows, reach being (taps - 1) * dilation + 1. Floats or int32. Throws where no
 * window fits or channels do not match.
 */
export const conv1d = ((x: Tensor, kernel: Tensor, options?: Conv1dOptions) =>
  convolution('conv1d', 1, x, kernel, options)) as Conv<'conv1d', 1, Conv1dOptions>

/** The same over two dimensions: x [batch, height, width, in], kernel [rows, columns, in / groups, out]. See `conv1d`. */
export const conv2d = ((x: Tensor, kernel: Tensor, options?: ConvOptions) =>
  convolution('conv2d', 2, x, kernel, options)) as Conv<'conv2d', 2, ConvOptions>

/** The same over three dimensions: x [batch, depth, height, width, in], kernel [..., in / groups, out]. See `conv1d`. */
export const conv3d = ((x: Tensor, kernel: Tensor, options?: ConvOptions) =>
  convolution('conv3d', 3, x, kernel, options)) as Conv<'conv3d', 3, ConvOptions>

function transposed(
  op: string,
  spatial: number,
  x: Tensor,
  kernel: Tensor,
  options: ConvTransposeOptions = {},
): Tensor {
  checkRank(op, x, spatial)
  checkKernel(op, kernel, spatial)
  const {
    strides = 1,
    padding = 'valid',
    dilations = 1,
    groups = 1,
    dataFormat = 'channelsLast',
    outputPadding,
  } = options
  const format = checkFormat(op, dataFormat)
  checkGroups(op, groups)
  const [s, d] = [perDim(op, 'strides', strides, spatial), perDim(op, 'dilations', dilations, spatial)]
  const extra = outputPadding === undefined ? undefined : perDim(op, 'outputPadding', outputPadding, spatial, 0)
  if (extra?.some((n, i) => n >= Math.max(s[i]!, d[i]!)))
    throw new GraphError(
      `${op}: outputPadding must be below the stride or the dilation, it is ${JSON.stringify(outputPadding)}`,
    )
  const counts = spatialOf(x.shape, format)
  const reach = kernel.shape.slice(0, -2).map((k, i) => reachOf(k, d[i]!))
  const { size, ...padded } = transposedSize(op, padding, counts, reach, s, extra)
  if (size.some((n) => n < 1))
    throw new GraphError(`${op}: the padding leaves a result of size ${JSON.stringify(size)} of ${describe(x)}`)
  const [a, b] = promote(op, [x, kernel]) as [Tensor, Tensor]
  return convInputT(a, b, { strides: s, dilations: d, ...padded, groups, format, size }, op)
}

/** Without `outputPadding` sizes are Keras's; explicit padding is PyTorch's: (n - 1) stride + reach - padding + outputPadding. */
function transposedSize(
  op: string,
  padding: Padding,
  counts: readonly number[],
  reach: readonly number[],
  strides: readonly number[],
  extra: readonly number[] | undefined,
) {
  const full = counts.map((n, i) => (n - 1) * strides[i]! + reach[i]!)
  if (typeof padding !== 'string') {
    const given = explicitPadding(op, padding, counts.length)
    const size = full.map((n, i) => n - given.before[i]! - given.after[i]! + (extra?.[i] ?? 0))
    // What is added at the end no window reaches: negative padding.
    return { size, before: given.before, after: given.after.map((p, i) => p - (extra?.[i] ?? 0)) }
  }
  if (padding !== 'valid' && padding !== 'same')
    throw new GraphError(`${op}: padding must be 'valid', 'same' or numbers, it is ${JSON.stringify(padding)}`)
  const halves = reach.map((r) => Math.floor(r / 2))
  const size = counts.map((n, i) =>
    extra
      ? full[i]! - (padding === 'same' ? 2 * halves[i]! : 0) + extra[i]!
      : n * strides[i]! + (padding === 'valid' ? Math.max(0, reach[i]! - strides[i]!) : 0),
  )
  // What windows reach beyond the result is cut: by halves, the odd unit behind.
  const total = full.map((n, i) => n - size[i]!)
  const { before } = split(total.map((n) => (padding === 'same' ? Math.max(0, n) : 0)))
  return { size, before, after: total.map((n, i) => n - before[i]!) }
}

/**
 * Transposed convolution, the gradient of `conv1d` with respect to its operand: x [batch, length, in] and a kernel
 * [taps, out / groups, in] give [batch, size, out]. The size is length * stride for `same`, and max(reach - stride, 0) more for
 * `valid` (Keras); with numbers as padding (length - 1) * stride + reach - padding + outputPadding (PyTorch).
 */
export const conv1dTranspose = ((x: Tensor, kernel: Tensor, options?: ConvTransposeOptions) =>
  transposed('conv1dTranspose', 1, x, kernel, options)) as ConvTranspose<'conv1dTranspose', 1>

/** The same over two dimensions: kernel [rows, columns, out / groups, in]. See `conv1dTranspose`. */
export const conv2dTranspose = ((x: Tensor, kernel: Tensor, options?: ConvTransposeOptions) =>
  transposed('conv2dTranspose', 2, x, kernel, options)) as ConvTranspose<'conv2dTranspose', 2>

/** The same over three dimensions. See `conv1dTranspose`. */
export const conv3dTranspose = ((x: Tensor, kernel: Tensor, options?: ConvTransposeOptions) =>
  transposed('conv3dTranspose', 3, x, kernel, options)) as ConvTranspose<'conv3dTranspose', 3>

function depthwise(op: string, spatial: number, x: Tensor, kernel: Tensor, options: DepthwiseOptions = {}): Tensor {
  checkRank(op, x, spatial)
  checkKernel(op, kernel, spatial)
  const channels = channelsOf(x.shape, checkFormat(op, options.dataFormat ?? 'channelsLast'))
  const [own, multiplier] = kernel.shape.slice(-2) as [number, number]
  if (own !== channels)
    throw new GraphError(`${op}: the kernel ${describe(kernel)} is for ${own} channels, ${describe(x)} has ${channels}`)
  const grouped = reshapeT(kernel, [...kernel.shape.slice(0, -2), 1, own * multiplier])
  return convolution(op, spatial, x, grouped, { ...options, groups: channels })
}

/**
 * Every channel by kernels of its own: x [batch, length, in], kernel [taps, in, multiplier], result [batch, windows,
 * in * multiplier] with the results of a channel side by side.
 */
export const depthwiseConv1d = (
  x: Tensor,
  kernel: Tensor,
  options?: DepthwiseOptions,
): Tensor<Shape, Tensor['dtype']> => depthwise('depthwiseConv1d', 1, x, kernel, options)
/** The same over two dimensions: kernel [rows, columns, in, multiplier]. See `depthwiseConv1d`. */
export const depthwiseConv2d = (
  x: Tensor,
  kernel: Tensor,
  options?: DepthwiseOptions,
): Tensor<Shape, Tensor['dtype']> => depthwise('depthwiseConv2d', 2, x, kernel, options)

function separable(
  op: string,
  spatial: number,
  x: Tensor,
  kernels: readonly [Tensor, Tensor],
  options: DepthwiseOptions = {},
): Tensor {
  const [deep, wide] = kernels
  const middle = depthwise(op, spatial, x, deep, options)
  checkKernel(op, wide, spatial)
  if (wide.shape.slice(0, -2).some((k) => k !== 1))
    throw new GraphError(`${op}: the pointwise kernel must have one tap, got ${describe(wide)}`)
  return convolution(op, spatial, middle, wide, options.dataFormat ? { dataFormat: options.dataFormat } : {})
}

/** A depthwise convolution and one of a single tap that mixes channels: kernels [taps, in, m] and [1, in * m, out]. */
export const separableConv1d = (
  x: Tensor,
  depthwiseKernel: Tensor,
  pointwiseKernel: Tensor,
  options?: DepthwiseOptions,
): Tensor => separable('separableConv1d', 1, x, [depthwiseKernel, pointwiseKernel], options)
/** The same over two dimensions: kernels [rows, columns, in, m] and [1, 1, in * m, out]. */
export const separableConv2d = (
  x: Tensor,
  depthwiseKernel: Tensor,
  pointwiseKernel: Tensor,
  options?: DepthwiseOptions,
): Tensor => separable('separableConv2d', 2, x, [depthwiseKernel, pointwiseKernel], options)
