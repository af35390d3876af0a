import type { AnyOp } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { spliced } from '../ops/axes'
import { type AddAttrs, gatherT, scatterAddOp, type TakeAttrs, takeAlongAxisT } from '../ops/gather'
import type { SequenceAttrs } from '../ops/reverse-sequence'
import { type ExtremeAttrs, scatterMaxOp } from '../ops/scatter-extreme'
import { scatterSetOp } from '../ops/scatter-set'
import type { OpName } from '../ops/table'
import { reshapeT, toFrontT } from '../ops/view'
import { applied, type BatchContext, type BatchRule, full, type Operand } from './context'

/** The attributes of an op along an axis, which now comes one further on. */
const next = <A extends TakeAttrs>({ of }: BatchContext): A => {
  const attrs = of.attrs as A
  return { ...attrs, axis: attrs.axis + 1 }
}

/** Rows of indices of any shape as positions along one axis, which broadcast to a tensor of the given rank. */
function alongOne(context: BatchContext, axis: number, rank: number): Tensor {
  const positions = sizeOf(context.of.inputs[1]!.shape)
  const shape = [context.extent, ...new Array<number>(rank).fill(1)].with(axis, positions)
  return reshapeT(full(context, 1), shape)
}

const gathered: BatchRule = (context) => {
  const { of, operands } = context
  const [x, indices] = operands as [Operand, Operand]
  const { axis } = next<TakeAttrs>(context)
  if (!indices.isBatched) return gatherT(x.tensor, indices.tensor, axis)
  // The indices stand where the axis was, their rows first.
  if (!x.isBatched) return toFrontT(gatherT(x.tensor, indices.tensor, axis - 1), axis - 1)
  const taken = takeAlongAxisT(x.tensor, alongOne(context, axis, of.inputs[0]!.shape.length), axis)
  return reshapeT(taken, [context.extent, ...of.shape])
}

/** What falls on rows, or with rows of indices, element by element along the axis. */
const fallen =
  (along: AnyOp): BatchRule =>
  (context) => {
    const attrs = next<AddAttrs>(context)
    if (!context.operands[1]!.isBatched) return applied(context, [full(context, 0), context.operands[1]!.tensor], attrs)
    const indices = alongOne(context, attrs.axis, context.of.shape.length)
    const x = full(context, 0)
    const count = context.of.inputs[1]!.shape.length
    const flat = reshapeT(x, spliced(x.shape, attrs.axis, count, indices.shape[attrs.axis]!))
    return apply<unknown>(along, [flat, indices], attrs)
  }

const replaced: BatchRule = (context) => {
  const { of, operands } = context
  const attrs = next<TakeAttrs>(context)
  const [x, updates] = [full(context, 0), full(context, 2)]
  if (!operands[1]!.isBatched) return applied(context, [x, operands[1]!.tensor, updates], attrs)
  const indices = alongOne(context, attrs.axis, of.shape.length)
  const count = of.inputs[1]!.shape.length
  const flat = reshapeT(updates, spliced(updates.shape, attrs.axis, count, indices.shape[attrs.axis]!))
  return apply(scatterSetOp, [x, indices, flat], attrs)
}

/** An operand with the new axis, of extent 1 where it has no rows: others broadcast to it. */
const withAxis = ({ operands }: BatchContext, i: number): Tensor => {
  const { tensor, isBatched } = operands[i]!
  return isBatched ? tensor : reshapeT(tensor, [1, ...tensor.shape])
}

export const INDEXING_RULES: Readonly<Partial<Record<OpName, BatchRule>>> = {
  gather: gathered,
  indexAdd: fallen(scatterAddOp),
  indexMax: fallen(scatterMaxOp),
  indexSet: replaced,
  takeAlongAxis: (context) => applied(context, [withAxis(context, 0), withAxis(context, 1)], next<TakeAttrs>(context)),
  scatterAdd: (context) => applied(context, [full(context, 0), withAxis(context, 1)], next<AddAttrs>(context)),
  scatterMax: (context) => applied(context, [full(context, 0), withAxis(context, 1)], next<ExtremeAttrs>(context)),
  scatterSet: (context) =>
    applied(context, [full(context, 0), withAxis(context, 1), full(context, 2)], next<TakeAttrs>(context)),
  reverseSequence: (context) => {
    if (context.operands[1]!.isBatched) return undefined
    const { axis, batchAxis } = context.of.attrs as SequenceAttrs
    const inputs = context.operands.map((x) => x.tensor)
    return applied(context, inputs, { axis: axis + 1, batchAxis: batchAxis + 1 })
  },
}
