import { GraphError } from '../ir/errors'
import { defineLayer } from './layer'
import { attendWithHeads, headOptions } from './multi-head'
import { integer, required } from './option'

/**
 * Attention of `numQueryHeads` heads of which neighbours share one of `numKeyValueHeads` heads of keys and values, of
 * `headDim` features each; otherwise as `multiHeadAttention`. Source: Ainslie et al. 2023, arXiv:2305.13245.
 */
export const groupedQueryAttention = defineLayer({
  className: 'GroupedQueryAttention',
  name: 'grouped_query_attention',
  options: {
    headDim: required(integer()),
    numQueryHeads: required(integer()),
    numKeyValueHeads: required(integer()),
    ...headOptions,
  },
  arity: { least: 2, most: 3 },
  mask: ([mask], _, outputs) => outputs.map((_, i) => (i === 0 ? mask : undefined)),
  check({ numQueryHeads, numKeyValueHeads }, where) {
    if (numQueryHeads % numKeyValueHeads !== 0)
      throw new GraphError(
        `${where}: numQueryHeads must be a multiple of numKeyValueHeads, got ${numQueryHeads} and ${numKeyValueHeads}`,
      )
  },
  call(inputs, o, at) {
    const sizes = {
      ...{ heads: o.numQueryHeads, keyHeads: o.numKeyValueHeads, keySize: o.headDim, valueSize: o.headDim },
      output: [inputs[0]!.shape.at(-1)!],
      axes: [1],
    }
    return attendWithHeads('GroupedQueryAttention', inputs, o, sizes, at)
  },
})
