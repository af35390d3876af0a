import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { apply, describe, isTensor, type Tensor } from '../ir/tensor'
import { sameShape, showShape } from '../ir/type'
import { mulT } from '../ops/arith'
import { normalizeAxes, normalizeAxis } from '../ops/axes'
import {
  affineT,
  alongAxes,
  groupNormOp,
  layerNormT,
  localResponseNormOp,
  type NormPart,
  rmsNormOp,
} from '../ops/normalize'
import { asFloat, checkNumber } from './build'
import type { Floating } from './signatures'

export type Same<X extends Tensor> = Tensor<X['shape'], Floating<X['dtype']>>

export interface AffineOptions {
  /** Factors after normalising. */
  readonly gamma?: Tensor
  /** What is added after that. */
  readonly beta?: Tensor
}

/** A part of a norm has one element for each point of the axes that it belongs to, in the dtype of x. */
export function checkPart(op: string, name: string, part: unknown, x: Tensor, axes: readonly number[]): void {
  const want = axes.map((i) => x.shape[i]!)
  if (isTensor(part) && part.dtype === x.dtype && sameShape(part.shape, want)) return
  const got = isTensor(part) ? describe(part) : typeof part
  throw new GraphError(
    `${op}: ${name} must be ${x.dtype}${showShape(want)} for x ${x.dtype}${showShape(x.shape)}, it is ${got}`,
  )
}
export const checkEpsilon = (op: string, epsilon: unknown): void =>
  checkNumber(op, 'epsilon', epsilon, (v) => v > 0 && v < Infinity, 'a positive number')

/** Options of `layerNorm`. */
export interface LayerNormOptions extends AffineOptions {
  /** The axis or axes that are normalised, the last by default. */
  readonly axis?: number | readonly number[]
  /** Added to the variance, 1e-3 by default as in Keras; PyTorch has 1e-5. */
  readonly epsilon?: number
}

/**
 * (x - mean) / sqrt(variance + epsilon) over axes, then times `gamma` and plus `beta` where given (one element for each
 * point of those axes, of x's dtype), same shape. Source: Ba et al. 2016, arXiv:1607.06450.
 */
export function layerNorm<X extends Tensor>(x: X, options: LayerNormOptions = {}): Same<X> {
  const values = asFloat('layerNorm', x)
  checkKeys('layerNorm', options, ['gamma', 'beta', 'axis', 'epsilon'])
  const { axis = -1, epsilon = 1e-3, gamma, beta } = options
  checkNumber('layerNorm', 'epsilon', epsilon, (v) => v >= 0, 'a number from 0')
  const axes = normalizeAxes('layerNorm', axis, values.shape)
  return affineT(
    layerNormT(values, axes, epsilon),
    partAlong('layerNorm', 'gamma', gamma, values, axes),
    partAlong('layerNorm', 'beta', beta, values, axes),
  ) as never
}

/** A part where given, checked and in a shape that broadcasts to x. */
function partAlong(
  op: string,
  name: string,
  part: Tensor | undefined,
  x: Tensor,
  axes: readonly number[],
): Tensor | undefined {
  if (part === undefined) return undefined
  checkPart(op, name, part, x, axes)
  return alongAxes(part, x.shape, axes)
}

/** Options of norms over channels. */
export interface ChannelOptions extends AffineOptions {
  /** The axis of the channels, the last by default; the first axis is the batch. */
  readonly axis?: number
  /** Added to the variance, 1e-3 by default as in Keras; PyTorch has 1e-5. */
  readonly epsilon?: number
}

/** The channel axis of a norm that treats every element of a batch alone. */
function channelAxis(op: string, x: Tensor, axis: number, rank: number): number {
  const channels = normalizeAxis(op, axis, x.shape)
  if (x.shape.length < rank || channels === 0)
    throw new GraphError(
      `${op}: x must have a batch axis first, then ${rank - 1 > 1 ? 'channels and at least one axis more' : 'channels'}; ` +
        `it is ${describe(x)} and its channels are said to be axis ${channels}`,
    )
  return channels
}

/**
 * For each element of the batch (axis 0) and each of `groups` equal groups of neighbouring channels: (x - mean) /
 * sqrt(variance + epsilon) over the group and all other axes, then times `gamma` and plus `beta` where given ([channels],
 * of x's dtype); same shape. Throws where the groups do not divide the channels. Source: Wu and He 2018, arXiv:1803.08494.
 */
