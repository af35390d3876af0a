import { attentionWithWeights } from '../api/attention'
import { dropout } from '../api/dropout'
import { logicalAnd } from '../api/logic'
import { add } from '../api/math'
import { tensordot } from '../api/products'
import { broadcastTo, reshape, transpose } from '../api/shape'
import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { isFloat, sizeOf } from '../ir/type'
import { normalizeAxis } from '../ops/axes'
import { withFans } from './fans'
import type { Call } from './layer'
import { maskOver } from './mask-over'
import { axis, flag, number, optional, type Parsed } from './option'
import { biasWeight, kernelOptions, kernelWeight } from './part-options'

/** What layers of several heads are told beside their sizes, with Keras's defaults. */
export const headOptions = {
  dropout: number(0, 0, 1 - Number.EPSILON / 2),
  ...kernelOptions,
  /** Accepted: how attention is computed is the compiler's choice. */
  flashAttention: optional(flag(false)),
  /** Kept for the config: what is dropped follows from the seed of the program. */
  seed: optional(axis()),
}

export interface HeadSizes {
  readonly heads: number
  /** Heads of keys and values, a divisor of `heads`. */
  readonly keyHeads: number
  readonly keySize: number
  readonly valueSize: number
  readonly output: readonly number[]
  /** Axes that are attended over; by default all between the batch and the features. */
  readonly axes: readonly number[] | undefined
}

/** [..., features] with heads: [..., heads, size]. */
function projection(
  o: Parsed<typeof headOptions>,
  at: Call,
  name: string,
  over: readonly number[],
  to: readonly number[],
) {
  // All that is summed over comes in, whatever the rank of the kernel says.
  const scaled = { ...kernelWeight(o), initializer: withFans(o.kernelInitializer, sizeOf(over), sizeOf(to)) }
  const kernel = at.weight(`${name}/kernel`, [...over, ...to], scaled)
  const bias = o.useBias ? at.weight(`${name}/bias`, to, biasWeight(o)) : undefined
  return (x: Tensor): Tensor => {
    const y = tensordot(x, kernel, over.length)
    return bias ? add(y, bias) : y
  }
}

/** How the axes of a tensor without its features are laid out for attention: [...others, attended as one]. */
interface Layout {
  readonly others: readonly number[]
  readonly attended: readonly number[]
}
const extents = (x: Tensor, axes: readonly number[]): number[] => axes.map((i) => x.shape[i]!)

/** [..., heads, size] as [...others, heads, attended as one, size]. */
function arranged(x: Tensor, { others, attended }: Layout): Tensor {
  const [heads, size] = [x.shape.length - 2, x.shape.length - 1]
  const turned = transpose(x, [...others, heads, ...attended, size])
  return reshape(turned, [...extents(x, [...others, heads]), sizeOf(extents(x, attended)), x.shape[size]!])
}

/** A mask over the first axes of x as [...others, 1, attended as one]. */
function arrangedMask(mask: Tensor, x: Tensor, { others, attended }: Layout): Tensor {
  const shape = x.shape.slice(0, -1)
  const whole = broadcastTo(maskOver(mask, { ...x, shape }), shape) as Tensor
  const turned = transpose(whole, [...others, ...attended])
  return reshape(turned, [...extents(x, others), 1, sizeOf(extents(x, attended))])
}

/**
 * Attention of several heads over projections of [query, value] or [query, value, key], [batch, ..., features] each; masks of
 * the inputs, `attentionMask` and `useCausalMask` all have to hold. See `multiHeadAttention`.
 */
