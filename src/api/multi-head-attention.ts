import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { describe, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import { isFloat, sameShape } from '../ir/type'
import { addT } from '../ops/arith'
import { contractT } from '../ops/contract'
import { reshapeT } from '../ops/view'
import { type AttentionOptions, scaledDotProductAttention } from './attention'
import { type RotaryOptions, rotaryTables, turnedBy } from './rotary'

/** Weights and options of `multiHeadAttention`. */
export interface MultiHeadAttentionOptions extends Omit<AttentionOptions, 'enableGqa'> {
  /** Projection of the query, [features, heads, d]. */
  readonly wq: Tensor
  /** Projection of the key, [features, kvHeads, d]; heads are a multiple of kvHeads. */
  readonly wk: Tensor
  /** Projection of the value, [features, kvHeads, e]. */
  readonly wv: Tensor
  /** Projection of the result, [heads, e, output]. */
  readonly wo: Tensor
  /** Added after each projection: [heads, d], [kvHeads, d], [kvHeads, e] and [output]. */
  readonly bq?: Tensor
  readonly bk?: Tensor
  readonly bv?: Tensor
  readonly bo?: Tensor
  /** Turn queries and keys by their positions, see `rotaryEmbedding`. */
  readonly rotary?: boolean | RotaryOptions
}
const OPTIONS = ['wq', 'wk', 'wv', 'wo', 'bq', 'bk', 'bv', 'bo', 'rotary', 'mask', 'isCausal', 'scale']

/**
 * Attention of several heads over projections: query [..., T, features], value and key (the value, if not given)
 * [..., S, features], all of one float dtype; the result is [..., T, output]. Computed as by Keras's MultiHeadAttention,
 * whose kernels have these shapes; fewer heads of keys and values give grouped queries, one multi-query attention. A mask
 * of the rank of the query stands for all heads, [..., T, S]; one more axis gives each head its own.
 * Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
 */
export function multiHeadAttention<Q extends Tensor>(
  query: Q,
  value: Tensor,
  key: Tensor | undefined,
  options: MultiHeadAttentionOptions,
): Tensor<Shape, Q['dtype']> {
  requireTensor('multiHeadAttention', query)
  requireTensor('multiHeadAttention', value)
  checkKeys('multiHeadAttention', options, OPTIONS)
  checkFlags('multiHeadAttention', options, ['isCausal'])
  const { wq, wk, wv, wo, bq, bk, bv, bo, mask, isCausal = false, scale, rotary = false } = options
  const keys = key ?? value
  requireTensor('multiHeadAttention', keys)
  if (!isFloat(query.dtype) || query.shape.length < 2)
    throw new GraphError(`multiHeadAttention: the query must be floats [..., T, features], it is ${describe(query)}`)
  /** A part of the layer; null stands for any extent. */
  const check = (name: string, part: unknown, want: readonly (number | null)[]): void => {
    const fits =
      isTensor(part) &&
      part.dtype === query.dtype &&
      sameShape(part.shape, want.map((d, i) => d ?? part.shape[i] ?? -1)) // prettier-ignore
    if (fits) return
    const shape = want.map((d) => d ?? '?').join(', ')
    const got = isTensor(part) ? describe(part) : typeof part
    throw new GraphError(`multiHeadAttention: ${name} must be ${query.dtype}[${shape}], it is ${got}`)
  }
  const features = (t: Tensor): number => t.shape.at(-1)!
  const batch = query.shape.slice(0, -2)
  check('value', value, [...batch, null, null])
  check('key', keys, [...batch, value.shape.at(-2)!, null])
  check('wq', wq, [features(query), null, null])
  const [, heads, size] = wq.shape as [number, number, number]
  check('wk', wk, [features(keys), null, size])
  const shared = wk.shape[1]!
  check('wv', wv, [features(value), shared, null])
  const width = wv.shape[2]!
  check('wo', wo, [heads, width, null])
  if (shared === 0 || heads % shared !== 0)
    throw new GraphError(`multiHeadAttention: ${heads} heads of wq are no multiple of ${shared} of wk and wv`)
  const biases = { bq: [heads, size], bk: [shared, size], bv: [shared, width], bo: [wo.shape[2]!] } as const
  for (const name of ['bq', 'bk', 'bv', 'bo'] as const)
    if (options[name] !== undefined) check(name, options[name], biases[name])

  const [q, k] = turnedBoth(projected(query, wq, bq), projected(keys, wk, bk), rotary)
  if (mask !== undefined) requireTensor('multiHeadAttention', mask)
  const forHeads = mask && query.shape.length > 2 && mask.shape.length === query.shape.length
  const attended = scaledDotProductAttention(q, k, projected(value, wv, bv), {
    ...(mask ? { mask: forHeads ? reshapeT(mask, [...mask.shape.slice(0, -2), 1, ...mask.shape.slice(-2)]) : mask } : {}), // prettier-ignore
    ...(scale === undefined ? {} : { scale }),
    isCausal,
    enableGqa: true,
  })
  const lead = batch.map((_, i) => i)
  const [head, row, inner, output] = [0, 1, 2, 3].map((i) => i + batch.length) as [number, number, number, number]
  const labels = { a: [...lead, head, row, inner], b: [head, inner, output], out: [...lead, row, output] }
  const result = contractT(attended, wo, labels)
  return bo ? addT(result, bo) : result
}

/** [..., T, features] by [features, heads, d] as [..., heads, T, d], the order in which heads are attended to. */
function projected(x: Tensor, w: Tensor, bias: Tensor | undefined): Tensor {
  const lead = x.shape.slice(0, -2).map((_, i) => i)
  const [row, inner, head, size] = [0, 1, 2, 3].map((i) => i + lead.length) as [number, number, number, number]
  const y = contractT(x, w, { a: [...lead, row, inner], b: [inner, head, size], out: [...lead, head, row, size] })
  return bias ? addT(y, reshapeT(bias, [bias.shape[0]!, 1, bias.shape[1]!])) : y
}

/** Queries and keys turned by their positions, where that is wanted; those of one extent share their tables. */
function turnedBoth(q: Tensor, k: Tensor, rotary: boolean | RotaryOptions): readonly [Tensor, Tensor] {
  if (rotary === false) return [q, k]
  const given: RotaryOptions = rotary === true ? {} : rotary
  const { positions } = given
  // Positions are those of rows of the query: every head has them.
  const everyHead = positions && positions.shape.length > 1 && positions.shape.length === q.shape.length - 2
  const options = everyHead ? { ...given, positions: reshapeT(positions, [...positions.shape.slice(0, -1), 1, positions.shape.at(-1)!]) } : given // prettier-ignore
  const tables = rotaryTables(q, options)
  return [
    turnedBy(q, tables, options),
    turnedBy(k, q.shape.at(-2) === k.shape.at(-2) ? tables : rotaryTables(k, options), options),
  ]
}
