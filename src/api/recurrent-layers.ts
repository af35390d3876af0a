import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import { steps } from './recurrent'
import { type Activation, activationsOf, gruStep, lstmStep, simpleStep } from './recurrent-cells'
import { checkFeatures, firstState } from './recurrent-checks'
import { type Sequence, STEP_OPTIONS, type StepOptions } from './recurrent-options'
import {
  type AnyWeights,
  type FactorOptions,
  factorsOf,
  type Projections,
  projectionsOf,
  type RecurrentWeights,
  type TorchRecurrentWeights,
  type Units,
} from './recurrent-weights'

/** Options of `simpleRnn`. */
export interface CellOptions extends FactorOptions {
  /** Of the new values, tanh by default. */
  readonly activation?: Activation
}
/** Options of `lstm` and `gru`. */
export interface GateOptions extends CellOptions {
  /** Of the gates, sigmoid by default. */
  readonly recurrentActivation?: Activation
}
interface ResetOption {
  /**
   * The reset gate acts on the state after its projection (the default, and PyTorch's way), or on the state itself, as in
   * the first version of the paper; the bias of Keras is [2, 3 * units] then or [3 * units].
   */
  readonly resetAfter?: boolean
}
/** Of a layer whose state is its output, [batch, units]. */
export type HiddenState = { readonly h: Tensor }
/** Of an LSTM: its output and what its cells remember, [batch, units] each. */
export type LstmState = { readonly h: Tensor; readonly c: Tensor }
interface KerasConvention {
  /** How weights lie and gates are ordered, `keras` by default. */
  readonly convention?: 'keras'
}
interface TorchConvention {
  readonly convention: 'torch'
}

type Rows<X extends Shape, U extends number> = X extends readonly [infer B extends number, ...unknown[]]
  ? [B, U]
  : Shape
type Steps<X extends Shape, U extends number> = X extends readonly [
  infer A extends number,
  infer B extends number,
  number,
]
  ? [A, B, U]
  : Shape
type BatchOf<X extends Shape, T extends boolean> = X extends readonly [
  infer A extends number,
  infer B extends number,
  ...unknown[],
]
  ? T extends true
    ? B
    : A
  : number
type Named<N extends string, S extends Shape, D extends Tensor['dtype']> = { readonly [K in N]: Tensor<S, D> }

/** A layer over sequences, in both conventions. */
interface Layer<N extends string, F, O, Reset = object> {
  <X extends Tensor, W extends RecurrentWeights, const T extends boolean = false>(
    x: X,
    weights: W,
    options?: StepOptions<T> & InitialState<F> & O & Reset & KerasConvention,
  ): Layered<N, X, Units<W>, T>
  <X extends Tensor, W extends TorchRecurrentWeights, const T extends boolean = false>(
    x: X,
    weights: W,
    options: StepOptions<T> & InitialState<F> & O & TorchConvention,
  ): Layered<N, X, Units<W>, T>
}
type Layered<N extends string, X extends Tensor, U extends number, T extends boolean> = Sequence<
  Tensor<Steps<X['shape'], U>, X['dtype']>,
  Tensor<[BatchOf<X['shape'], T>, U], X['dtype']>,
  Named<N, [BatchOf<X['shape'], T>, U], X['dtype']>
>
interface InitialState<F> {
  /** [batch, units] each, or what stretches to it; zeros by default. */
  readonly initialState?: F
}
/** A step of such a layer. */
interface Cell<N extends string, F, O, Reset = object> {
  <X extends Tensor, W extends RecurrentWeights>(
    x: X,
    state: F,
    weights: W,
    options?: O & Reset & KerasConvention,
  ): Stepped<N, X, Units<W>>
  <X extends Tensor, W extends TorchRecurrentWeights>(
    x: X,
    state: F,
    weights: W,
    options: O & TorchConvention,
  ): Stepped<N, X, Units<W>>
}
interface Stepped<N extends string, X extends Tensor, U extends number> {
  readonly output: Tensor<Rows<X['shape'], U>, X['dtype']>
  readonly state: Named<N, Rows<X['shape'], U>, X['dtype']>
}

interface AnyOptions extends GateOptions, ResetOption {
  readonly convention?: 'keras' | 'torch'
}
type State = Readonly<Record<string, Tensor>>
/** Of weights that fit the features of x: the names of the state, and one step. */
interface Made {
  readonly units: number
  readonly names: readonly string[]
  readonly step: (x: Tensor, state: State) => State
}
type Maker = (op: string, x: Tensor, weights: AnyWeights, options: AnyOptions) => Made

type OptionName = keyof AnyOptions
const SIMPLE: readonly OptionName[] = ['convention', 'activation', 'inputFactors', 'stateFactors']
const LONG_SHORT: readonly OptionName[] = [...SIMPLE, 'recurrentActivation']
const GATED: readonly OptionName[] = [...LONG_SHORT, 'resetAfter']

/** A layer of a step: its gates come from projections that are prepared once. */
function layerOf(op: string, make: Maker, known: readonly OptionName[]) {
  return (x: Tensor, weights: AnyWeights, options: AnyOptions & StepOptions & InitialState<State> = {}): Sequence => {
    checkKeys(op, options, [...known, ...STEP_OPTIONS, 'initialState'])
    checkFeatures(op, x, 3, options.timeMajor ? '[steps, batch, features]' : '[batch, steps, features]')
    const { units, names, step } = make(op, x, weights, options)
    const shape = [x.shape[options.timeMajor ? 1 : 0]!, units]
    const initialState = firstState(op, names, options.initialState, { dtype: x.dtype, shape })
    const cell = (slice: Tensor, state: State) => {
      const next = step(slice, state)
      return { output: next['h']!, state: next }
    }
    return steps(op, x, cell as never, { ...options, initialState })
  }
}

