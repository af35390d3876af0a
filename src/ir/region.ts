import type { Tensor } from './tensor'

/**
 * A graph over stand-ins: what a region runs, once or a turn at a time. Nothing in it refers to a tensor outside: each
 * stand-in gets its value from an operand of the region.
 */
export interface Body {
  /** One slice of an operand a turn, by the place along its first axis. */
  readonly slices: readonly Tensor[]
  /** What the turn before handed on. */
  readonly carries: readonly Tensor[]
  /** Operands that are the same in each turn. */
  readonly captured: readonly Tensor[]
  /** The place along the axis, an int32. */
  readonly turn: Tensor
  /** What is handed on, one a carry. */
  readonly next: readonly Tensor[]
  /** Results of a turn that are kept. */
  readonly outputs: readonly Tensor[]
}

export const standIns = ({ slices, carries, captured, turn }: Body): Tensor[] => [
  ...slices,
  ...carries,
  ...captured,
  turn,
]

export const bodyResults = ({ next, outputs }: Body): Tensor[] => [...next, ...outputs]

/** The same body with other results, in the order of `bodyResults`. */
export const withResults = (body: Body, results: readonly Tensor[]): Body => ({
  ...body,
  next: results.slice(0, body.next.length),
  outputs: results.slice(body.next.length),
})

/** A result of a region and the cotangent that arrived at it. */
export interface Arrival {
  readonly part: Tensor
  readonly cotangent: Tensor
}

export interface RegionContext<A> {
  readonly region: Tensor
  readonly inputs: readonly Tensor[]
  readonly attrs: A
  readonly arrivals: readonly Arrival[]
  /** The operands whose cotangents are asked for. */
  wanted(operand: Tensor): boolean
  /** The cotangents of `wrt`, from those of outputs; `leaves` and what they are made of are not looked into. */
  differentiate(
    outputs: readonly Tensor[],
    cotangents: readonly Tensor[],
    wrt: readonly Tensor[],
    leaves: readonly Tensor[],
  ): readonly (Tensor | null)[]
}
