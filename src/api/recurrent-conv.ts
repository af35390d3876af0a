import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { describe, isTensor, type Tensor } from '../ir/tensor'
import { addT } from '../ops/arith'
import { partT } from '../ops/pieces'
import { reshapeT } from '../ops/view'
import { conv1d, conv2d, conv3d } from './conv'
import type { ConvOptions } from './conv-options'
import { steps } from './recurrent'
import { type Activation, activationsOf, gatewise, lstmGates } from './recurrent-cells'
import { checkFeatures, checkPart, firstState } from './recurrent-checks'
import { type Sequence, STEP_OPTIONS, type StepOptions } from './recurrent-options'
import { type FactorOptions, factorsOf, type RecurrentWeights } from './recurrent-weights'
import { named } from './leaf'
import { checkFormat, type FormatOption, type Padding, type PerDim } from './window-options'

export interface ConvLstmCellOptions extends FormatOption, FactorOptions {
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
/** Options of `convLstm2d`. */
export interface ConvLstmOptions<T extends boolean = boolean> extends StepOptions<T>, ConvLstmCellOptions {
  /** [batch, ...] of the shape of a step's output each, or what stretches to it; zeros by default. */
  readonly initialState?: { readonly h: Tensor; readonly c: Tensor }
}

const OPTIONS: readonly (keyof ConvLstmOptions)[] = [
  ...STEP_OPTIONS,
  'strides',
  'padding',
  'dilations',
  'dataFormat',
  'activation',
  'recurrentActivation',
  'inputFactors',
  'stateFactors',
  'initialState',
]

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
  checkKeys('convLstm2d', options, OPTIONS)
  return layer(x, weights, options) as never
}

type State = { readonly h: Tensor; readonly c: Tensor }

function layer(x: Tensor, weights: RecurrentWeights, options: ConvLstmOptions): Sequence {
  const op = 'convLstm2d'
  const { timeMajor = false, dataFormat = 'channelsLast' } = options
  const form = dataFormat === 'channelsLast' ? 'rows, columns, channels' : 'channels, rows, columns'
  checkFeatures(op, x, 5, timeMajor ? `[steps, batch, ${form}]` : `[batch, steps, ${form}]`)
  const axis = timeMajor ? 0 : 1
  const frame = reshapeT(partT(x, axis, 0, 1), x.shape.toSpliced(axis, 1))
  const { shape, step } = convLstmCell(op, frame, weights, options)
  const initialState = firstState(op, ['h', 'c'], options.initialState, { dtype: x.dtype, shape })
  const cell = (slice: Tensor, state: State) => {
    const next = step(slice, state)
    return { output: next.h, state: next }
  }
  return steps(op, x, cell as never, { ...options, initialState })
}

const NAMES = ['kernel', 'recurrentKernel', 'bias']
type Conv = (x: Tensor, kernel: Tensor, options: ConvOptions) => Tensor
const CONVOLUTIONS = [conv1d, conv2d, conv3d] as unknown as readonly Conv[]

/**
 * The step of a convolutional LSTM over frames like `x`, [batch, ...positions, channels] of one to three dimensions, and the
 * shape of what it makes of them. `op` is named in messages. See `convLstm2d`.
 */
export function convLstmCell(
  op: string,
  x: Tensor,
  weights: RecurrentWeights,
  options: ConvLstmCellOptions = {},
): { readonly shape: readonly number[]; readonly step: (x: Tensor, state: State) => State } {
  const { strides, padding, dilations, dataFormat: format = 'channelsLast' } = options
  const spatial = x.shape.length - 2
  checkFormat(op, format)
  if (typeof weights !== 'object' || weights === null || isTensor(weights))
    throw new GraphError(`${op}: weights are a record { ${NAMES.join(', ')} }`)
  for (const name of Object.keys(weights))
    if (!NAMES.includes(name))
      throw new GraphError(`${op}: "${name}" is none of the weights, which are ${NAMES.join(', ')}`)
  const { kernel, recurrentKernel, bias } = weights
  const check = (name: string, part: unknown, shape: readonly (number | null)[]): void =>
    checkPart(op, name, part, x.dtype, shape, `for x ${describe(x)}`)
  const windows = Array.from({ length: spatial }, () => null)
  check('recurrentKernel', recurrentKernel, [...windows, null, null])
  const filters = recurrentKernel.shape[spatial]!
  check('recurrentKernel', recurrentKernel, [...windows, filters, 4 * filters])
  const channel = format === 'channelsLast' ? spatial + 1 : 1
  check('kernel', kernel, [...windows, x.shape[channel]!, 4 * filters])
  if (bias) check('bias', bias, [4 * filters])

  const conv = CONVOLUTIONS[spatial - 1]!
  const given = { strides, padding, dilations }
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const ofInput = (frame: Tensor, by: Tensor): Tensor => conv(frame, by, { ...own, dataFormat: format })
  const ofState = (h: Tensor, by: Tensor): Tensor => conv(h, by, { padding: 'same', dataFormat: format })
  const shape = ofInput(x, kernel).shape.with(channel, filters)
  const { inputFactors, stateFactors } = factorsOf(op, options, 4, x.dtype, {
    input: x.shape.with(0, null as never),
    state: shape.with(0, null as never),
  })
  const shift = bias && reshapeT(bias, x.shape.map((_, i) => (i === channel ? 4 * filters : 1))) // prettier-ignore
  const activations = activationsOf(op, options)
  const step = (frame: Tensor, { h, c }: State): State => {
    const sum = addT(
      gatewise(frame, kernel, inputFactors, ofInput, channel),
      gatewise(h, recurrentKernel, stateFactors, ofState, channel),
    )
    return lstmGates(named('z', shift ? addT(sum, shift) : sum), c, activations, channel)
  }
  return { shape, step }
}
