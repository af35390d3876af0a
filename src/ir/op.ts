import type { Affine, Axis } from './affine'
import type { Definition } from './block'
import type { Formula } from './formula'
import type { Param, Stmt } from './loop'
import type { Body, RegionContext } from './region'
import type { Scalar } from './scalar'
import type { Tensor } from './tensor'
import type { TensorType } from './type'

export interface VjpContext<A> {
  readonly inputs: readonly Tensor[]
  /** The result itself; rules prefer it over the inputs where it keeps relative accuracy. */
  readonly output: Tensor
  readonly cotangent: Tensor
  readonly attrs: A
}

/** One cotangent an operand, in the shape of the *result's* broadcast: the driver sums it down. Null: nothing flows. */
export type Vjp<A> = (context: VjpContext<A>) => readonly (Tensor | null)[]

export interface LowerContext<A> {
  readonly inputs: readonly TensorType[]
  readonly output: TensorType
  readonly attrs: A
  /** The output point, one index a dimension. */
  readonly index: readonly Affine[]
  reduceAxis(extent: number, name?: string): Axis
  /** Operand `input` at a point; indices are right-aligned, and an extent of 1 reads index 0. */
  read(input: number, index: readonly Affine[]): Scalar
  /** Operand `input` at a row-major position, plus an int32 that is computed; asks for the operand to have a buffer. */
  readFlat(input: number, position: Affine, offset?: Scalar): Scalar
}

export interface LoopsContext<A> {
  readonly inputs: readonly TensorType[]
  readonly output: TensorType
  readonly attrs: A
  /** The buffers of the operands, row-major; they are read only. */
  readonly operands: readonly Param[]
  /** The buffer of the result, whose values are undefined at first; it may be read back. */
  readonly result: Param
  /** Memory for the while, of which nothing is known at first; where the op asks for it. */
  readonly workspace?: Param
}

/** A number of mistakes, int32 of rank 0, and what is said if there are any. */
export interface Check {
  readonly count: Tensor
  readonly message: string
}

interface OpCommon<Name extends string, A> {
  readonly name: Name
  /** The result's type; throws a GraphError whose message says what is wrong and what would be right. */
  infer(inputs: readonly TensorType[], attrs: A): TensorType
  /** `null` says "not differentiable" out loud; `'expand'` differentiates a composite through its expansion. */
  readonly vjp: Vjp<A> | null | 'expand'
  /** The result at a point reads the operands at that point only (after broadcasting). */
  readonly pointwise?: boolean
  /** Both operands may change places: at most the sign of a zero would differ. */
  readonly commutative?: boolean
  /** The gradient rule only moves elements about, so that it may be applied to a mask. */
  readonly movesGradient?: boolean
  /** Operands that are not read: the result is only not computed before they are finished. */
  readonly waitsFor?: readonly number[]
  /** Operands that are indices, and the extent they must stay below. */
  ranges?(inputs: readonly TensorType[], attrs: A): readonly { readonly input: number; readonly below: number }[]
  /** What operands make the result senseless, counted; told from the op's tensor. */
  checks?(t: Tensor, attrs: A): readonly Check[]
  /** Results are whole numbers from 0 up to this, which they do not reach. */
  bound?(inputs: readonly TensorType[], attrs: A): number
  /** Attributes with a function that gives tensors of the graph around: the same, where `image` stands for what it gives. */
  over?(attrs: A, image: (t: Tensor) => Tensor): unknown
  /** A composite whose formula people read in place of what it is written in. */
  readonly keepsFormula?: boolean
  /** The formula of the result from those of the operands; default is a call of the op's name. */
  formula?(operands: readonly Formula[], attrs: A): Formula
}

/**
 * Everything the compiler knows of one operation. `leaf` has no operands, `point` gives its value at a point of the
 * result, `loops` gives the statements of its kernel itself and is a wall for fusion, `composite` is written in other ops and
 * is expanded after differentiation. A `region` runs graphs of its own and has several results, each of which a `part` picks.
 */
export type Op<Name extends string = string, A = unknown> = OpCommon<Name, A> &
  (
    | { readonly kind: 'leaf' }
    | { readonly kind: 'point'; lower(context: LowerContext<A>): Definition }
    /** Asked only where the result has elements. Operands have one axis or more. Positions must stay within the buffers for all that the operands can hold. */
    | {
        readonly kind: 'loops'
        workspace?(inputs: readonly TensorType[], attrs: A): TensorType | undefined
        /** Operations, about: only people look at it. Without it as many as results. */
        work?(inputs: readonly TensorType[], attrs: A): number
        loops(context: LoopsContext<A>): readonly Stmt[]
      }
    | { readonly kind: 'composite'; expand(inputs: readonly Tensor[], attrs: A): Tensor }
    | {
        readonly kind: 'region'
        bodies(attrs: A): readonly Body[]
        /** What stands for each operand in a body; undefined where the region looks at it itself. */
        stands(attrs: A): readonly (Tensor | undefined)[]
        withBodies(attrs: A, bodies: readonly Body[]): unknown
        /** One cotangent an operand, in its shape. */
        derive(context: RegionContext<A>): readonly (Tensor | null)[]
      }
    | { readonly kind: 'part' }
  )

// Attributes are existential in a graph of many ops: an op's own file closes them again by `Op<'name', Attrs>`.
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyOp = Op<string, any>
