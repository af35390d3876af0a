import type { Shape } from '../ir/shapes'
import type { Tensor } from '../ir/tensor'
import type { RecurrentState } from './recurrent-state'

/** How a recurrent layer goes through its steps. */
export interface StepOptions<T extends boolean = boolean> {
  /** x is [steps, batch, ...] and so are the outputs: slices are then contiguous, which is faster. */
  readonly timeMajor?: T
  /** From the last step to the first. Outputs stay at the place of their step; Keras's go_backwards has them the other way. */
  readonly reverse?: boolean
  /** bool, the first two axes of x: where it is false, state and output stay as they were. */
  readonly mask?: Tensor
  /** int32 [batch]: how many steps of each sequence count, as by a mask that is true before them. */
  readonly lengths?: Tensor
  /** Outputs of masked steps are zeros instead of what they were. */
  readonly zeroOutputForMask?: boolean
  /** Bytes that may be kept from step to step for the gradient, as for `scan`; all that it needs by default. */
  readonly memory?: number
}
/** Their names. */
export const STEP_OPTIONS: readonly (keyof StepOptions)[] = [
  'timeMajor',
  'reverse',
  'mask',
  'lengths',
  'zeroOutputForMask',
  'memory',
]

/** What a recurrent function gives. */
export interface Sequence<O extends Tensor = Tensor, L extends Tensor = Tensor, S = RecurrentState> {
  /** Of all steps. */
  readonly outputs: O
  /** Of the step that comes last (with `reverse` the first) and is not masked. */
  readonly last: L
  /** After the step that comes last. */
  readonly state: S
}

/** The two first axes of a sequence and those of what a step gives. */
export type StepsShape<X extends Shape, O extends Shape, T extends boolean> = number extends X['length'] | O['length']
  ? Shape
  : X extends readonly [infer A extends number, infer B extends number, ...Shape]
    ? O extends readonly [number, ...infer R extends Shape]
      ? T extends true
        ? [A, O[0], ...R]
        : [O[0], B, ...R]
      : Shape
    : Shape
/** What a step sees of a sequence. */
export type StepShape<X extends Shape, T extends boolean> = X extends readonly [
  infer A extends number,
  infer B extends number,
  ...infer R extends Shape,
]
  ? T extends true
    ? [B, ...R]
    : [A, ...R]
  : Shape
