import { toposort } from '../ir/graph'
import { onBehalfOf, withinArm } from '../ir/origin'
import { apply, relabel, type Tensor } from '../ir/tensor'
import { currentTrace } from '../ir/trace'
import { broadcastT } from '../ops/broadcast'
import { type CustomAttrs, customGradientOp } from '../ops/custom'
import type { OpName } from '../ops/table'
import { instantiate, partsByRegion, standIn } from '../ops/region'
import { scanT } from '../ops/scan'
import { type BatchContext, full, fulls } from './context'
import { pointwise, RULES } from './rules'

/**
 * A graph at many rows at once: each result with a new first axis, from leaves whose batches, `[extent, ...shape]`, are
 * given. Ops are applied to all rows by rules, composites that have none are written out; what no rule knows runs in a
 * loop over the rows, that one op alone. What does not depend on the leaves is computed once.
 */
export function batch(results: readonly Tensor[], leaves: ReadonlyMap<Tensor, Tensor>, extent: number): Tensor[] {
  const order = toposort(results, leaves)
  const parts = partsByRegion(order)
  const made = new Map(leaves)
  for (const t of order) {
    if (made.has(t) || t.op.kind === 'part' || !t.inputs.some((x) => made.has(x))) continue
    const operands = t.inputs.map((x) => ({ tensor: made.get(x) ?? x, isBatched: made.has(x) }))
    const context = { of: t, operands, extent }
    if (t.op.kind === 'region') {
      const found = parts.get(t) ?? []
      onBehalfOf(t.origin, () => inTurns(context, found)).forEach((y, i) => made.set(found[i]!, y))
    } else
      made.set(
        t,
        within(t, () => batched(context, made)),
      )
  }
  oweRows(order, made)
  return results.map((t) => made.get(t) ?? broadcastT(t, [extent, ...t.shape]))
}

/** What an entry must update that uses a result, it must where it uses the result at many rows. */
function oweRows(order: readonly Tensor[], made: ReadonlyMap<Tensor, Tensor>): void {
  const owed = currentTrace()?.owed
  if (!owed || owed.length === 0) return
  const known = new Map(owed.map((o) => [o.output.attrs, o]))
  for (const t of order) {
    const [of, rows] = [known.get(t.attrs), made.get(t)]
    if (of && rows) owed.push({ ...of, output: rows })
  }
}

/** Built on behalf of a tensor, whose name and gradient label it takes over. */
function within(t: Tensor, build: () => Tensor): Tensor {
  const { name, gradient, arm } = t.origin
  const made = onBehalfOf(t.origin, () => (arm ? withinArm(arm, build) : build()))
  return relabel(made, { ...(name === undefined ? {} : { name }), ...(gradient ? { gradient } : {}) })
}

function batched(context: BatchContext, made: ReadonlyMap<Tensor, Tensor>): Tensor {
  const { of: t, extent } = context
  if (t.op.name === customGradientOp.name) return customBatch(context, made)
  const rule = t.op.pointwise ? pointwise : RULES[t.op.name as OpName]
  const found = rule?.(context)
  if (found) return found
  // The gradient of other composites is more than that of their expansion.
  if (t.op.kind === 'composite' && (t.op.vjp === 'expand' || t.op.vjp === null)) {
    const expansion = t.op.expand(t.inputs, t.attrs)
    const leaves = new Map(t.inputs.flatMap((x, i) => (context.operands[i]!.isBatched ? [[x, full(context, i)]] : [])))
    return batch([expansion], leaves, extent)[0]!
  }
  return inTurns(context, [t])[0]!
}

/** The rule of the user is asked for one row, and what it gives becomes a batch again; it may read what else has rows. */
function customBatch(context: BatchContext, made: ReadonlyMap<Tensor, Tensor>): Tensor {
  const { of, extent } = context
  const { rule } = of.attrs as CustomAttrs
  const rows: CustomAttrs['rule'] = (operands, output, cotangent) => {
    const whole = [...operands, output, cotangent]
    const slices = [...of.inputs.slice(1), of, of].map((x) => standIn('slice', x, x.origin))
    const found = rule(slices.slice(0, -2), slices.at(-2)!, slices.at(-1)!)
    const leaves = new Map([...made, ...slices.map((slice, i) => [slice, whole[i]!] as const)])
    return found.map((g) => g && batch([g], leaves, extent)[0]!)
  }
  return apply(customGradientOp, fulls(context), { rule: rows })
}

/** Results of one op, a row at a time. */
function inTurns({ of, operands, extent }: BatchContext, results: readonly Tensor[]): readonly Tensor[] {
  const rows = new Map(of.inputs.flatMap((x, i) => (operands[i]!.isBatched ? [[x, operands[i]!.tensor]] : [])))
  const slices = new Map([...rows.keys()].map((x) => [x, standIn('slice', x, x.origin)]))
  const leaves = new Map(of.inputs.map((x) => [x, slices.get(x) ?? x]))
  return scanT({
    length: extent,
    reverse: false,
    over: [...rows].map(([x, tensor]) => [tensor, slices.get(x)!] as const),
    carry: [],
    turn: standIn('turn', { dtype: 'int32', shape: [] }, { scope: of.origin.scope, name: 't' }),
    outputs: instantiate(results, leaves),
  }).stacks
}