export function groupNorm<X extends Tensor>(x: X, options: ChannelOptions & { readonly groups: number }): Same<X> {
  const values = asFloat('groupNorm', x)
  checkKeys('groupNorm', options, ['groups', 'gamma', 'beta', 'axis', 'epsilon'])
  const { groups, axis = -1, epsilon = 1e-3, gamma, beta } = options
  const channels = channelAxis('groupNorm', values, axis, 2)
  const extent = values.shape[channels]!
  checkNumber('groupNorm', 'groups', groups, (n) => Number.isInteger(n) && n > 0 && extent % n === 0, `a divisor of the ${extent} channels`) // prettier-ignore
  checkEpsilon('groupNorm', epsilon)
  const given = { gamma, beta }
  const parts = (Object.keys(given) as (keyof typeof given)[]).filter((name) => given[name] !== undefined)
  for (const name of parts) checkPart('groupNorm', name, given[name], values, [channels])
  const attrs = { axis: channels, groups, epsilon, parts: parts as readonly NormPart[] }
  return apply(groupNormOp, [values, ...parts.map((name) => given[name]!)], attrs) as never
}

/**
 * For each element of the batch (axis 0) and each channel: (x - mean) / sqrt(variance + epsilon) over all other axes, of
 * which there must be one, then times `gamma` and plus `beta` where given ([channels], of x's dtype); same shape.
 * Source: Ulyanov et al. 2016, arXiv:1607.08022.
 */
export function instanceNorm<X extends Tensor>(x: X, options: ChannelOptions = {}): Same<X> {
  const values = asFloat('instanceNorm', x)
  checkKeys('instanceNorm', options, ['gamma', 'beta', 'axis', 'epsilon'])
  const { axis = -1, epsilon = 1e-3, gamma, beta } = options
  const channels = channelAxis('instanceNorm', values, axis, 3)
  checkEpsilon('instanceNorm', epsilon)
  const others = values.shape.flatMap((_, i) => (i === 0 || i === channels ? [] : [i]))
  return affineT(
    layerNormT(values, others, epsilon),
    partAlong('instanceNorm', 'gamma', gamma, values, [channels]),
    partAlong('instanceNorm', 'beta', beta, values, [channels]),
  ) as never
}

/**
 * x / sqrt(mean(x²) + epsilon) over axes, then times `gamma` where given (one element for each point of those axes, of
 * x's dtype), same shape. Source: Zhang and Sennrich 2019, arXiv:1910.07467; epsilon as in Keras.
 */
export function rmsNorm<X extends Tensor>(
  x: X,
  options: {
    /** The axis or axes that are normalised, the last by default. */
    readonly axis?: number | readonly number[]
    /** Added to the mean square, 1e-6 by default. */
    readonly epsilon?: number
    /** Factors after normalising. */
    readonly gamma?: Tensor
  } = {},
): Same<X> {
  const values = asFloat('rmsNorm', x)
  checkKeys('rmsNorm', options, ['gamma', 'axis', 'epsilon'])
  const { axis = -1, epsilon = 1e-6, gamma } = options
  checkEpsilon('rmsNorm', epsilon)
  const axes = normalizeAxes('rmsNorm', axis, values.shape)
  const part = partAlong('rmsNorm', 'gamma', gamma, values, axes)
  const normal = apply(rmsNormOp, [values], { axes, epsilon })
  return (part ? mulT(normal, part) : normal) as never
}

/**
 * x / (bias + alpha s)^beta, where s is the sum of x² over the channels at most `depthRadius` away, same shape. Channels
 * that do not exist count as 0. As in TensorFlow, defaults included; ONNX and PyTorch divide alpha by the number of
 * channels 2 depthRadius + 1 and have other defaults. Source: Krizhevsky et al. 2012, "ImageNet classification with deep
 * convolutional neural networks", section 3.3.
 */
export function localResponseNorm<X extends Tensor>(
  x: X,
  options: {
    /** How many channels on either side count, 5 by default. */
    readonly depthRadius?: number
    /** A positive number, 1 by default. */
    readonly bias?: number
    /** Weight of the sum of squares, 1 by default. */
    readonly alpha?: number
    /** The exponent, 0.5 by default. */
    readonly beta?: number
    /** The axis of the channels, the last by default. */
    readonly axis?: number
  } = {},
): Same<X> {
  checkKeys('localResponseNorm', options, ['depthRadius', 'bias', 'alpha', 'beta', 'axis'])
  const { depthRadius = 5, bias = 1, alpha = 1, beta = 0.5, axis = -1 } = options
  const op = 'localResponseNorm'
  const values = asFloat(op, x)
  checkNumber(op, 'depthRadius', depthRadius, (n) => Number.isInteger(n) && n >= 0, 'a whole number from 0')
  checkNumber(op, 'bias', bias, (v) => v > 0 && v < Infinity, 'a positive number')
  checkNumber(op, 'alpha', alpha, (v) => v >= 0 && v < Infinity, 'a number from 0')
  checkNumber(op, 'beta', beta, Number.isFinite, 'a number')
  const attrs = { axis: normalizeAxis(op, axis, values.shape), depthRadius, bias, alpha, beta }
  return apply(localResponseNormOp, [values], attrs) as never
}
