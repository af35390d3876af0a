import { GraphError } from '../ir/errors'
import { describe, requireTensor, type Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import type { DataFormat } from '../ops/window'
import { checkNumber } from './build'
import type { FormatOption, Padding, PerDim } from './window-options'

/** Options of depthwise convolutions, and what all convolutions share. */
export interface DepthwiseOptions<F extends DataFormat = DataFormat> extends FormatOption<F> {
  /** How far apart windows begin, 1 by default. */
  readonly strides?: PerDim
  /** `valid` by default. */
  readonly padding?: Padding
  /** How far apart the taps of a window are, 1 by default. */
  readonly dilations?: PerDim
}

/** Options of convolutions. */
export interface ConvOptions<F extends DataFormat = DataFormat, G extends number = number> extends DepthwiseOptions<F> {
  /** Groups of channels that are convolved by themselves, 1 by default. */
  readonly groups?: G
}
/** Options of `conv1d`, which has causal padding too. */
export interface Conv1dOptions<F extends DataFormat = DataFormat, G extends number = number> extends Omit<
  ConvOptions<F, G>,
  'padding'
> {
  /** Also `causal`: all padding in front, so that no window sees what comes after it. */
  readonly padding?: Padding | 'causal'
}

/** Options of transposed convolutions. */
export interface ConvTransposeOptions<F extends DataFormat = DataFormat, G extends number = number> extends ConvOptions<
  F,
  G
> {
  /** Extends the result at the end, as in Keras and PyTorch; which size is meant is else ambiguous for strides above 1. */
  readonly outputPadding?: PerDim
}

/** The shape of a result, or the message for shapes or dtypes that do not go together. */
export type Fits<R, D> = R extends string ? R : [D] extends [DType] ? R : D

export function checkKernel(op: string, kernel: Tensor, spatial: number): void {
  requireTensor(op, kernel)
  if (kernel.shape.length !== spatial + 2)
    throw new GraphError(
      `${op}: the kernel must have ${spatial + 2} dimensions (taps, then channels), got ${describe(kernel)}`,
    )
}

export const checkGroups = (op: string, groups: number): void =>
  checkNumber(op, 'groups', groups, (n) => Number.isInteger(n) && n >= 1, 'a whole number from 1')
