import { GraphError } from '../ir/errors'
import type { Accumulator, Combine } from '../ir/block'
import { reduction } from '../ir/formula'
import type { LowerContext, Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { type DType, sizeOf } from '../ir/type'
import { divT, mulT, negT } from './arith'
import { keptShape, type ReduceAttrs, reducedShape } from './axes'
import { broadcastT, reduceIndex, sumT, widened } from './broadcast'
import { composite } from './composite'
import { logicalNotOp, bitwiseNotOp } from './logic'
import { concatT, partT } from './pieces'
import { castTensor } from './promote'
import { argMaxOp, refuseEmpty } from './reduce'
import { equalOp, whereT } from './select'
import { reshapeT, transposeT } from './view'
import { like } from './unary'

export const HIGHEST: Readonly<Record<DType, number>> = {
  float32: Infinity,
  float64: Infinity,
  int32: 2 ** 31 - 1,
  uint8: 255,
  bool: 1,
}

/** A reduction by one accumulator. */
function accumulate(context: LowerContext<ReduceAttrs>, combine: Combine, init: number) {
  const { axes, index } = reduceIndex(context)
  const body = context.read(0, index)
  const of: Accumulator = { combine, dtype: body.dtype, init, body }
  return { value: { kind: 'acc', dtype: body.dtype, of } as const, reduce: { axes, accumulators: [of] } }
}

/** Smallest element over axes, NaN if one is NaN. Ties share the gradient equally. */
export const minOp: Op<'min', ReduceAttrs> = {
  name: 'min',
  kind: 'point',
  infer: ([x], attrs) => {
    refuseEmpty(x!.shape, attrs.axes, 'smallest')
    return { dtype: x!.dtype, shape: reducedShape(x!, attrs) }
  },
  vjp: ({ inputs: [x], output, cotangent, attrs: { axes } }) => {
    const kept = keptShape(x!.shape, axes)
    const isMin = apply(equalOp, [x!, reshapeT(output, kept)], {})
    const count = castTensor(sumT(isMin, { axes, keepDims: true }), cotangent.dtype)
    return [whereT(isMin, divT(reshapeT(cotangent, kept), count), like(0, cotangent))]
  },
  lower: (context) => accumulate(context, 'min', HIGHEST[context.output.dtype]),
  formula: reduction('min'),
}

/** Index (int32) of the first smallest element along one axis; a NaN counts as smallest. Has no gradient. */
export const argMinOp = composite<'argMin', ReduceAttrs>('argMin', {
  differentiable: false,
  check: ([x], { axes }) => refuseEmpty(x!.shape, axes, 'smallest'),
  expand: ([x], attrs) => {
    // Turning all bits over reverses the order of integers without the overflow of a sign.
    const op = x!.dtype === 'bool' ? logicalNotOp : bitwiseNotOp
    const mirrored = x!.dtype.startsWith('float') ? negT(x!) : apply(op, [x!], {})
    return apply(argMaxOp, [mirrored], attrs)
  },
  formula: reduction('argMin'),
})

const truth = <N extends string>(name: N, combine: 'max' | 'min', init: 0 | 1): Op<N, ReduceAttrs> => ({
  name,
  kind: 'point',
  infer: ([x], attrs) => {
    if (x!.dtype !== 'bool') throw new GraphError(`needs a bool operand, got ${x!.dtype}; compare it with 0`)
    return { dtype: 'bool', shape: reducedShape(x!, attrs) }
  },
  vjp: null,
  lower: (context) => accumulate(context, combine, init),
  formula: reduction(name),
})
/** Whether one of the elements is true; of none it is false. */
export const anyOp = truth('any', 'max', 0)
/** Whether all of the elements are true; of none it is true. */
export const allOp = truth('all', 'min', 1)

/**
 * Product over axes; an empty one is 1. The gradient multiplies what is left of each element in a tree of pairs: nothing
 * is divided, so zeros do no harm, in any order of derivative.
 */
export const prodOp: Op<'prod', ReduceAttrs> = {
  name: 'prod',
  kind: 'point',
  infer: ([x], attrs) => ({ dtype: x!.dtype, shape: reducedShape(x!, attrs) }),
  vjp: ({ inputs: [x], cotangent, attrs: { axes } }) => {
    // The reduced axes as one last axis.
    const kept = x!.shape.flatMap((_, i) => (axes.includes(i) ? [] : [i]))
    const order = [...kept, ...axes]
    const extents = order.map((i) => x!.shape[i]!)
    const rows = kept.map((i) => x!.shape[i]!)
    const flat = reshapeT(transposeT(x!, order), [...rows, sizeOf(axes.map((i) => x!.shape[i]!))])
    const g = prodGradient(flat, reshapeT(cotangent, [...rows, 1]))
    const back = order.map((_, i) => order.indexOf(i))
    return [transposeT(reshapeT(g, extents), back)]
  },
  lower: (context) => accumulate(context, 'mul', 1),
  formula: reduction('prod'),
}

export function prodT(x: Tensor, attrs: ReduceAttrs): Tensor {
  const factors = widened(x)
  return attrs.axes.length === 0 ? factors : apply(prodOp, [factors], attrs)
}

/** The cotangent of the elements of the last axis from that of their product, of extent 1 there. */
function prodGradient(x: Tensor, g: Tensor): Tensor {
  const axis = x.shape.length - 1
  const levels: Tensor[] = [x]
  for (let now = x; now.shape[axis]! > 1; levels.push(now)) {
    const half = Math.floor(now.shape[axis]! / 2)
    const pairs = mulT(partT(now, axis, 0, half), partT(now, axis, half, half))
    now = now.shape[axis]! % 2 === 0 ? pairs : concatT([pairs, partT(now, axis, 2 * half, 1)], axis)
  }
  if (x.shape[axis] === 0) return broadcastT(like(0, g), x.shape)
  return levels.slice(0, -1).reduceRight((up, now) => {
    const half = Math.floor(now.shape[axis]! / 2)
    const shared = partT(up, axis, 0, half)
    const below = [mulT(shared, partT(now, axis, half, half)), mulT(shared, partT(now, axis, 0, half))]
    return concatT(now.shape[axis]! % 2 === 0 ? below : [...below, partT(up, axis, half, 1)], axis)
  }, g)
}
