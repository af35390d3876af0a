import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { showType } from '../ir/type'
import { addT, divT, floatOnly, mulT, negT, subT } from './arith'
import { keptShape } from './axes'
import { sumT } from './broadcast'
import { composite } from './composite'
import { contractT } from './contract'
import { broadcastOrThrow } from './elementwise'
import { iotaT } from './iota'
import { isFiniteOp } from './logic'
import { maxT, refuseEmpty } from './reduce'
import { andT, isZero, lessEqualOp, notEqualOp, whereT } from './select'
import { type AxisAttrs, softmaxT } from './softmax'
import { stopT } from './stop'
import { expT, like } from './unary'
import { flipOp, reshapeT } from './view'

/**
 * Softmax along an axis of what is allowed; the rest, and what is -Infinity, has weight 0. A row in which nothing is left
 * gives zeros.
 */
export const maskedSoftmaxOp: Op<'maskedSoftmax', AxisAttrs> = {
  name: 'maskedSoftmax',
  kind: 'composite',
  infer: ([z, allowed], { axis }) => {
    refuseEmpty(z!.shape, [axis])
    if (allowed && allowed.dtype !== 'bool') throw new GraphError(`the mask must be bool, it is ${showType(allowed)}`)
    const shape = allowed ? broadcastOrThrow(z!.shape, allowed.shape) : z!.shape
    return { dtype: floatOnly(z!.dtype, 'cast it to a float'), shape }
  },
  vjp: ({ inputs: [, allowed], output: y, cotangent: g, attrs: { axis } }) => {
    const d = mulT(y, subT(g, sumT(mulT(g, y), { axes: [axis], keepDims: true })))
    // By selection: what was not allowed may be infinite.
    return allowed ? [whereT(allowed, d, like(0, d)), null] : [d]
  },
  expand: ([z, allowed], { axis }) => {
    const along = { axes: [axis], keepDims: false }
    const kept = allowed ? whereT(allowed, z!, like(-Infinity, z!)) : z!
    // One number a row, in the shape in which they are reduced: so they are part of the kernels that find them.
    const column = (t: Tensor): Tensor => reshapeT(t, keptShape(kept.shape, [axis]))
    const largest = stopT(maxT(kept, along))
    const shift = whereT(apply(isFiniteOp, [largest], {}), largest, like(0, largest))
    const e = expT(subT(kept, column(shift)))
    const total = sumT(e, along)
    return divT(e, column(whereT(isZero(total), like(1, total), total)))
  },
}

export interface AttentionAttrs {
  readonly isCausal: boolean
  readonly scale: number
}

/** Heads of q that share a head of k and v get an axis of their own, by which k and v are not labelled: nothing is repeated. */
function headsOf(query: Tensor, k: Tensor) {
  const [heads, keyHeads] = [query.shape.at(-3) ?? 1, k.shape.at(-3) ?? 1]
  const shared = heads === keyHeads ? 1 : heads / keyHeads
  const split = (t: Tensor): Tensor => {
    const { shape } = t
    const own = shape.at(-3)
    if (shared === 1 || own === undefined) return t
    const apart = own === 1 ? [1, 1] : [keyHeads, shared]
    return reshapeT(t, [...shape.slice(0, -3), ...apart, ...shape.slice(-2)])
  }
  const q = split(query)
  const lead = q.shape.slice(0, -2).map((_, i) => i)
  const sharedLead = shared === 1 ? lead : lead.slice(0, -1)
  const [row, column, inner] = [lead.length, lead.length + 1, lead.length + 2]
  return { q, split, lead, sharedLead, row, column, inner, scores: [...lead, row, column] }
}

/** softmax(scale q kᵀ + mask): what each key counts for each query, heads that share one apart. */
export function attentionWeightsT(query: Tensor, k: Tensor, mask: Tensor | undefined, attrs: AttentionAttrs): Tensor {
  const { isCausal, scale } = attrs
  const [rows, columns] = [query.shape.at(-2)!, k.shape.at(-2)!]
  const { q, split, lead, sharedLead, row, column, inner, scores } = headsOf(query, k)
  const products = contractT(q, k, { a: [...lead, row, inner], b: [...sharedLead, column, inner], out: scores })
  const scaled = mulT(products, like(scale, products))
  const given = mask && split(mask)
  const z = given && given.dtype !== 'bool' ? addT(scaled, given) : scaled
  const before = isCausal ? apply(lessEqualOp, [iotaT(columns), reshapeT(iotaT(rows), [rows, 1])], {}) : undefined
  // What is -Infinity is selected away too: its key may be anything.
  const chosen = given?.dtype === 'bool' ? given : given && apply(notEqualOp, [given, like(-Infinity, given)], {})
  const allowed = chosen && before ? andT(chosen, before) : (chosen ?? before)
  if (!given && !allowed) return softmaxT(z, column)
  return apply(maskedSoftmaxOp, allowed ? [z, allowed] : [z], { axis: column })
}

/** Values added up by such weights, in the shape of the queries. */
export function attendedT(weights: Tensor, query: Tensor, k: Tensor, v: Tensor): Tensor {
  const { lead, sharedLead, row, column, inner, scores } = headsOf(query, k)
  const out = contractT(weights, v, { a: scores, b: [...sharedLead, column, inner], out: [...lead, row, inner] })
  return reshapeT(out, [...query.shape.slice(0, -1), v.shape.at(-1)!])
}

/**
 * softmax(scale q kᵀ + mask) v. Source: Vaswani et al. 2017, arXiv:1706.03762; Ainslie et al. 2023, arXiv:2305.13245.
 */
export const attentionOp = composite<'scaledDotProductAttention', AttentionAttrs>('scaledDotProductAttention', {
  expand: ([q, k, v, mask], attrs) => attendedT(attentionWeightsT(q!, k!, mask, attrs), q!, k!, v!),
})

/**
 * Pairs of features turned by angles whose cosines and sines are given, [..., d / 2]: the two halves of the last axis form
 * the pairs, or neighbours if interleaved. Source: Su et al. 2021, arXiv:2104.09864.
 */
export const rotaryOp = composite<'rotaryEmbedding', { readonly interleaved: boolean }>('rotaryEmbedding', {
  expand: ([x, cos, sin], { interleaved }) => {
    // Pairs get an axis of their own, along which flipping changes places: every index stays affine.
    const lead = x!.shape.slice(0, -1)
    const half = x!.shape.at(-1)! / 2
    const axis = lead.length + (interleaved ? 1 : 0)
    const paired = (t: Tensor, count: number): Tensor =>
      reshapeT(t, [...t.shape.slice(0, -1), ...(interleaved ? [half, count] : [count, half])])
    const [pairs, c, s] = [paired(x!, 2), paired(cos!, 1), paired(sin!, 1)]
    const isFirst = isZero(reshapeT(iotaT(2), interleaved ? [2] : [2, 1]))
    const other = apply(flipOp, [pairs], { axes: [axis] })
    const turned = addT(mulT(pairs, c), mulT(other, whereT(isFirst, negT(s), s)))
    return reshapeT(turned, x!.shape)
  },
})
