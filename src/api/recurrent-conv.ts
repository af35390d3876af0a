import { GraphError } from '../ir/errors'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { addT } from '../ops/arith'
import { partT } from '../ops/pieces'
import { reshapeT } from '../ops/view'
import { conv2d } from './conv'
import { steps } from './recurrent'
import { type Activation, activationsOf, lstmGates } from './recurrent-cells'
import { checkFeatures, checkPart, firstState } from './recurrent-checks'
import type { Sequence, StepOptions } from './recurrent-options'
import type { RecurrentWeights } from './recurrent-weights'
import { named } from './leaf'
import { checkFormat, type FormatOption, type Padding, type PerDim } from './window-options'

export interface ConvLstmOptions<T extends boolean = boolean> extends StepOptions<T>, FormatOption {
  /** [batch, ...] of the shape of a step's output each, or what stretches to it; zeros by default. */
  readonly initialState?: { readonly h: Tensor; readonly c: Tensor }
  /** Of the convolution of x, 1 by default. */
  readonly strides?: PerDim
  /** Of the convolution of x, `valid` by default; that of the state is `same`. */
  readonly padding?: Padding
  /** Of the convolution of x, 1 by default. */
  readonly dilations?: PerDim
  /** Of the new values, tanh by default. */
  readonly activation?: Activation
  /** Of the gates, sigmoid by default. */
  readonly recurrentActivation?: Activation
}

type Frames<D extends Tensor['dtype']> = Tensor<[number, number, number, number, number], D>
type Frame<D extends Tensor['dtype']> = Tensor<[number, number, number, number], D>

/**
 * An LSTM over images whose projections are convolutions: x [batch, steps, rows, columns, channels], or with `timeMajor`
 * [steps, batch, ...]; floats, and weights of the same dtype: { kernel [k, l, channels, 4 filters], recurrentKernel [m, n,
 * filters, 4 filters], bias [4 filters] }, gates in the order i f c o as for `lstm`. x is convolved with `strides`, `padding`
 * and `dilations`, the state with padding `same`. Gives `outputs`, h of all steps with filters as channels, the `last` of
 * them, and the `state` { h, c }. Throws a GraphError for weights of other names, shapes or dtypes, and where no window fits.
 * Source: Shi et al. 2015, arXiv:1506.04214, without peepholes, as Keras has it.
 */
export function convLstm2d<X extends Tensor, const T extends boolean = false>(
  x: X,
  weights: RecurrentWeights,
  options: ConvLstmOptions<T> = {},
): Sequence<Frames<X['dtype']>, Frame<X['dtype']>, { readonly h: Frame<X['dtype']>; readonly c: Frame<X['dtype']> }> {
  return layer(x, weights, options) as never
}

const NAMES = ['kernel', 'recurrentKernel', 'bias']

function layer(x: Tensor, weights: RecurrentWeights, options: ConvLstmOptions): Sequence {
  const op = 'convLstm2d'
  const { strides, padding, dilations, dataFormat: format = 'channelsLast' } = options
  const form = format === 'channelsLast' ? 'rows, columns, channels' : 'channels, rows, columns'
  checkFeatures(op, x, 5, options.timeMajor ? `[steps, batch, ${form}]` : `[batch, steps, ${form}]`)
  checkFormat(op, format)
  if (typeof weights !== 'object' || weights === null || isTensor(weights))
    throw new GraphError(`${op}: weights are a record { ${NAMES.join(', ')} }`)
  for (const name of Object.keys(weights))
    if (!NAMES.includes(name))
      throw new GraphError(`${op}: "${name}" is none of the weights, which are ${NAMES.join(', ')}`)
  const { kernel, recurrentKernel, bias } = weights
  const check = (name: string, part: unknown, shape: readonly (number | null)[]): void =>
    checkPart(op, name, part, x.dtype, shape, `for x ${describe(x)}`)
  check('recurrentKernel', recurrentKernel, [null, null, null, null])
  const filters = recurrentKernel.shape[2]!
  check('recurrentKernel', recurrentKernel, [null, null, filters, 4 * filters])
  const channel = format === 'channelsLast' ? 3 : 1
  check('kernel', kernel, [null, null, x.shape[channel + 1]!, 4 * filters])
  if (bias) check('bias', bias, [4 * filters])

  const shift = bias && reshapeT(bias, [1, 1, 1].toSpliced(channel, 0, 4 * filters))
  const activations = activationsOf(op, options)
  const given = { strides, padding, dilations }
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const ofInput = (frame: Tensor): Tensor => conv2d(frame, kernel, { ...own, dataFormat: format })
  const step = (frame: Tensor, { h, c }: { readonly h: Tensor; readonly c: Tensor }) => {
    const sum = addT(ofInput(frame), conv2d(h, recurrentKernel, { padding: 'same', dataFormat: format }))
    const state = lstmGates(named('z', shift ? addT(sum, shift) : sum), c, activations, channel)
    return { output: state.h, state }
  }
  const shape = frameShape(x, ofInput, options.timeMajor ? 0 : 1).with(channel, filters)
  const initialState = firstState(op, ['h', 'c'], options.initialState, { dtype: x.dtype, shape })
  return steps(op, x, step as never, { ...options, initialState })
}

/** Of what a convolution makes of each step. */
function frameShape(x: Tensor, convolved: (frame: Tensor) => Tensor, axis: number): number[] {
  const first = reshapeT(partT(x, axis, 0, 1), x.shape.toSpliced(axis, 1))
  return [...convolved(first).shape]
}
