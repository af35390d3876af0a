import { defineLayer } from './layer'
import { attendWithHeads, headOptions } from './multi-head'
import { axes, integer, optional, required } from './option'

/**
 * Attention of several heads: [query, value] or [query, value, key], [batch, ..., features] each, to [batch, ...] of the query
 * with the features of the query, or with `outputShape`. Every head projects query and key to `keyDim` and the value to
 * `valueDim` features, by default as many. `attentionAxes` are attended over, by default all between batch and features. With
 * `returnAttentionScores` the weights [batch, ..., heads, ...queries, ...keys] are a second result.
 * Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.2.
 */
export const multiHeadAttention = defineLayer({
  className: 'MultiHeadAttention',
  name: 'multi_head_attention',
  options: {
    numHeads: required(integer()),
    keyDim: required(integer()),
    valueDim: optional(integer()),
    outputShape: optional(axes()),
    attentionAxes: optional(axes()),
    ...headOptions,
  },
  arity: { least: 2, most: 3 },
  mask: ([mask], _, outputs) => outputs.map((_, i) => (i === 0 ? mask : undefined)),
  call(inputs, o, at) {
    const { numHeads, keyDim, valueDim = keyDim, outputShape, attentionAxes } = o
    const sizes = {
      ...{ heads: numHeads, keyHeads: numHeads, keySize: keyDim, valueSize: valueDim },
      output: [outputShape ?? inputs[0]!.shape.at(-1)!].flat(),
      axes: attentionAxes === undefined ? undefined : [attentionAxes].flat(),
    }
    return attendWithHeads('MultiHeadAttention', inputs, o, sizes, at)
  },
})
