import type { Shape } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import type { DataOf, DType } from '../ir/type'
import type { Update, Variable } from '../ir/variable'

/** The declared type of an input; dimensions are numbers or names. */
export interface Spec<S extends Shape = Shape, D extends DType = DType> {
  readonly dims: readonly (number | string)[]
  readonly dtype: D
  /** Present in the types only. */
  readonly shape?: S
}
export type Specs = Readonly<Record<string, Spec>>
type SpecShape<P> = P extends Spec<infer S, DType> ? S : never
type SpecDType<P> = P extends Spec<Shape, infer D> ? D : never
export type Inputs<I extends Specs> = { readonly [K in keyof I]: Tensor<SpecShape<I[K]>, SpecDType<I[K]>> }
export type Outputs = Readonly<Record<string, Tensor>>

export interface EntryBody {
  readonly outputs: Outputs
  readonly updates?: readonly Update[]
}

/** One function of a program, not yet traced: its inputs and how to build its graph. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- an entry of any inputs, outputs and variables
export interface Entry<I extends Specs = any, O extends Outputs = any, V extends Variable = any> {
  readonly inputs: I
  /** Builds the graph over stand-ins for the inputs. */
  readonly body: (inputs: never) => EntryBody
  /** Present in the types only. */
  readonly result?: { readonly outputs: O; readonly variables: V }
}

type Deep = number | boolean | readonly Deep[]
/** What a value of a dtype is as a number of JavaScript: booleans are for bool only. */
type Element<D extends DType> = D extends 'bool' ? number | boolean : number
type DeepOf<E> = E | readonly DeepOf<E>[]
/** Nested arrays of the rank of a shape. */
export type NestedOf<S extends Shape, E = number | boolean> = number extends S['length']
  ? DeepOf<E>
  : S extends readonly [number, ...infer R extends Shape]
    ? readonly NestedOf<R, E>[]
    : E
/** What an input takes: a typed array of its dtype in row-major order, nested arrays of its rank, a number for rank 0. */
export type Feed<S extends Shape, D extends DType> = S extends readonly []
  ? Element<D>
  : DataOf<D> | NestedOf<S, Element<D>> | (D extends 'int32' ? BigInt64Array : never)
/** What an output gives: a number for rank 0, else a typed array with its shape. */
export type Value<S extends Shape = Shape, D extends DType = DType> = S extends readonly []
  ? number
  : number extends S['length']
    ? number | (DataOf<D> & { readonly shape: readonly number[] })
    : DataOf<D> & { readonly shape: S }
/** What a compiled entry is fed, by the names of its inputs. */
export type Feeds<I extends Specs> = { readonly [K in keyof I]: Feed<SpecShape<I[K]>, SpecDType<I[K]>> }
/** What a compiled entry gives, by the names of its outputs. */
export type Results<O extends Outputs> = { [K in keyof O]: Value<O[K]['shape'], O[K]['dtype']> }

/** A compiled entry: feeds in, outputs back, updates made. Outputs show the state before the updates. */
export interface Run<I extends Specs, O extends Outputs> {
  (feeds: Feeds<I>): Results<O>
}

type Find<V extends Variable, N> = Extract<V, { name: N }>
/** The variables of a program by name, by any suffix of a name that is not ambiguous, or by the variable itself. */
export interface State<V extends Variable = Variable> {
  readonly names: readonly string[]
  /** The value of a variable now. Throws a FeedError that lists the names where there is none such. */
  get<const N extends V['name']>(name: N): Value<Find<V, N>['shape'], Find<V, N>['dtype']>
  /** The value of a variable now. */
  get<T extends Variable>(variable: T): Value<T['shape'], T['dtype']>
  /** The value of a variable whose name is known only when the program runs. */
  get(name: string): Value
  /** Sets a variable: of its shape, as an array of its dtype or nested arrays. Throws, and sets nothing, where that does not fit. */
  set<const N extends V['name']>(name: N, value: Feed<Find<V, N>['shape'], Find<V, N>['dtype']>): void
  /** Sets a variable. */
  set<T extends Variable>(variable: T, value: Feed<T['shape'], T['dtype']>): void
  /** Sets a variable whose name is known only when the program runs. */
  set<N extends string>(
    name: N extends V['name'] ? never : N,
    value: Deep | Float32Array | Float64Array | Int32Array | Uint8Array,
  ): void
  /** All state back to its first values, those of the given seed or of the program's. */
  reset(seed?: number): void
}

export interface Common<V extends Variable> {
  readonly state: State<V>
  /** Resolves when the workers are ready, at once where there are none. Until then every step runs on one thread. */
  readonly ready: Promise<void>
  /** Ends the workers. What is called afterwards runs on one thread. */
  dispose(): void
}
/** A compiled program: a run function for each entry, over one state. */
export type Program<P extends Record<string, Entry>> = {
  readonly [K in keyof P]: P[K] extends Entry<infer I, infer O, Variable> ? Run<I, O> : never
} & Common<VariablesOf<P[keyof P]>>
type VariablesOf<E> = E extends { readonly result?: { readonly variables: infer V extends Variable } } ? V : never
export type Reserved<P> = {
  [K in keyof P]: K extends 'state' | 'ready' | 'dispose' ? `compile: an entry may not be named ${K}` : P[K]
}
/** What `compile` gives: a run function for one entry, a program for several. */
export type Compiled<P> =
  P extends Entry<infer I, infer O, infer V>
    ? Run<I, O> & Common<V>
    : P extends Record<string, Entry>
      ? Program<P>
      : never
