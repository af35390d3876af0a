import { type GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { broadcastShapes, isFloat, sameShape, showShape, showType } from '../ir/type'
import { type AttentionAttrs, attendedT, attentionOp, attentionWeightsT } from '../ops/attention'
import { reshapeT } from '../ops/view'
import { checkNumber } from './build'

/** That of q, with the features of v. */
type AttentionShape<Q extends Shape, V extends Shape> = Q extends readonly [...infer L extends Shape, number]
  ? V extends readonly [...Shape, infer E extends number]
    ? [...L, E]
    : Shape
  : Shape

/** Options of `scaledDotProductAttention`. */
export interface AttentionOptions {
  /**
   * Broadcasts to [..., heads, T, S]. A bool mask is true where a query may attend; a float one is added to the scores, in
   * the dtype of q.
   */
  readonly mask?: Tensor
  /** Query t attends to keys 0 to t only, also beside a mask. */
  readonly isCausal?: boolean
  /** Factor of the scores, 1 / sqrt(d) by default. */
  readonly scale?: number
  /** Let several heads of q share one of k and v: q has a multiple of their heads, neighbours share. */
  readonly enableGqa?: boolean
}

/**
 * softmax(scale q kᵀ + mask) v for queries q [..., heads, T, d], keys k [..., heads, S, d] and values v [..., heads, S, e] of
 * one float dtype; the result is [..., heads, T, e], and of rank 2 there are no heads. As PyTorch's function of the name,
 * but that a query which may attend to nothing gives zeros, with gradient 0. Throws where extents or dtypes do not fit.
 * Source: Vaswani et al. 2017, arXiv:1706.03762.
 */
export function scaledDotProductAttention<Q extends Tensor, V extends Tensor>(
  q: Q,
  k: Tensor,
  v: V,
  options: AttentionOptions = {},
): Tensor<AttentionShape<Q['shape'], V['shape']>, Q['dtype']> {
  checkKeys('scaledDotProductAttention', options, ['mask', 'isCausal', 'scale', 'enableGqa'])
  checkFlags('scaledDotProductAttention', options, ['isCausal', 'enableGqa'])
  const attrs = checkedAttention('scaledDotProductAttention', q, k, v, options)
  return apply(attentionOp, options.mask ? [q, k, v, options.mask] : [q, k, v], attrs) as never
}

/**
 * The same, and the weights [..., heads, T, S] by which values are added up. `drop` says what becomes of the weights before
 * that.
 */
export function attentionWithWeights(
  op: string,
  q: Tensor,
  k: Tensor,
  v: Tensor,
  options: AttentionOptions,
  drop: (weights: Tensor) => Tensor = (weights) => weights,
): { readonly output: Tensor; readonly weights: Tensor } {
  const weights = attentionWeightsT(q, k, options.mask, checkedAttention(op, q, k, v, options))
  return {
    output: attendedT(drop(weights), q, k, v),
    weights: reshapeT(weights, [...q.shape.slice(0, -1), k.shape.at(-2)!]),
  }
}

function checkedAttention(op: string, q: Tensor, k: Tensor, v: Tensor, options: AttentionOptions): AttentionAttrs {
  const { mask, isCausal = false, scale, enableGqa = false } = options
  const all: readonly Tensor[] = [q, k, v]
  for (const t of all) requireTensor(op, t)
  const fail = (why: string): GraphError => explained(op, why, mask ? [...all, mask] : all)
  const [rank, features] = [q.shape.length, q.shape.at(-1)!]
  if (all.some((t) => !isFloat(t.dtype) || t.dtype !== q.dtype)) throw fail('q, k and v must be of one float dtype')
  if (rank < 2 || all.some((t) => t.shape.length !== rank)) throw fail('q, k and v must be of one rank, at least 2')
  if (k.shape.at(-1) !== features || features === 0)
    throw fail(`q and k must have the same features, more than none; they have ${features} and ${k.shape.at(-1)}`)
  if (k.shape.at(-2) !== v.shape.at(-2)) throw fail(`there are ${k.shape.at(-2)} keys, but ${v.shape.at(-2)} values`)
  if (!sameShape(k.shape.slice(0, -2), v.shape.slice(0, -2))) throw fail('batch and heads of k and v differ')
  if (!sameShape(q.shape.slice(0, -3), k.shape.slice(0, -3))) throw fail('batches of q and k differ')
  const [heads, shared] = [q.shape.at(-3) ?? 1, k.shape.at(-3) ?? 1]
  if (rank > 2 && heads !== shared) {
    if (shared === 0 || heads % shared !== 0) throw fail(`${heads} heads of q are no multiple of ${shared} of k and v`)
    if (!enableGqa) throw fail(`q has ${heads} heads, k and v have ${shared}; { enableGqa: true } lets them share`)
  }
  const full = [...q.shape.slice(0, -1), k.shape.at(-2)!]
  if (mask !== undefined) {
    requireTensor(op, mask)
    if (mask.dtype !== 'bool' && mask.dtype !== q.dtype)
      throw fail(`the mask must be bool, true where a query may attend, or ${q.dtype}, added; it is ${showType(mask)}`)
    if (!sameShape(broadcastShapes(mask.shape, full) ?? [], full))
      throw fail(`a mask ${showShape(mask.shape)} does not stretch to the scores ${showShape(full)}`)
  }
  if (scale !== undefined) checkNumber(op, 'scale', scale, Number.isFinite, 'a number')
  return { isCausal, scale: scale ?? 1 / Math.sqrt(features) }
}
