import { dropout } from '../api/dropout'
import { fill } from '../api/leaf'
import type { FactorOptions, RecurrentWeights } from '../api/recurrent-weights'
import type { Tensor } from '../ir/tensor'
import type { Initializer } from '../init/initializers'
import type { Call } from './layer'
import { axis, flag, integer, number, optional, type Parsed, required } from './option'
import { activation, biasWeight, constraint, initializer, kernelOptions, kernelWeight, regularizer } from './part-options' // prettier-ignore

// A rate of 1 would leave nothing, and nothing to learn from.
const rate = number(0, 0, 1 - Number.EPSILON / 2)

/** What every cell with kernels for its input and its state is told, with Keras's defaults. */
export const recurrentOptions = {
  activation: activation('tanh'),
  ...kernelOptions,
  recurrentInitializer: initializer('orthogonal'),
  recurrentRegularizer: regularizer(),
  recurrentConstraint: constraint(),
  dropout: rate,
  recurrentDropout: rate,
  /** Kept for the config: what is dropped follows from the seed of the program. */
  seed: optional(axis()),
}
/** The same with a number of units. */
export const unitOptions = { units: required(integer()), ...recurrentOptions }
export const gateOptions = { recurrentActivation: activation('sigmoid') }
export const forgetOptions = { unitForgetBias: flag(true) }

type RecurrentOptions = Omit<Parsed<typeof recurrentOptions>, 'seed'>

interface Shapes {
  readonly kernel: readonly number[]
  readonly recurrentKernel: readonly number[]
  readonly bias: readonly number[]
}

/** The weights of a cell. */
export function recurrentWeights(
  o: RecurrentOptions,
  at: Call,
  shapes: Shapes,
  biasInitializer = o.biasInitializer,
): RecurrentWeights {
  const kernel = at.weight('kernel', shapes.kernel, kernelWeight(o))
  const recurrentKernel = at.weight('recurrent_kernel', shapes.recurrentKernel, {
    initializer: o.recurrentInitializer,
    regularizer: o.recurrentRegularizer,
    constraint: o.recurrentConstraint,
  })
  if (!o.useBias) return { kernel, recurrentKernel }
  const bias = at.weight('bias', shapes.bias, { ...biasWeight(o), initializer: biasInitializer })
  return { kernel, recurrentKernel, bias }
}

/** First biases of an LSTM, i f c o: the forget gate begins open, with ones. */
export const forgetting =
  (initializer: Initializer, units: number): Initializer =>
  (_, random) => {
    const [i, rest] = [initializer([units], random), initializer([2 * units], random)]
    return Float64Array.from([...Array.from(i), ...Array.from({ length: units }, () => 1), ...Array.from(rest)])
  }

/** What training drops, the same at all steps: a mask for each gate, or one for all of them. */
export function dropped(
  o: RecurrentOptions,
  at: Call,
  x: Tensor,
  stateShape: readonly number[],
  gates: number,
  isApart = o.recurrentDropout > 0,
): FactorOptions {
  if (!at.draws) return {}
  const count = isApart ? gates : 1
  const masks = (rate: number, shape: readonly number[]): Tensor[] =>
    Array.from({ length: count }, () => dropout(fill([...shape], 1, { dtype: x.dtype }), rate))
  return {
    ...(o.dropout > 0 ? { inputFactors: masks(o.dropout, x.shape) } : {}),
    ...(o.recurrentDropout > 0 ? { stateFactors: masks(o.recurrentDropout, stateShape) } : {}),
  }
}
