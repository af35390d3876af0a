import { apply } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import type { RunAttrs } from '../ops/cumulative'
import type { OpName } from '../ops/table'
import { reshapeT } from '../ops/view'
import { applied, type BatchContext, type BatchRule, full, fulls, type Operand } from './context'

/** Lines lie along the last axis, and each row has lines of its own. */
const lineByLine: BatchRule = (context) => applied(context, fulls(context))

const along: BatchRule = (context) => {
  const attrs = context.of.attrs as RunAttrs
  return applied(context, fulls(context), { ...attrs, axis: attrs.axis + 1 })
}

/** One line takes values of any shape; lines that differ from row to row want one axis of values. */
const sought = (context: BatchContext) => {
  const { of, operands } = context
  const [sorted, values] = operands as [Operand, Operand]
  if (of.inputs[0]!.shape.length > 1) return applied(context, fulls(context))
  if (!sorted.isBatched) return applied(context, [sorted.tensor, values.tensor])
  const rows = reshapeT(full(context, 1), [context.extent, sizeOf(of.shape)])
  return reshapeT(apply(of.op, [sorted.tensor, rows], of.attrs), [context.extent, ...of.shape])
}

export const SORTING_RULES: Readonly<Partial<Record<OpName, BatchRule>>> = {
  argsort: lineByLine,
  argTopK: lineByLine,
  bincount: lineByLine,
  searchSorted: sought,
  cumSum: along,
  cumProd: along,
  linearRecurrence: along,
  cumArgMax: along,
  logCumSumExp: along,
}
