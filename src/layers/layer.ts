import { GraphError } from '../ir/errors'
import { requireFlag } from '../ir/names-of'
import { type Site, siteOfCall } from '../ir/origin'
import { isTensor, type Tensor } from '../ir/tensor'
import type { Update } from '../ir/variable'
import { applyLayer } from './apply'
import type { CallOptions } from './call-options'
import { checkCall } from './check-call'
import { checkedRule, partsBy } from './check-rule'
import { explained, type Given, type Options, type Parsed, parseOptions, writeOptions } from './option'
import { layerOptions, type SharedOptions } from './shared-options'
import { orderedWeights, valuesOfLayer, weightsThat } from './layer-weights'
import { isSymbolic, type Symbolic } from './symbolic'
import { title } from './title'
import type { Weight, WeightOptions, WeightValues } from './weight'

export type { CallOptions } from './call-options'

/** What a layer sees of the call that is under way. */
export interface Call {
  /** Whether to behave as in training; a layer that is frozen does not. */
  readonly training: boolean
  /** Whether to draw what training draws, such as what is dropped; a layer that is frozen does. */
  readonly draws: boolean
  /** The masks of the inputs. */
  readonly masks: readonly (Tensor | undefined)[]
  readonly options: CallOptions
  /** The layers that are parts of this one. */
  readonly parts: Readonly<Record<string, AnyLayer>>
  /** A weight of the layer, made at the first call; the shape may depend on the inputs, but not on their batch. */
  weight(name: string, shape: readonly number[], options?: WeightOptions): Tensor
  /** Calls a layer that is part of this one; its weights appear under its name or its key, or under `name`. */
  layer(part: AnyLayer, inputs: Tensor | readonly Tensor[], options?: CallOptions, name?: string): readonly Tensor[]
  /** What a part sees of a call on such inputs, for a layer that uses its weights by itself; they appear as those of `layer`. */
  within(part: AnyLayer, inputs: Tensor | readonly Tensor[], name?: string): Call
  /** A scalar to add to the loss. */
  loss(value: Tensor): void
  /** Updates that belong to the result. They are dropped where the layer only predicts. */
  update(updates: readonly Update[]): void
  /** Updates that belong to the result of a prediction, too: state that goes on from call to call. */
  keep(updates: readonly Update[]): void
}

/** Mask of each result: that of the input, none, or one found from both. */
export type MaskRule<O> = (
  masks: readonly (Tensor | undefined)[],
  inputs: readonly Tensor[],
  outputs: readonly Tensor[],
  options: O,
  at: Call,
) => Tensor | undefined | readonly (Tensor | undefined)[]

/** One step over a batch and what it goes on from. */
export interface Cell {
  /** Shapes of the state, with the batch, in their order. */
  readonly shapes: readonly (readonly number[])[]
  step(x: Tensor, state: readonly Tensor[]): { readonly output: Tensor; readonly state: readonly Tensor[] }
}
/**
 * The steps of a cell over inputs that are like `x`, [batch, ...]. What all of them share is made here: weights, and what
 * is dropped.
 */
export type CellRule<O> = (x: Tensor, options: O, at: Call) => Cell

/** Everything there is to say about one kind of layer. */
export interface LayerRule<T extends Options = Options, M extends object = object> {
  /** Keras's name of the class. */
  readonly className: string
  /** The name that instances get, Keras's: `batch_normalization`. */
  readonly name: string
  readonly options: T
  /** How many inputs it takes, one by default. */
  readonly arity?: { readonly least: number; readonly most: number }
  /** Throws a GraphError for options that do not go together. */
  check?(options: Parsed<T>, where: string): void
  /** From inputs to one result or several. */
  call(inputs: readonly Tensor[], options: Parsed<T>, at: Call): Tensor | readonly Tensor[]
  /**
   * `pass` hands the mask of the (first) input on, `own` leaves what the layers inside have set; without a rule there is none
   * behind the layer.
   */
  readonly mask?: 'pass' | 'own' | MaskRule<Parsed<T>>
  /** Layers that are parts of it, by the names under which weights appear of those that have none of their own. */
  parts?(options: Parsed<T>, shared: Parsed<SharedOptions>): Readonly<Record<string, AnyLayer>>
  /** Its weights as Keras has them, where that is not its own first and then those of its parts. */
  order?(weights: readonly Weight[]): Weight[]
  /** Of a layer that is one step of a recurrent one: see `defineCell`. */
  readonly cell?: CellRule<Parsed<T>>
  /** What only some layers have: resetting of state, statistics from data. */
  methods?(layer: AnyLayer, options: Parsed<T>): M
}

/** A layer as plain data, as Keras writes it. */
export interface LayerConfig {
  readonly className: string
  readonly config: Readonly<Record<string, unknown>>
}

/** The parts of a layer that the library itself works with. */
export interface LayerState {
  readonly rule: LayerRule<never>
  /** Replaced by what is learnt from data, where that is part of the config. */
  options: Parsed<Options>
  readonly shared: Parsed<SharedOptions>
  /** Own weights in the order of creation. */
  readonly weights: Map<string, Weight>
  readonly parts: Readonly<Record<string, AnyLayer>>
  /** Given by the user, or by the model that it became part of. */
  name?: string
  /** Where its weights appear; settled when they are first computed with. */
  path?: string
  trainable: boolean
  /** Where it was made: the line that its tensors have. */
  readonly site: Site | undefined
}

