import { GraphError } from '../ir/errors'
import { requireList } from '../ir/names-of'
import { toposort } from '../ir/graph'
import { listAt } from '../ir/list-at'
import { type Gradient, type Term, withinRule } from '../ir/origin'
import type { Arrival } from '../ir/region'
import { describe, requireTensor, relabel, type Tensor } from '../ir/tensor'
import { isFloat, sameShape, showType } from '../ir/type'
import { sumTo } from '../ops/broadcast'
import { copiesOf } from './copies'
import { addMasked, underMask } from './mask'

/**
 * Symbolic reverse mode: one sweep over `order` (operands first) backwards. Rules give cotangents in the shape of the
 * result; this driver sums them down to the operand, adds on second arrival and keeps masked cotangents masked. What it
 * returns, one for each of `wrt`, are ordinary tensors to be printed, compiled or differentiated again; null where
 * nothing flows. `loss` serves names only.
 */
export function sweep(
  order: readonly Tensor[],
  outputs: readonly Tensor[],
  cotangents: readonly Tensor[],
  wrt: readonly Tensor[],
  loss: Tensor,
): (Tensor | null)[] {
  const copies = copiesOf(order, wrt)
  const reaching = new Set<Tensor>([...wrt, ...copies.keys(), ...copies.values()])
  for (const t of order) if (t.inputs.some((x) => reaching.has(x))) reaching.add(t)
  const cotangent = new Map<Tensor, Tensor>()
  const terms = new Map<Tensor, Term[]>()
  const arrive = (at: Tensor, g: Tensor, through?: Pick<Term, 'by' | 'from'>): void => {
    const t = copies.get(at) ?? at
    const before = cotangent.get(t)
    cotangent.set(t, before ? addMasked(before, g) : g)
    if (through) listAt(terms, t).push({ ...through, cotangent: g })
  }
  const arrivals = new Map<Tensor, Arrival[]>()
  outputs.forEach((t, i) => arrive(t, cotangents[i]!))
  for (let i = order.length - 1; i >= 0; i--) {
    const t = order[i]!
    if (!reaching.has(t)) continue
    if (t.op.kind === 'region') {
      const parts = arrivals.get(t) ?? []
      if (parts.length === 0) continue
      const through = { by: t, from: parts.map((p) => p.cotangent) }
      const found = withinRule(t, () => regionCotangents(t, parts, reaching, loss))
      found.forEach((c, k) => c && reaching.has(t.inputs[k]!) && arrive(t.inputs[k]!, c, through))
      continue
    }
    const arrived = cotangent.get(t)
    if (!arrived) continue
    const g = labelled(arrived, { of: t, loss, terms: terms.get(t) ?? [] })
    cotangent.set(t, g)
    if (t.op.kind === 'part') {
      const region = t.inputs[0]!
      listAt(arrivals, region).push({ part: t, cotangent: g })
      continue
    }
    if (t.op.kind === 'leaf' || t.op.vjp === null) continue
    withinRule(t, () =>
      operandCotangents(t, g, reaching, loss).forEach((c, k) => {
        const x = t.inputs[k]!
        if (c && reaching.has(x)) arrive(x, sumTo(c, x.shape), { by: t, from: [g] })
      }),
    )
  }
  return wrt.map((t) => cotangent.get(copies.get(t) ?? t) ?? null)
}

/** The cotangent of `of`; what passed through unchanged from a tensor with a name keeps that tensor's label. */
function labelled(g: Tensor, gradient: Gradient): Tensor {
  const before = g.origin.gradient
  const keeps =
    before?.loss === gradient.loss && before.of.origin.name !== undefined && gradient.of.origin.name === undefined
  return keeps ? g : relabel(g, { gradient })
}

/** The body of a region is differentiated by this same sweep. */
function regionCotangents(
  region: Tensor,
  arrivals: readonly Arrival[],
  reaching: ReadonlySet<Tensor>,
  loss: Tensor,
): readonly (Tensor | null)[] {
  const { op, inputs, attrs } = region
  if (op.kind !== 'region') throw new Error(`${op.name} is no region`)
  return op.derive({
    region,
    inputs,
    attrs,
    arrivals,
    wanted: (x) => reaching.has(x),
    differentiate: (outputs, cotangents, wrt, leaves) =>
      sweep(toposort(outputs, new Set([...wrt, ...leaves])), outputs, cotangents, wrt, loss),
  })
}

/** The cotangents of all operands of a region. */
export const sweepRegion = (region: Tensor, arrivals: readonly Arrival[]): readonly (Tensor | null)[] =>
  withinRule(region, () => regionCotangents(region, arrivals, new Set(region.inputs), region))

function operandCotangents(
  t: Tensor,
  g: Tensor,
  reaching: ReadonlySet<Tensor>,
  loss: Tensor,
): readonly (Tensor | null)[] {
  const { op, inputs, attrs } = t
  if (op.vjp === 'expand') {
    if (op.kind !== 'composite') throw new GraphError(`${op.name}: only a composite differentiates by expansion`)
    const body = op.expand(inputs, attrs)
    const inner = inputs.filter((x) => reaching.has(x))
    const order = toposort([body], new Set(inputs))
    // The operands are not part of the order: one may depend on another, and the sweep outside goes on from them.
    const found = sweep(order, [body], [g], inner, loss)
    return inputs.map((x, i) => (reaching.has(x) && inputs.indexOf(x) === i ? found[inner.indexOf(x)]! : null))
  }
  const rule = op.vjp!
  const run = (cotangent: Tensor) => rule({ inputs, output: t, cotangent, attrs })
  if (op.pointwise || op.movesGradient) return underMask(g, op.movesGradient ?? false, run)
  return run(g)
}

/** Checks that dtypes and shapes of cotangents are those of their outputs. */
export function checkCotangents(op: string, outputs: readonly Tensor[], cotangents: readonly Tensor[]): void {
  requireList(op, 'outputs', outputs)
  requireList(op, 'cotangents', cotangents)
  if (outputs.length !== cotangents.length)
    throw new GraphError(`${op}: ${outputs.length} outputs need as many cotangents, got ${cotangents.length}`)
  outputs.forEach((t, i) => {
    const c = cotangents[i]!
    requireTensor(op, t)
    requireTensor(op, c)
    if (!sameShape(t.shape, c.shape) || t.dtype !== c.dtype)
      throw new GraphError(
        `${op}: cotangent ${i + 1} is ${showType(c)}, its output is ${describe(t)}; they must be equal`,
      )
  })
}

/** Only floats have derivatives. */
export function checkTargets(op: string, wrt: readonly Tensor[]): void {
  if (!Array.isArray(wrt)) throw new GraphError(`${op}: what derivatives are taken by must be a list of tensors`)
  for (const t of wrt as readonly Tensor[]) {
    requireTensor(op, t)
    if (!isFloat(t.dtype))
      throw new GraphError(
        `${op}: ${describe(t)} is ${t.dtype}; derivatives are taken with respect to floats (cast before use)`,
      )
  }
}
