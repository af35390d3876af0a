import { apply, type Tensor } from '../ir/tensor'
import { broadcastT } from '../ops/broadcast'
import { reshapeT } from '../ops/view'

/** An operand of a tensor that becomes a batch: as it was, or with one row for each place along a new first axis. */
export interface Operand {
  readonly tensor: Tensor
  readonly isBatched: boolean
}

/** What a rule knows: a tensor, of which some operands at least became batches, and how many rows those have. */
export interface BatchContext {
  readonly of: Tensor
  readonly operands: readonly Operand[]
  readonly extent: number
}

/**
 * The op at each row at once, `[extent, ...shape]`. Undefined where the rule does not know such operands; they are then
 * looked at one row after another.
 */
export type BatchRule = (context: BatchContext) => Tensor | undefined

/** An operand with a row for each place, repeated if it had none. */
export function full({ operands, extent }: BatchContext, i: number): Tensor {
  const { tensor, isBatched } = operands[i]!
  return isBatched ? tensor : broadcastT(tensor, [extent, ...tensor.shape])
}

export const fulls = (context: BatchContext): Tensor[] => context.operands.map((_, i) => full(context, i))

/** An operand so that it broadcasts against rows of the given rank; what has no rows stays as it is. */
export function aligned({ of, operands, extent }: BatchContext, i: number, rank: number): Tensor {
  const { tensor, isBatched } = operands[i]!
  const { shape } = of.inputs[i]!
  return isBatched ? reshapeT(tensor, [extent, ...new Array<number>(rank - shape.length).fill(1), ...shape]) : tensor
}

/** The op over other operands, under other attributes. */
export const applied = ({ of }: BatchContext, inputs: readonly Tensor[], attrs: unknown = of.attrs): Tensor =>
  apply(of.op, inputs, attrs)

/** An op of one operand whose attributes are counted one axis further on. */
export const shifted =
  <A>(attrs: (attrs: A, context: BatchContext) => A): BatchRule =>
  (context) =>
    applied(context, [full(context, 0)], attrs(context.of.attrs as A, context))
