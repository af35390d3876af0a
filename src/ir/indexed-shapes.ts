import type { Axis, Broadcast, Dim, Shape, Show } from './shapes'

// Shapes of what is taken at indices, on the level of types.

/** S with the dimension at a position replaced by those of I. */
type Replaced<S extends Shape, At, I extends Shape, Passed extends Shape = []> = S extends readonly [
  infer H extends Dim,
  ...infer R extends Shape,
]
  ? Passed['length'] extends At
    ? [...I, ...R]
    : [H, ...Replaced<R, At, I, [...Passed, 0]>]
  : []

/** S with the dimensions of the indices I in place of axis A. */
export type Gathered<Op extends string, S extends Shape, I extends Shape, A extends number> = number extends
  S['length'] | I['length'] | A
  ? Shape
  : [Axis<S, A>] extends [never]
    ? `${Op}: axis ${A} is out of range for shape ${Show<S>}`
    : Replaced<S, Axis<S, A>, I>

/** S and the indices I broadcast, but for axis A, which is that of the indices. */
export type TakenAlong<Op extends string, S extends Shape, I extends Shape, A extends number> = number extends
  S['length'] | I['length'] | A
  ? Shape
  : S['length'] extends I['length']
    ? [Axis<S, A>] extends [never]
      ? `${Op}: axis ${A} is out of range for shape ${Show<S>}`
      : Along<Broadcast<Op, Replaced<S, Axis<S, A>, [1]>, Replaced<I, Axis<S, A>, [1]>>, Axis<S, A>, I>
    : `${Op}: indices ${Show<I>} must have as many dimensions as ${Show<S>}; gather takes the same positions everywhere`

type Along<R, At extends number, I extends Shape> = R extends Shape ? Replaced<R, At, [I[At]]> : R
