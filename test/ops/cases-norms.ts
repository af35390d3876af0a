import * as loom from 'gradloom'
import { apply } from '../../src/ir/tensor'
import { maskedSoftmaxOp } from '../../src/ops/attention'
import { iotaT } from '../../src/ops/iota'
import { type Domain, fixed, one, operand, type OpCase, SHAPES, two } from './operands'

type Name =
  | 'layerNorm'
  | 'batchNorm'
  | 'groupNorm'
  | 'rmsNorm'
  | 'localResponseNorm'
  | 'weightNorm'
  | 'iota'
  | 'maskedSoftmax'
  | 'scaledDotProductAttention'
  | 'rotaryEmbedding'
type Part = 'mean' | 'variance' | 'gamma' | 'beta'

/** A batch norm of x, with parts of its channels as further operands. */
function batch(shape: readonly number[], axis: number, ...parts: readonly Part[]): OpCase {
  const channels = [shape.at(axis)!]
  return {
    inputs: [operand(shape), ...parts.map((name) => operand(channels, name === 'variance' ? 'positive' : 'any'))],
    build: (x, ...given) => {
      const named = Object.fromEntries(parts.map((name, i) => [name, given[i]!]))
      return loom.batchNorm(x, { ...named, axis, track: false, training: !('mean' in named) }).output
    },
  }
}

/** Attention over q [..., heads, T, d], k and v of perhaps fewer heads, and a mask of some shape. */
function attention(
  q: readonly number[],
  k: readonly number[],
  features: number,
  options: loom.AttentionOptions = {},
  mask?: readonly [shape: readonly number[], domain: Domain],
): OpCase {
  const parts = [operand(q), operand(k), operand([...k.slice(0, -1), features])]
  return {
    inputs: mask ? [...parts, operand(...mask)] : parts,
    build: (q, k, v, mask) =>
      loom.scaledDotProductAttention(q, k, v, { enableGqa: true, ...options, ...(mask ? { mask } : {}) }),
  }
}
const softmaxUnder = (shape: readonly number[], mask: readonly number[]): OpCase => ({
  inputs: [operand(shape), operand(mask, 'bool')],
  build: (z, allowed) => apply(maskedSoftmaxOp, [z, allowed], { axis: shape.length - 1 }),
})

