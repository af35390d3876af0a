/*
 * The algebra of shapes on the level of types: literal tuples in, literal tuples out. Nothing here exists at run time.
 *
 * `number` stands for a dimension that is not known and `readonly number[]` for a shape whose rank is not known; both
 * agree with everything. A check that fails gives its message as a string type instead of a shape. A signature passes
 * it through `Checked` into the parameter at fault, where the editor prints it.
 */

declare const NAME: unique symbol

/** A named dimension: a number that knows its name, so that it may stand wherever a number may. */
export type Name<N extends string> = number & { readonly [NAME]: N }

/** One dimension of a shape: a literal, a `Name`, or `number` where nothing is known. */
export type Dim = number

/** A tuple of dimensions, or `readonly number[]` where not even the rank is known. */
export type Shape = readonly number[]

/** A dimension as the user writes it: `'B'` becomes `Name<'B'>`, a number stays, a computed name is any number. */
export type Named<D extends number | string> = D extends string ? (string extends D ? number : Name<D>) : D

/** A shape as the user writes it, with its names made dimensions. */
export type NamedAll<S extends readonly (number | string)[]> = { -readonly [I in keyof S]: Named<S[I]> }

/** What two dimensions can both be, `never` if they cannot agree; `number` against `B` gives `B`. */
export type Meet<A, B> = number extends A
  ? B
  : number extends B
    ? A
    : // Not `A & B` for names: TypeScript does not reduce `Name<'B'> & 784` to never.
      A extends Name<infer N>
      ? B extends Name<N>
        ? A
        : never
      : B extends Name<string>
        ? never
        : A & B

/** A shape as messages print it: `[B, 784]`. */
export type Show<S extends Shape> = number extends S['length'] ? '[...]' : `[${List<S>}]`

type List<S, Separator extends string = ''> = S extends readonly [infer H extends Dim, ...infer R]
  ? `${Separator}${ShowDim<H>}${List<R, ', '>}`
  : ''

type ShowDim<D extends Dim> = number extends D ? 'number' : D extends Name<infer N> ? N : `${D}`

/**
 * T, or the message if the result R is one. T stays the bare type parameter in the other branch: TypeScript infers an
 * argument through it, and a result that is not resolved yet lets the argument pass.
 */
export type Checked<R, T> = R extends string ? R : T

/** The result R as a shape: where it is a message, the parameter reports it and the shape is unknown. */
export type ShapeOr<R> = [R] extends [Shape] ? R : Shape

/** The shape of an element-wise operation: aligned at the right, a dimension of 1 takes the other. */
export type Broadcast<Op extends string, A extends Shape, B extends Shape> = number extends A['length'] | B['length']
  ? Shape
  : BroadcastDims<Op, A, B, A, B>

type BroadcastDims<
  Op extends string,
  A extends Shape,
  B extends Shape,
  RestA extends Shape,
  RestB extends Shape,
  Out extends Shape = [],
> = RestA extends readonly [...infer RA extends Shape, infer DA extends Dim]
  ? RestB extends readonly [...infer RB extends Shape, infer DB extends Dim]
    ? [Stretch<DA, DB>] extends [never]
      ? `${Op}: shapes ${Show<A>} and ${Show<B>} do not broadcast (${ShowDim<DA>} against ${ShowDim<DB>})`
      : BroadcastDims<Op, A, B, RA, RB, [Stretch<DA, DB>, ...Out]>
    : [...RestA, ...Out]
  : [...RestB, ...Out]

// `1 extends A` reads "A may be 1": it holds for 1, for unions with 1 and for `number`, but for no name.
type Stretch<A extends Dim, B extends Dim> = 1 extends A
  ? 1 extends B
    ? A | B
    : B
  : 1 extends B
    ? A
    : Meet<A, B> & Dim

/** The shape of a matrix product: vectors as in NumPy, leading dimensions broadcast. */
export type MatMul<A extends Shape, B extends Shape> = number extends A['length'] | B['length']
  ? Shape
  : Product<LeftParts<A>, RightParts<B>>

// [batch, what remains, what is summed]; a vector is a matrix whose other dimension does not remain.
type LeftParts<A extends Shape> = A extends readonly [...infer Batch extends Shape, infer M extends Dim, infer K]
  ? [Batch, [M], K]
  : A extends readonly [infer K]
    ? [[], [], K]
    : 'matmul: the first operand is a scalar'

type RightParts<B extends Shape> = B extends readonly [...infer Batch extends Shape, infer K, infer N extends Dim]
  ? [Batch, [N], K]
  : B extends readonly [infer K]
    ? [[], [], K]
    : 'matmul: the second operand is a scalar'

type Product<L, R> = L extends [infer BatchL extends Shape, infer M extends Shape, infer K extends Dim]
  ? R extends [infer BatchR extends Shape, infer N extends Shape, infer K2 extends Dim]
    ? [Meet<K, K2>] extends [never]
      ? `matmul: inner dimensions ${ShowDim<K>} and ${ShowDim<K2>} differ`
      : Append<Broadcast<'matmul batch', BatchL, BatchR>, [...M, ...N]>
    : R
  : L

type Append<R, Last extends Shape> = R extends Shape ? [...R, ...Last] : R

/** The positions of S: `0 | 1` for two dimensions. */
export type Indices<S extends Shape> = S extends readonly [Dim, ...infer R extends Shape]
  ? R['length'] | Indices<R>
  : never

/** The position in S that axis A means (-1 is the last), `never` if there is none, `number` where it is not known. */
export type Axis<S extends Shape, A extends number, Passed extends Shape = []> = number extends A | S['length']
  ? number
  : S extends readonly [Dim, ...infer R extends Shape]
    ? A extends Passed['length']
      ? A
      : // S is what remains from here on: -1 of one remaining dimension, -2 of two.
        `${A}` extends `-${S['length']}`
        ? Passed['length']
        : Axis<R, A, [...Passed, 0]>
    : never

