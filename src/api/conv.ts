import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import type { Checked, Shape, ShapeOr } from '../ir/shapes'
import { describe, type Tensor } from '../ir/tensor'
import type { Convolved } from '../ir/window-shapes'
import { convT } from '../ops/conv'
import { promote } from '../ops/promote'
import { reshapeT } from '../ops/view'
import { channelsOf, type DataFormat, spatialOf } from '../ops/window'
import {
  checkGroups,
  checkKernel,
  type Conv1dOptions,
  type ConvOptions,
  type DepthwiseOptions,
  type Fits,
} from './conv-options'
import type { DTypeOr, Promote } from './signatures'
import { checkFormat, checkRank, perDim, resolvePadding } from './window-options'

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

function convolution(op: string, spatial: number, x: Tensor, kernel: Tensor, options: Conv1dOptions = {}): Tensor {
  checkKeys(op, options, ['strides', 'padding', 'dilations', 'groups', 'dataFormat'])
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

function depthwise(op: string, spatial: number, x: Tensor, kernel: Tensor, options: DepthwiseOptions = {}): Tensor {
  checkKeys(op, options, ['strides', 'padding', 'dilations', 'dataFormat'])
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