/** Normalisation and attention. */
export const NORM_CASES: { readonly [N in Name]: readonly OpCase[] } = {
  layerNorm: [
    ...SHAPES.slice(1).map((shape) => one(shape, (x) => loom.layerNorm(x))),
    one([3, 5], (x) => loom.layerNorm(x, { axis: [0, 1], epsilon: 1e-5 })),
    one([2, 3, 4, 5], (x) => loom.layerNorm(x, { axis: [0, 2] })),
  ],
  batchNorm: [
    batch([4, 3], -1),
    batch([4, 3], -1, 'gamma', 'beta'),
    batch([1, 1], -1, 'gamma', 'beta'),
    batch([2, 3, 4, 5], 1, 'gamma', 'beta'),
    batch([2, 3, 4, 5], -1, 'gamma', 'beta'),
    batch([17, 19], 1, 'beta'),
    batch([4, 3], -1, 'mean', 'variance'),
    batch([2, 3, 4], 1, 'mean', 'variance', 'gamma', 'beta'),
    batch([17, 19], -1, 'mean', 'variance', 'gamma', 'beta'),
    batch([0, 3], -1, 'mean', 'variance', 'gamma'),
  ],
  groupNorm: [
    one([2, 6], (x) => loom.groupNorm(x, { groups: 2 })),
    one([2, 3, 4], (x) => loom.groupNorm(x, { groups: 4, epsilon: 0.1 })),
    one([0, 4], (x) => loom.groupNorm(x, { groups: 2 })),
    ...[1, 3, -1].map((axis): OpCase => {
      const channels = [[2, 4, 3, 6].at(axis)!]
      return {
        inputs: [operand([2, 4, 3, 6]), operand(channels), operand(channels)],
        build: (x, gamma, beta) => loom.groupNorm(x, { groups: 2, axis, gamma: gamma, beta: beta }),
      }
    }),
  ],
  rmsNorm: [
    ...SHAPES.slice(1).map((shape) => one(shape, (x) => loom.rmsNorm(x, { epsilon: 0.1 }))),
    one([3, 5], (x) => loom.rmsNorm(x, { axis: [0, 1] }), 'nonZero'),
    one([2, 3, 4], (x) => loom.rmsNorm(x, { axis: 1 }), 'nonZero'),
  ],
  localResponseNorm: [
    one([7], (x) => loom.localResponseNorm(x)),
    one([2, 3, 9], (x) => loom.localResponseNorm(x, { depthRadius: 2, bias: 2, alpha: 0.3, beta: 0.75 })),
    one([2, 5, 3], (x) => loom.localResponseNorm(x, { axis: 1, depthRadius: 1 })),
    one([17, 19], (x) => loom.localResponseNorm(x, { depthRadius: 0, beta: 1 })),
    one([0, 3], (x) => loom.localResponseNorm(x)),
    one([3, 0], (x) => loom.localResponseNorm(x)),
  ],
  weightNorm: [
    two([3, 4], [4], (v, g) => loom.weightNorm(v, g)),
    two([3, 4], [3], (v, g) => loom.weightNorm(v, g, { axis: 0 })),
    two([2, 3, 4, 5], [4], (v, g) => loom.weightNorm(v, g, { axis: 2 })),
    two([17, 19], [19], (v, g) => loom.weightNorm(v, g)),
  ],
  iota: [fixed(() => iotaT(131)), fixed(() => iotaT(1)), fixed(() => iotaT(0))],
  maskedSoftmax: [
    one([3, 5], (z) => apply(maskedSoftmaxOp, [z], { axis: 1 })),
    one([3, 5], (z) => apply(maskedSoftmaxOp, [z], { axis: 0 })),
    softmaxUnder([3, 5], [3, 5]),
    softmaxUnder([4, 3, 2], [2]),
    softmaxUnder([4, 6, 2], [4, 1, 2]),
    softmaxUnder([17, 19], [17, 19]),
  ],
  scaledDotProductAttention: [
    attention([3, 4], [5, 4], 2),
    attention([3, 4], [5, 4], 2, { isCausal: true, scale: 0.7 }),
    attention([2, 3, 4], [2, 5, 4], 4, {}, [[3, 5], 'bool']),
    attention([2, 2, 3, 4], [2, 2, 5, 4], 3, {}, [[2, 1, 3, 5], 'any']),
    attention([2, 2, 5, 4], [2, 2, 3, 4], 4, { isCausal: true }, [[2, 1, 1, 3], 'bool']),
    attention([2, 4, 3, 4], [2, 2, 5, 4], 3),
    attention([2, 4, 3, 4], [2, 1, 3, 4], 3, { isCausal: true }, [[4, 3, 3], 'any']),
    attention([6, 3, 4], [3, 5, 4], 2, {}, [[6, 1, 5], 'bool']),
    attention([6, 3, 4], [3, 5, 4], 2, {}, [[1, 3, 5], 'bool']),
    attention([17, 8], [19, 8], 9, { isCausal: true }),
    attention([0, 4], [3, 4], 2),
  ],
  rotaryEmbedding: [
    one([3, 4], (x) => loom.rotaryEmbedding(x)),
    one([2, 5, 6], (x) => loom.rotaryEmbedding(x, { base: 100 })),
    one([2, 5, 6], (x) => loom.rotaryEmbedding(x, { interleaved: true })),
    one([17, 2], (x) => loom.rotaryEmbedding(x, { interleaved: true })),
    one([3, 0], (x) => loom.rotaryEmbedding(x)),
    {
      inputs: [operand([2, 3, 4]), operand([2, 1], 50)],
      build: (x, positions) => loom.rotaryEmbedding(x, { positions: positions }),
    },
  ],
}