function cellOf(op: string, make: Maker, known: readonly OptionName[]) {
  return (x: Tensor, state: State, weights: AnyWeights, options: AnyOptions = {}) => {
    checkKeys(op, options, known)
    checkFeatures(op, x, 2, '[batch, features]')
    const { units, names, step } = make(op, x, weights, options)
    const next = step(x, firstState(op, names, state ?? {}, { dtype: x.dtype, shape: [x.shape[0]!, units] }, 'state'))
    return { output: next['h']!, state: next } as never
  }
}

function prepared(op: string, x: Tensor, weights: AnyWeights, gates: number, options: AnyOptions, twoRows = false) {
  const p: Projections = projectionsOf(op, x, weights, gates, options.convention ?? 'keras', twoRows)
  const shapes = { input: [null, x.shape.at(-1)!], state: [null, p.units] }
  return { ...p, ...factorsOf(op, options, gates, x.dtype, shapes) }
}

const simple: Maker = (op, x, weights, options) => {
  const p = prepared(op, x, weights, 1, options)
  const step = simpleStep(p, activationsOf(op, options))
  return { units: p.units, names: ['h'], step: (x, { h }) => ({ h: step(x, h!) }) }
}

const longShort: Maker = (op, x, weights, options) => {
  const p = prepared(op, x, weights, 4, options)
  const step = lstmStep(p, activationsOf(op, options))
  return { units: p.units, names: ['h', 'c'], step: (x, { h, c }) => step(x, { h: h!, c: c! }) }
}

const gated: Maker = (op, x, weights, options) => {
  const { convention = 'keras', resetAfter = true } = options
  checkFlags(op, options, ['resetAfter'])
  if (convention === 'torch' && !resetAfter)
    throw new GraphError(`${op}: resetAfter: false has no weights of convention: 'torch', which resets after`)
  const p = prepared(op, x, weights, 3, options, resetAfter)
  const step = gruStep(p, activationsOf(op, options), resetAfter)
  return { units: p.units, names: ['h'], step: (x, { h }) => ({ h: step(x, h!) }) }
}

/**
 * One step of `simpleRnn`: x [batch, features] and the state before { h } to the state after it, [batch, units] each; the
 * output is h.
 */
export const simpleRnnCell = cellOf('simpleRnnCell', simple, SIMPLE) as Cell<'h', HiddenState, CellOptions>
/** One step of `lstm`: x [batch, features] and the state before { h, c } to the state after it, [batch, units] each; the output is h. */
export const lstmCell = cellOf('lstmCell', longShort, LONG_SHORT) as Cell<'h' | 'c', LstmState, GateOptions>
/** One step of `gru`: x [batch, features] and the state before { h } to the state after it, [batch, units] each; the output is h. */
export const gruCell = cellOf('gruCell', gated, GATED) as Cell<'h', HiddenState, GateOptions, ResetOption>

/**
 * A recurrent layer h' = activation(x kernel + h recurrentKernel + bias) over x [batch, steps, features], or with `timeMajor`
 * [steps, batch, features]; floats, and weights of the same dtype. Gives `outputs`, h of all steps with units as last axis,
 * h after the `last` step [batch, units], and the `state` { h }, to go on from as `initialState`. By `convention: 'keras'`
 * weights are { kernel [features, units], recurrentKernel [units, units], bias [units] }, by 'torch' { weightIh [units,
 * features], weightHh [units, units], biasIh, biasHh [units] }; a bias may be missing. Steps, masks and lengths are as for
 * `rnn`. Throws a GraphError for weights of other names, shapes or dtypes.
 * Source: Elman 1990, Cognitive Science 14(2).
 */
export const simpleRnn = layerOf('simpleRnn', simple, SIMPLE) as Layer<'h', HiddenState, CellOptions>

/**
 * Long short-term memory: gates i, f and o by `recurrentActivation` and g by `activation` from one projection z = x kernel +
 * h recurrentKernel + bias; c' = f c + i g and h' = o activation(c'). x, `outputs` and `last` are as for `simpleRnn`, the
 * `state` is { h, c }. Gates lie side by side in the order i f c o of Keras, which calls g c: { kernel [features, 4 units],
 * recurrentKernel [units, 4 units], bias [4 units] }; by `convention: 'torch'` they lie one below the other in the order
 * i f g o: { weightIh [4 units, features], weightHh [4 units, units], biasIh, biasHh [4 units] }. Keras begins with a bias
 * of 1 for f, which is the caller's to do. Throws a GraphError for weights of other names, shapes or dtypes.
 * Source: Hochreiter and Schmidhuber 1997, Neural Computation 9(8), with the forget gate of Gers et al. 2000.
 */
export const lstm = layerOf('lstm', longShort, LONG_SHORT) as Layer<'h' | 'c', LstmState, GateOptions>

/**
 * Gated recurrent unit: gates z and r by `recurrentActivation`, h' = z h + (1 - z) candidate. With `resetAfter` the candidate is
 * activation(x Kh + bh + r (h Rh + ch)), without activation(x Kh + bh + (r h) Rh). x, `outputs`, `last` and `state` are as
 * for `simpleRnn`. Gates lie side by side in the order z r h of Keras: { kernel [features, 3 units], recurrentKernel [units,
 * 3 units], bias [2, 3 units] or without resetAfter [3 units] }; by `convention: 'torch'` one below the other in the order
 * r z n: { weightIh [3 units, features], weightHh [3 units, units], biasIh, biasHh [3 units] }. Throws a GraphError for
 * weights of other names, shapes or dtypes. Source: Cho et al. 2014, arXiv:1406.1078.
 */
export const gru = layerOf('gru', gated, GATED) as Layer<'h', HiddenState, GateOptions, ResetOption>