/** The shape after a reduction over axis A: one (a number), several (a tuple) or, if undefined, all of them. */
export type Reduce<Op extends string, S extends Shape, A = undefined, Keep = false> = boolean extends Keep
  ? Shape
  : A extends number
    ? ReduceAxes<Op, S, [A], Keep>
    : A extends Shape
      ? ReduceAxes<Op, S, A, Keep>
      : number extends S['length']
        ? // Known without the rank: a loss is a scalar even where nothing else is known.
          Keep extends true
          ? Shape
          : []
        : Cut<S, Indices<S>, Keep>

type ReduceAxes<Op extends string, S extends Shape, A extends Shape, Keep> = number extends
  S['length'] | A['length'] | A[number]
  ? Shape
  : S extends unknown
    ? CutAxes<Op, S, A, Keep>
    : never

// `H extends unknown` makes an axis of type `0 | 1` two results; together in one `At` they would both be reduced.
type CutAxes<Op extends string, S extends Shape, A, Keep, At = never> = A extends readonly [
  infer H extends number,
  ...infer R,
]
  ? H extends unknown
    ? [Axis<S, H>] extends [never]
      ? `${Op}: axis ${H} is out of range for shape ${Show<S>}`
      : Axis<S, H> extends At
        ? `${Op}: axis ${H} of shape ${Show<S>} is named twice`
        : CutAxes<Op, S, R, Keep, At | Axis<S, H>>
    : never
  : Cut<S, At, Keep>

type Cut<S, At, Keep, Passed extends Shape = []> = S extends readonly [infer H extends Dim, ...infer R]
  ? [...(Passed['length'] extends At ? (Keep extends true ? [1] : []) : [H]), ...Cut<R, At, Keep, [...Passed, 0]>]
  : []

/** S without one axis, by default the last, as argMax gives it. */
export type DropAxis<Op extends string, S extends Shape, A extends number = -1> = Reduce<Op, S, A>

/** S with a new last dimension C, as oneHot gives it. */
export type ExpandLast<S extends Shape, C extends Dim> = number extends S['length'] ? Shape : [...S, C]

/** S back to front: the shape of a transpose without a permutation. */
export type Reverse<S extends Shape, Out extends Shape = []> = number extends S['length']
  ? Shape
  : S extends readonly [infer H extends Dim, ...infer R extends Shape]
    ? Reverse<R, [H, ...Out]>
    : Out

/** S in the order of the permutation P. */
export type Permute<S extends Shape, P extends Shape> = number extends S['length'] | P['length'] | P[number]
  ? Shape
  : // As long as S and made of the positions of S: none is missing, so none occurs twice.
    [P['length'], P[number], Indices<S>] extends [S['length'], Indices<S>, P[number]]
    ? { -readonly [I in keyof P]: S[P[I]] }
    : `transpose: permutation ${Show<P>} does not fit shape ${Show<S>}`

/** The shape that reshape is asked for; -1 stands for a dimension that only the run time computes. */
export type Reshaped<T extends readonly (number | string)[]> = {
  -readonly [I in keyof T]: T[I] extends -1 ? number : Named<T[I]>
}

type NamesOf<S extends Shape> = S[number] extends infer D ? (D extends Name<infer N> ? N : never) : never

/** T, if each name in it is one of S: reshape cannot make a new one. A dimension that is not known may have any name. */
export type NamesIn<
  Op extends string,
  S extends Shape,
  T extends readonly (number | string)[],
> = number extends S[number]
  ? T
  : string extends T[number]
    ? T
    : [Exclude<Extract<T[number], string>, NamesOf<S>>] extends [never]
      ? T
      : `${Op}: ${Exclude<Extract<T[number], string>, NamesOf<S>>} is not a dimension of ${Show<S>}`

/** S, if no dimension has a name: the shape of a variable does not depend on what is fed. */
export type NoNames<S extends Shape> = [NamesOf<S>] extends [never]
  ? S
  : `variable: the shape ${Show<S>} depends on a name`

/** S, if it is the shape of a scalar or may be. */
export type Scalar<Op extends string, S extends Shape> = number extends S['length']
  ? S
  : S extends readonly []
    ? S
    : `${Op}: the loss must be a scalar, it has shape ${Show<S>}`

/** The losses of logits X `[..., C]` with class indices Y `[...]`: one for each row. */
export type SparseLabels<Op extends string, X extends Shape, Y extends Shape> = Losses<Op, X, Y, DropAxis<Op, X>>

/** The losses of logits X `[..., C]` with probabilities Y `[..., C]` of the classes: one for each row. */
export type DenseLabels<Op extends string, X extends Shape, Y extends Shape> = Losses<Op, X, Y, X>

type Losses<Op extends string, X extends Shape, Y extends Shape, Wanted> = Wanted extends Shape
  ? true extends Fits<Wanted, Y>
    ? DropAxis<Op, X>
    : `${Op}: for logits ${Show<X>} the labels must have shape ${Show<Wanted>}, they have shape ${Show<Y>}`
  : Wanted

// Equal shapes, not shapes that broadcast: labels [32, 1] against 32 rows would silently compare each with each.
type Fits<A extends Shape, B extends Shape> = number extends A['length'] | B['length']
  ? true
  : A extends readonly [infer H extends Dim, ...infer R extends Shape]
    ? B extends readonly [infer K extends Dim, ...infer T extends Shape]
      ? [Meet<H, K>] extends [never]
        ? false
        : Fits<R, T>
      : false
    : B['length'] extends 0
      ? true
      : false
