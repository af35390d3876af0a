import type { Affine, Axis } from './affine'
import type { Load, Scalar } from './scalar'
import type { Tensor } from './tensor'
import type { DType } from './type'

/** `arg` records the (row-major) position at which the accumulator before it took its value. */
export type Combine = 'add' | 'mul' | 'max' | 'min' | 'arg'

/** One running value of a reduction; compared by identity. Several reductions over the same axes share a loop. */
export interface Accumulator {
  readonly combine: Combine
  readonly dtype: DType
  readonly init: number
  /** What is combined at each reduced point; for `arg` the position. */
  readonly body: Scalar
  /** For `arg`: the maximum whose position this is. */
  readonly of?: Accumulator
}

export interface Reduction {
  readonly axes: readonly Axis[]
  readonly accumulators: readonly Accumulator[]
}

/**
 * Values that are combined where they fall: at each point of the axes, the value with the element of the result at a
 * row-major position plus an int32 that is computed. What nothing falls on is `init`.
 */
export interface Scatter {
  readonly combine: 'add' | 'max' | 'min'
  readonly init: number
  readonly axes: readonly Axis[]
  readonly at: Affine
  readonly offset: Scalar
  /** Elements of the result that belong to one point of the first axis, one such stretch after the other. */
  readonly slab: number
  /** Of a sum: factors are often exactly zero, as what comes back through a relu is: such a point is left out. */
  readonly isSparse?: boolean
}

/** What an op gives for one point of its result, or with `scatter` for one point of the axes that are scattered. */
export interface Definition {
  readonly value: Scalar
  readonly reduce?: Reduction
  readonly scatter?: Scatter
}

/** What is computed at a point, without any order: the unit of fusion. */
export interface Block {
  readonly tensor: Tensor
  readonly axes: readonly Axis[]
  readonly value: Scalar
  readonly reduce?: Reduction
  /** `axes` are those that are scattered. */
  readonly scatter?: Scatter
  /** Tensors that are finished before, whether or not they are read. */
  readonly after?: readonly Tensor[]
  /** Kernels of its own; there is no value then. */
  readonly inner?: Inner
}

/** A value that is stored at each point of the spatial axes. */
export interface BlockOutput {
  readonly tensor: Tensor
  readonly value: Scalar
}

/**
 * One future kernel: blocks over the same spatial axes. `values` holds every tensor computed inside, also those that
 * are not stored, so that inspection finds a folded tensor; `outputs` those that others read.
 */
export interface Fused {
  readonly axes: readonly Axis[]
  readonly reduce?: Reduction
  readonly scatter?: Scatter
  readonly values: readonly BlockOutput[]
  readonly outputs: readonly BlockOutput[]
  /** Every load, each once. */
  readonly loads: readonly Load[]
  /** Tensors that are finished before, whether or not they are read. */
  readonly after?: readonly Tensor[]
  /** Kernels of its own; `values` are then the parts of a region that are read. */
  readonly inner?: Inner
}

/** A carry of a loop with the tensors that share its memory. */
export interface LoopCarry {
  /** Its first value, stored before the loop. */
  readonly first: Tensor
  /** As a turn finds it, and as a turn leaves it. */
  readonly carry: Tensor
  readonly next: Tensor
  /** After the last turn, and as it was before each, where they are read. */
  readonly final?: Tensor
  readonly history?: Tensor
  /** As it was after each turn. */
  readonly stack?: Tensor
}

/** A region as kernels that run once a turn, in order. */
export interface Loop {
  readonly kind: 'loop'
  readonly region: Tensor
  /** Runs from 0 up, or in reverse down to 0. */
  readonly time: Axis
  readonly reverse: boolean
  /** The stand-in of the place along the axis. */
  readonly turn: Tensor
  readonly kernels: readonly Fused[]
  readonly carries: readonly LoopCarry[]
  /** Results of a turn with the part in which they are kept. */
  readonly stacks: readonly { readonly value: Tensor; readonly part: Tensor }[]
  /** What the kernels read from outside. */
  readonly reads: readonly Load[]
}

/** A region as two lists of kernels, of which one runs. */
export interface Choice {
  readonly kind: 'choice'
  readonly region: Tensor
  readonly condition: Tensor
  readonly arms: readonly [Arm, Arm]
  readonly reads: readonly Load[]
}

/** A tensor whose parts are computed by others, each into its place. */
export interface Join {
  readonly kind: 'join'
  readonly region: Tensor
  readonly parts: readonly Piece[]
  readonly reads: readonly Load[]
}

/** A tensor that lies within another: how far in, and from one element to the next along each axis. */
export interface Piece {
  readonly tensor: Tensor
  readonly shift: number
  readonly strides: readonly number[]
}
export type Inner = Loop | Choice | Join

export interface Arm {
  readonly kernels: readonly Fused[]
  /** Results with the part that has their memory. */
  readonly results: readonly { readonly value: Tensor; readonly part: Tensor }[]
}

/** The tensors that a region leaves behind. */
export const partsIn = (inner: Inner): Tensor[] =>
  inner.kind === 'join'
    ? [inner.region]
    : inner.kind === 'choice'
      ? inner.arms[0].results.map((r) => r.part)
      : [...inner.stacks.map((s) => s.part), ...inner.carries.flatMap(partsOfCarry)]

export const partsOfCarry = ({ final, history, stack }: LoopCarry): Tensor[] =>
  [final, history, stack].filter((t) => t !== undefined)