type Result<T, Many extends boolean> = Many extends true ? readonly T[] : T
/**
 * A layer: called on tensors inside the body of an entry it computes, called on symbolic tensors it becomes part of a
 * model. Its weights are made at the first call and shared by all.
 */
export interface Layer<Many extends boolean = false> {
  (x: Tensor | readonly Tensor[], options?: CallOptions): Result<Tensor, Many>
  (x: Symbolic | readonly Symbolic[], options?: CallOptions<Symbolic>): Result<Symbolic, Many>
  readonly className: string
  readonly name: string
  /** Whether training changes its weights and those of its parts. */
  trainable: boolean
  /** Weights as Keras orders them: those trained, then the others, then those of its parts. None before the first call. */
  readonly weights: readonly Weight[]
  /** Those that training changes, in the order of `weights`: none of a layer that is frozen, nor of one inside it. */
  readonly trainableWeights: readonly Weight[]
  /** The others: what is frozen, and what is kept but not trained, such as running statistics. */
  readonly nonTrainableWeights: readonly Weight[]
  /** Layers that it is made of. */
  readonly layers: readonly AnyLayer[]
  /** Plain JSON from which `layerFromConfig` makes the same layer, without the values of its weights. */
  getConfig(): LayerConfig
  /** Copies of the values of its weights, each of its weight's size. Without any a model makes first ones, a layer throws. */
  getWeights(): readonly ArrayLike<number>[]
  /**
   * Sets the values of its weights, in their order: flat lists in the order of rows, or what says its shape, nested arrays and
   * typed arrays with a `shape`. Throws, and sets nothing, where counts or shapes differ.
   */
  setWeights(values: readonly WeightValues[]): void
  /** Not for users. */
  readonly state: LayerState
}
/** A layer, whether it gives one tensor or several. */
export type AnyLayer = Layer<boolean>

/** What makes layers of a class from options. */
export interface LayerFactory<T extends Options, M extends object = object> {
  /** A layer of this class. Throws a GraphError for options that do not fit. */
  (...options: object extends LayerInput<T> ? [options?: LayerInput<T>] : [options: LayerInput<T>]): Layer & M
  readonly rule: LayerRule<T, M>
}
export type LayerInput<T extends Options> = Given<T> & Given<SharedOptions>

/** A factory of layers of one kind. */
export function defineLayer<const T extends Options, M extends object = object>(
  given: LayerRule<T, M>,
): LayerFactory<T, M> {
  const rule = checkedRule(given)
  const table = { ...rule.options, ...layerOptions }
  const factory = (given: object = {}): Layer & M => {
    const all = parseOptions(rule.className, table, given)
    const own = Object.fromEntries(Object.keys(rule.options).map((key) => [key, all[key as never]]))
    const shared = Object.fromEntries(Object.keys(layerOptions).map((key) => [key, all[key as never]]))
    rule.check?.(own as never, rule.className)
    return makeLayer(rule, own as never, shared as never)
  }
  return Object.assign(factory, { rule })
}

/** A callable object of a rule and options that have been checked. */
export function makeLayer<T extends Options, M extends object = object>(
  rule: LayerRule<T, M>,
  options: Parsed<T>,
  shared: Parsed<SharedOptions>,
  /** Layers that it is made of, where they may change. */
  partsNow?: () => readonly AnyLayer[],
): Layer & M {
  const state: LayerState = {
    rule: rule as never,
    options: options,
    shared,
    weights: new Map(),
    parts: partsBy(rule, options, shared),
    trainable: shared.trainable,
    site: siteOfCall(),
    ...(shared.name === undefined ? {} : { name: shared.name }),
  }
  if (!state.trainable) for (const part of Object.values(state.parts)) part.trainable = false
  const layer = ((x: unknown, callOptions: object = {}) => {
    const list = Array.isArray(x) ? (x as unknown[]) : [x]
    if (!list.every(isTensor) && !list.every(isSymbolic))
      throw new GraphError(
        `${title(layer)}: expected tensors of an entry, or symbolic tensors of a model such as input({ shape: [4] })`,
      )
    checkCall(title(layer), list, callOptions)
    return applyLayer(layer, list, Array.isArray(x), callOptions)
  }) as unknown as Layer
  const partsOf = partsNow ?? ((): readonly AnyLayer[] => Object.values(state.parts))
  const property = (get: () => unknown, set?: (value: never) => void): PropertyDescriptor => ({
    get,
    ...(set ? { set } : {}),
    enumerable: true,
    configurable: true,
  })
  Object.defineProperties(layer, {
    className: property(() => rule.className),
    name: property(() => state.name ?? rule.name),
    trainable: property(
      () => state.trainable,
      (value: boolean) => {
        requireFlag(`${title(layer)}: trainable`, value)
        state.trainable = value
        for (const part of partsOf()) part.trainable = value
      },
    ),
    weights: property(() => orderedWeights(layer)),
    trainableWeights: property(() => weightsThat(true, layer)),
    nonTrainableWeights: property(() => weightsThat(false, layer)),
    layers: property(partsOf),
    state: { value: state },
  })
  return Object.assign(layer, {
    getConfig: () => ({
      className: rule.className,
      config: explained(title(layer), () => ({
        ...writeOptions(layerOptions, { ...shared, name: layer.name, trainable: state.trainable }),
        ...writeOptions(rule.options, state.options as Parsed<T>),
      })),
    }),
    ...valuesOfLayer(layer),
    ...rule.methods?.(layer, options),
  }) as unknown as Layer & M
}
