import { expandDims } from '../api/arrange'
import { attentionWithWeights } from '../api/attention'
import { dropout as drop } from '../api/dropout'
import { fill } from '../api/leaf'
import { logicalAnd } from '../api/logic'
import { add, mul, tanh, where } from '../api/math'
import { sum } from '../api/reduce'
import { matmul } from '../api/shape'
import { tril } from '../api/triangles'
import { glorotUniform, ones } from '../init/initializers'
import { GraphError } from '../ir/errors'
import { apply, describe, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { maskedSoftmaxOp } from '../ops/attention'
import { softmaxT } from '../ops/softmax'
import { type Call, defineLayer, type MaskRule } from './layer'
import { maskOver } from './mask-over'
import { axis, choice, flag, number, optional } from './option'

const shared = {
  dropout: number(0, 0, 1 - Number.EPSILON / 2),
  /** Kept for the config: what is dropped follows from the seed of the program. */
  seed: optional(axis()),
}
const isScaled = (fallback: boolean) => ({ useScale: flag(fallback) })

interface Operands {
  readonly query: Tensor
  readonly value: Tensor
  readonly key: Tensor
}

function operandsOf(where: string, [query, value, key = value]: readonly Tensor[], at: Call): Operands {
  const all = { query: query!, value: value!, key: key! }
  for (const [name, x] of Object.entries(all))
    if (x.shape.length !== 3 || !isFloat(x.dtype))
      throw new GraphError(`${where}: the ${name} must be floats [batch, steps, features], it is ${describe(x)}`)
  if (at.options.attentionMask)
    throw new GraphError(`${where}: takes the masks of its inputs and useCausalMask, but no attentionMask`)
  if (query!.shape.at(-1) !== key!.shape.at(-1))
    throw new GraphError(
      `${where}: query and key have the same features, got ${describe(query!)} and ${describe(key!)}`,
    )
  return all
}

/** Values added up by weights that scores give, and those weights. What the query's mask leaves out is 0. */
function finished(at: Call, output: Tensor, weights: Tensor): Tensor | Tensor[] {
  const [mask] = at.masks
  const chosen = mask ? where(maskOver(mask, output), output, 0) : output
  return at.options.returnAttentionScores ? [chosen, weights] : chosen
}
const dropping = (at: Call, rate: number, weights: Tensor): Tensor =>
  at.draws && rate > 0 ? drop(weights, rate) : weights

/** Values added up by the softmax of scores [batch, queries, keys]. */
function byScores(at: Call, scores: Tensor, value: Tensor, rate: number): Tensor | Tensor[] {
  const [rows, columns] = scores.shape.slice(1) as [number, number]
  const keys = at.masks[1] && expandDims(at.masks[1], 1)
  const before = at.options.useCausalMask ? tril(fill([rows, columns], 1, { dtype: 'bool' })) : undefined
  const allowed = keys && before ? logicalAnd(keys, before) : (keys ?? before)
  const weights = allowed ? apply(maskedSoftmaxOp, [scores, allowed], { axis: 2 }) : softmaxT(scores, 2)
  const used = dropping(at, rate, weights)
  return finished(at, matmul(used, value), used)
}

const queryMask: MaskRule<unknown> = ([mask], _, outputs) => outputs.map((_, i) => (i === 0 ? mask : undefined))
/** tanh of every query and every key, [batch, queries, keys, features]. */
const together = (query: Tensor, key: Tensor): Tensor => add(expandDims(query, 2), expandDims(key, 1))

/**
 * softmax(scores) value of [query, value] or [query, value, key], all [batch, steps, features]: scores are the products of
 * query and key, with `useScale` times a weight, or by `scoreMode: 'concat'` a weight times the sum of tanh(query + key).
 * Keys that the value's mask leaves out have no weight, and a query without any gives 0. With `returnAttentionScores` the
 * weights are a second result. Source: Luong et al. 2015, arXiv:1508.04025.
 */
export const attention = defineLayer({
  className: 'Attention',
  name: 'attention',
  options: { ...isScaled(false), scoreMode: choice(['dot', 'concat'], 'dot'), ...shared },
  arity: { least: 2, most: 3 },
  mask: queryMask,
  call(inputs, o, at) {
    const { query, value, key } = operandsOf('Attention', inputs, at)
    const one = (name: string): Tensor => at.weight(name, [], { initializer: ones() })
    const scale = o.useScale ? one('scale') : undefined
    if (o.scoreMode === 'concat') {
      const both = together(query, key)
      const scores = mul(one('concat_score_weight'), sum(tanh(scale ? mul(scale, both) : both), { axis: -1 }))
      return byScores(at, scores, value, o.dropout)
    }
    let used: Tensor | undefined
    const { output } = attentionWithWeights(
      'Attention',
      scale ? mul(query, scale) : query,
      key,
      value,
      {
        scale: 1,
        isCausal: at.options.useCausalMask ?? false,
        ...(at.masks[1] ? { mask: expandDims(at.masks[1], 1) } : {}),
      },
      (weights) => (used = dropping(at, o.dropout, weights)),
    )
    return finished(at, output, used!)
  },
})

/**
 * The same by the scores sum(scale tanh(query + key)), where `scale` is a weight [features], or 1 without `useScale`.
 * Source: Bahdanau et al. 2014, arXiv:1409.0473.
 */
export const additiveAttention = defineLayer({
  className: 'AdditiveAttention',
  name: 'additive_attention',
  options: { ...isScaled(true), ...shared },
  arity: { least: 2, most: 3 },
  mask: queryMask,
  call(inputs, o, at) {
    const { query, value, key } = operandsOf('AdditiveAttention', inputs, at)
    const squashed = tanh(together(query, key))
    const features = query.shape.at(-1)!
    const scale = o.useScale ? at.weight('scale', [features], { initializer: glorotUniform() }) : undefined
    return byScores(at, sum(scale ? mul(squashed, scale) : squashed, { axis: -1 }), value, o.dropout)
  },
})
