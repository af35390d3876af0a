import * as loom from 'gradloom'
import type { Tensor } from 'gradloom'
import { apply } from '../../src/ir/tensor'
import { sizeOf } from '../../src/ir/type'
import { maskedSoftmaxOp } from '../../src/ops/attention'
import { axisOf, floats, type Grower, isRow, isSome, unary } from './pool'

const isTable = (x: Tensor): boolean => isSome(x) && x.shape.length >= 2
/** With an even last axis: an odd one stands twice. */
const evened = (x: Tensor): Tensor => (x.shape.at(-1)! % 2 === 0 ? x : loom.concat([x, x], { axis: -1 }))
const channels = (x: Tensor, axis: number): Tensor =>
  loom.mean(loom.sin(x), { axis: x.shape.flatMap((_, i) => (i === axis ? [] : [i])) })
/** Far from 0: what is equal everywhere becomes the offset, and not the noise that is left of it. */
const scaled = (x: Tensor, axis: number) => ({ gamma: channels(x, axis), beta: loom.add(channels(x, axis), 2) })
/** By position: a mask by values would jump where they pass a bound, and central differences with it. */
function maskOf({ shape }: Tensor, p: number): Tensor {
  const kept = Int32Array.from({ length: sizeOf(shape) }, (_, i) => (i * (p + 1) + p) % 5)
  return loom.less(loom.constant(kept, { shape }), 3)
}
const last = (x: Tensor): number => x.shape.length - 1

/** Normalisation and attention. */
export const NORMS: readonly Grower[] = [
  unary({
    op: (x, p) => {
      const axis = axisOf(x, p)
      return loom.batchNorm(x, { ...scaled(x, axis), axis, epsilon: 0.1, track: false }).output
    },
    to: () => 8,
    if: isTable,
  }),
  unary({
    op: (x, p) => loom.groupNorm(x, { ...scaled(x, last(x)), groups: p % 2 ? 1 : x.shape.at(-1)!, epsilon: 0.1 }),
    to: () => 8,
    if: isTable,
  }),
  unary({ op: (x, p) => loom.rmsNorm(x, { axis: axisOf(x, p), epsilon: 0.1 }), to: () => 5, if: isRow }),
  unary({ op: (x, p) => loom.localResponseNorm(x, { axis: axisOf(x, p), depthRadius: p % 4 }), if: isRow }),
  unary({
    op: (x, p) => loom.weightNorm(loom.add(loom.square(x), 0.5), channels(x, axisOf(x, p)), { axis: axisOf(x, p) }),
    to: () => 1,
    if: isTable,
  }),
  unary({
    op: (x, p) => apply(maskedSoftmaxOp, [x, maskOf(x, p)], { axis: axisOf(x, p) }),
    to: () => 1,
    if: isRow,
  }),
  unary({
    op: (x, p) => loom.scaledDotProductAttention(loom.tanh(x), loom.sin(x), x, { isCausal: p % 2 === 0 }),
    if: (x) => isTable(x) && x.shape.at(-1)! > 0,
  }),
  unary({
    op: (x, p) => loom.rotaryEmbedding(evened(x), { interleaved: p % 2 === 0 }),
    to: (b) => 2 * b,
    if: (x) => floats(x) && x.shape.length >= 2,
  }),
]
