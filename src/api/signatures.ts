import type { Broadcast, Checked, Name, Reduce, Shape, ShapeOr } from '../ir/shapes'
import type { Arg, Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'

// Operands are generic as whole types (`A extends Tensor`, then `A['shape']`): generic shapes would reject unions.

export type ShapeOf<A> = A extends Tensor ? A['shape'] : A extends number ? [] : Shape
type DTypeOf<A> = A extends Tensor<Shape, infer D> ? D : never

/** The promotion table in types; numbers are weak. A string is the message of an illegal pair. */
export type Promote<Op extends string, A, B> = [A, B] extends [number, number]
  ? 'float32'
  : [A] extends [number]
    ? Beside<Extract<A, number>, DTypeOf<B>>
    : [B] extends [number]
      ? Beside<Extract<B, number>, DTypeOf<A>>
      : Met<Op, DTypeOf<A>, DTypeOf<B>>
/** What a number and a tensor meet in: that of a float, else what the literal says; of any number all that may come. */
type Beside<N extends number, D extends DType> = D extends 'float32' | 'float64'
  ? D
  : number extends N
    ? 'float32' | 'int32' | Extract<D, 'uint8'>
    : N extends Name<string>
      ? 'int32' | Extract<D, 'uint8'>
      : Literal<`${N}`, D>
type Literal<N extends string, D extends DType> = N extends `${string}e+${string}`
  ? 'int32'
  : N extends `${string}.${string}` | `${string}e-${string}`
    ? 'float32'
    : N extends Byte
      ? D extends 'uint8'
        ? D
        : 'int32'
      : 'int32'
type Digit = '0' | '1' | '2' | '3' | '4' | Five
type Five = '5' | '6' | '7' | '8' | '9'
type Byte =
  | `${'' | Exclude<Digit, '0'>}${Digit}`
  | `1${Digit}${Digit}`
  | `2${Exclude<Digit, Five>}${Digit}`
  | `25${Exclude<Digit, Five> | '5'}`
// Where a dtype is not known exactly, every pair that may occur is tried and only "none works" is an error.
type Met<Op extends string, A extends DType, B extends DType> =
  Pairs<Op, A, B> extends infer R ? ([Extract<R, DType>] extends [never] ? R : Extract<R, DType>) : never
type Pairs<Op extends string, A extends DType, B extends DType> = A extends DType
  ? B extends DType
    ? [A, B] extends ['float32', 'float64'] | ['float64', 'float32']
      ? `${Op}: ${A} and ${B} do not mix; cast one of them`
      : Widest<A | B>
    : never
  : never
type Widest<D extends DType> = 'float64' extends D
  ? 'float64'
  : 'float32' extends D
    ? 'float32'
    : 'int32' extends D
      ? 'int32'
      : 'uint8' extends D
        ? 'uint8'
        : 'bool'
export type DTypeOr<D> = [D] extends [DType] ? D : DType
/** What true division and the float functions give. */
export type Floating<D> = [D] extends ['int32' | 'uint8' | 'bool'] ? 'float32' : DTypeOr<D>
type EachFloating<D> = D extends DType ? Floating<D> : DType
/** What sums give. */
export type Summed<D extends DType> = [D] extends ['uint8' | 'bool'] ? 'int32' : D

/** The first message among the checks, else the broadcast shape. */
type Pair<Op extends string, A, B> =
  Promote<Op, A, B> extends infer D ? ([D] extends [DType] ? Broadcast<Op, ShapeOf<A>, ShapeOf<B>> : D) : never

export type Unary = <X extends Tensor>(x: X) => Tensor<X['shape'], X['dtype']>
export type UnaryFloat = <X extends Tensor>(x: X) => Tensor<X['shape'], Floating<X['dtype']>>
/** A question about each element. */
export type Test = <X extends Tensor>(x: X) => Tensor<X['shape'], 'bool'>
export type Binary<Op extends string> = <A extends Arg, B extends Arg>(
  a: A,
  b: Checked<Pair<Op, A, B>, B>,
) => Tensor<ShapeOr<Pair<Op, A, B>>, DTypeOr<Promote<Op, A, B>>>
export type BinaryFloat<Op extends string> = <A extends Arg, B extends Arg>(
  a: A,
  b: Checked<Pair<Op, A, B>, B>,
) => Tensor<ShapeOr<Pair<Op, A, B>>, EachFloating<Promote<Op, A, B>>>
export type Comparison<Op extends string> = <A extends Arg, B extends Arg>(
  a: A,
  b: Checked<Pair<Op, A, B>, B>,
) => Tensor<ShapeOr<Pair<Op, A, B>>, 'bool'>

/** Nothing, or the message for what is no condition. */
export type Condition<Op extends string, D> = 'bool' extends D
  ? unknown
  : `${Op}: the condition must be bool, it is ${D & string}`

/** Options of reductions. */
export interface ReduceOptions<Axis, Keep> {
  /** One axis or several; negative ones count from the end. All axes if absent. */
  readonly axis?: Axis
  /** Keep reduced axes with extent 1. */
  readonly keepDims?: Keep
}
type Axes = number | readonly number[] | undefined
type Reduced<D extends DType, Out> = Out extends 'same'
  ? D
  : Out extends 'sum'
    ? Summed<D>
    : Out extends 'bool'
      ? 'bool'
      : Out extends 'int'
        ? 'int32'
        : Floating<D>
export type Reducer<Op extends string, Out extends 'same' | 'sum' | 'float' | 'bool' | 'int'> = <
  X extends Tensor,
  const A extends Axes = undefined,
  const K extends boolean = false,
>(
  x: X,
  options?: ReduceOptions<Checked<Reduce<Op, X['shape'], A, K>, A>, K>,
) => Tensor<ShapeOr<Reduce<Op, X['shape'], A, K>>, Reduced<X['dtype'], Out>>

/** As many dimensions as S, of any extents. */
export type SameRank<S extends Shape> = number extends S['length'] ? Shape : { -readonly [I in keyof S]: number }
