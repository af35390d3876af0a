import type { Tensor } from '../ir/tensor'

/**
 * `named` gives a tensor beside the one that it names: the same op over the very same operands. Who asks for derivatives by
 * one of them means both. For each tensor of the order that is one of `wrt`, or such a copy of one, the first that is the
 * same; what is the first itself is left out.
 */
export function copiesOf(order: readonly Tensor[], wrt: readonly Tensor[]): ReadonlyMap<Tensor, Tensor> {
  const copies = new Map<Tensor, Tensor>()
  const groups = new Map<Tensor['inputs'], Tensor[]>()
  for (const t of wrt) if (t.op.kind !== 'leaf') groups.set(t.inputs, [...(groups.get(t.inputs) ?? []), t])
  if (groups.size === 0) return copies
  const firsts = new Map<Tensor, Tensor>()
  for (const t of order) {
    for (const target of groups.get(t.inputs) ?? []) {
      if (!isCopy(t, target)) continue
      const first = firsts.get(target) ?? t
      firsts.set(target, first)
      if (t !== first) copies.set(t, first)
      if (target !== first) copies.set(target, first)
    }
  }
  return copies
}

/** Gradients by two tensors may be one value under two labels; these stay two. */
const isCopy = (a: Tensor, b: Tensor): boolean =>
  a.op === b.op && a.inputs === b.inputs && a.attrs === b.attrs && a.origin.gradient === b.origin.gradient
