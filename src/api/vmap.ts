import { batch } from '../batching/batch'
import { GraphError } from '../ir/errors'
import { currentOrigin } from '../ir/origin'
import { describe, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { withTurn } from '../ir/trace'
import { iotaT } from '../ops/iota'
import { standIn } from '../ops/region'
import type { SliceShape, StackShape, Tensors } from './scan'

/** What a function of slices gives: one tensor, a list, or tensors by name. */
export type Results = Tensor | readonly Tensor[] | Tensors
/** What a function of one example is given: each tensor without its first axis. */
export type SlicesOf<X extends readonly Tensor[]> = {
  readonly [I in keyof X]: Tensor<SliceShape<X[I]['shape'], 0>, X[I]['dtype']>
}
type Row<T> = T extends Tensor ? Tensor<StackShape<T['shape'], 0>, T['dtype']> : never
/** The results of a function of one example, for all examples. */
export type Batched<R extends Results> = R extends Tensor ? Row<R> : { readonly [K in keyof R]: Row<R[K]> }

/**
 * A function of single examples, applied to all slices of batches along their first axis at once: `f` is called once, with
 * stand-ins for a slice of each tensor, and its ops are then applied to whole batches, products as products with a batch
 * dimension. What `f` gives, one tensor, a list or an object of them, comes back with the batch as a new first axis;
 * tensors from outside may be used in `f` like anywhere, and so may `grad`. An op that cannot be applied to all slices at
 * once, such as a draw at random or an inner loop, runs in a loop over the slices, that op alone (`explain` shows it). What
 * is drawn differs from slice to slice. Differentiable to any order.
 *
 *     const norms = vmap((x: Tensor<[3]>) => norm(x), points)   // points [n, 3] gives [n]
 *
 * Throws a GraphError where a tensor has no first axis, or where first axes differ or are empty.
 */
export function vmap<const X extends readonly Tensor[], R extends Results>(
  f: (...slices: SlicesOf<X>) => R,
  ...batches: X
): Batched<R> {
  return mapped('vmap', f as (...slices: Tensor[]) => R, batches) as Batched<R>
}

export function mapped(
  op: string,
  f: (...slices: Tensor[]) => Results,
  batches: readonly Tensor[],
): Tensor | Tensor[] | Tensors {
  if (typeof f !== 'function') throw new GraphError(`${op}: the first argument must be a function of slices`)
  const extent = extentOf(op, batches)
  const { scope } = currentOrigin()
  const slices = batches.map(({ dtype, shape, origin }) => {
    return standIn('slice', { dtype, shape: shape.slice(1) }, { ...origin, scope })
  })
  const turn = standIn('turn', { dtype: 'int32', shape: [] }, { scope, name: 't' })
  const made = withTurn(turn, () => f(...slices))
  const leaves = new Map([...slices.map((slice, i) => [slice, batches[i]!] as const), [turn, iotaT(extent)]])
  if (isTensor(made)) return batch([made], leaves, extent)[0]!
  if (typeof made !== 'object' || made === null)
    throw new GraphError(
      `${op}: the function must give a tensor, a list or an object of tensors, it gave ${typeof made}`,
    )
  const results = Object.values(made) as Tensor[]
  results.forEach((t) => requireTensor(op, t))
  const rows = batch(results, leaves, extent)
  return Array.isArray(made) ? rows : Object.fromEntries(Object.keys(made).map((name, i) => [name, rows[i]!]))
}

function extentOf(op: string, batches: readonly Tensor[]): number {
  for (const x of batches) {
    requireTensor(op, x)
    if (x.shape.length === 0) throw new GraphError(`${op}: ${describe(x)} is a scalar and has no slices`)
  }
  const [first] = batches
  if (!first) throw new GraphError(`${op}: say over which tensors`)
  const extent = first.shape[0]!
  const other = batches.find((x) => x.shape[0] !== extent)
  if (other)
    throw new GraphError(
      `${op}: ${describe(first)} has ${extent} slices and ${describe(other)} has ${other.shape[0]}; they must be equal`,
    )
  if (extent === 0) throw new GraphError(`${op}: ${describe(first)} has no slices`)
  return extent
}