export function attendWithHeads(
  where: string,
  inputs: readonly Tensor[],
  o: Parsed<typeof headOptions>,
  sizes: HeadSizes,
  at: Call,
): Tensor | Tensor[] {
  const [query, value, key = value] = inputs as [Tensor, Tensor, Tensor?]
  const rank = query.shape.length
  for (const [name, x] of Object.entries({ query, value, key }))
    if (x.shape.length !== rank || rank < 3 || !isFloat(x.dtype))
      throw new GraphError(
        `${where}: query, value and key must be floats [batch, ..., features] of one rank, the ${name} is ${describe(x)}`,
      )
  if (key.shape.slice(0, -1).join() !== value.shape.slice(0, -1).join())
    throw new GraphError(
      `${where}: key and value differ in more than their features: ${describe(key)} and ${describe(value)}`,
    )
  const between = query.shape.map((_, i) => i).slice(1, -1)
  const attended = sizes.axes ? sizes.axes.map((a) => normalizeAxis(where, a, query.shape)) : between
  if (attended.some((a) => !between.includes(a)) || new Set(attended).size !== attended.length)
    throw new GraphError(
      `${where}: attentionAxes must be different ones of ${between.join(', ')}, they are ${attended.join(', ')}`,
    )
  const others = [0, ...between.filter((a) => !attended.includes(a))]
  const layout = { others, attended }
  if (extents(query, others).join() !== extents(value, others).join())
    throw new GraphError(
      `${where}: query and value differ in axes that are not attended over: ${describe(query)} and ${describe(value)}`,
    )
  if (at.options.useCausalMask && attended.length > 1)
    throw new GraphError(`${where}: useCausalMask needs one axis to attend over, there are ${attended.join(', ')}`)

  const { heads, keyHeads, keySize, valueSize, output } = sizes
  const features = (x: Tensor): number[] => [x.shape.at(-1)!]
  const project = projection.bind(undefined, o, at)
  const q = arranged(project('query', features(query), [heads, keySize])(query), layout)
  const k = arranged(project('key', features(key), [keyHeads, keySize])(key), layout)
  const v = arranged(project('value', features(value), [keyHeads, valueSize])(value), layout)

  const mask = maskOf(where, at, { query, value, key: key }, layout)
  const drop = (weights: Tensor): Tensor => (at.draws && o.dropout > 0 ? dropout(weights, o.dropout) : weights)
  const isCausal = at.options.useCausalMask ?? false
  const options = { isCausal, enableGqa: true, ...(mask ? { mask } : {}) }
  const { output: summed, weights } = attentionWithWeights(where, q, k, v, options, drop)

  const from = extents(query, attended)
  const apart = reshape(summed, [...extents(query, others), heads, ...from, valueSize])
  // Back to the order of the query, heads before their features.
  const order = [...others, -1, ...attended]
  const back = query.shape.slice(0, -1).map((_, i) => order.indexOf(i))
  const inOrder = transpose(apart, [...back, order.indexOf(-1), order.length])
  const result = project('attention_output', [heads, valueSize], output)(inOrder)
  if (!at.options.returnAttentionScores) return result
  return [result, reshape(weights, [...extents(query, others), heads, ...from, ...extents(value, attended)])]
}

/** Where a query may see a key, for scores [...others, heads, queries, keys]. */
function maskOf(
  where: string,
  at: Call,
  { query, value, key }: { readonly query: Tensor; readonly value: Tensor; readonly key: Tensor },
  layout: Layout,
): Tensor | undefined {
  const [ofQuery, ofValue, ofKey] = at.masks
  const rows = (t: Tensor): Tensor => reshape(t, [...t.shape, 1])
  const columns = (t: Tensor): Tensor => reshape(t, [...t.shape.slice(0, -1), 1, t.shape.at(-1)!])
  const found = [
    ofQuery && rows(arrangedMask(ofQuery, query, layout)),
    ofValue && columns(arrangedMask(ofValue, value, layout)),
    ofKey && key !== value ? columns(arrangedMask(ofKey, key, layout)) : undefined,
    given(where, at.options.attentionMask, query, value, layout),
  ].filter((mask) => mask !== undefined)
  return found.length === 0 ? undefined : found.reduce((a, b) => logicalAnd(a, b))
}

/** A mask [batch, ...queries, ...keys], or with axes of others and heads before those of the queries. */
function given(
  where: string,
  mask: Tensor | undefined,
  query: Tensor,
  value: Tensor,
  { others, attended }: Layout,
): Tensor | undefined {
  if (!mask) return undefined
  const [rows, columns] = [extents(query, attended), extents(value, attended)]
  const count = rows.length + columns.length
  const lead = mask.shape.slice(0, -count)
  const places = mask.shape.slice(-count)
  const want = [...rows, ...columns]
  const missing = others.length + 1 - lead.length
  if (
    mask.dtype !== 'bool' ||
    missing < 0 ||
    places.length !== count ||
    places.some((d, i) => d !== 1 && d !== want[i])
  )
    throw new GraphError(
      `${where}: attentionMask must be bool [batch, ${want.join(', ')}] or stretch to it, it is ${describe(mask)}`,
    )
  const whole = broadcastTo(mask, [...lead, ...want]) as Tensor
  // Axes that are not there stand before those of the queries.
  return reshape(whole, [...lead, ...Array.from({ length: missing }, () => 1), sizeOf(rows), sizeOf(columns)])
}
