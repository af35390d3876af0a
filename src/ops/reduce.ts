import { axisIndex, flatten } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF, reduction } from '../ir/formula'
import type { Op } from '../ir/op'
import { call, castTo, indexValue, literal } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { showShape, sizeOf, stridesOf, type DType } from '../ir/type'
import { divT } from './arith'
import { keptShape, type ReduceAttrs, reducedShape } from './axes'
import { reduceIndex, sumT } from './broadcast'
import { scalarConstant } from './leaf'
import { castTensor, toFloat } from './promote'
import { equalOp, whereT } from './select'
import { reshapeT } from './view'

export const LOWEST: Readonly<Record<DType, number>> = {
  float32: -Infinity,
  float64: -Infinity,
  int32: -(2 ** 31),
  uint8: 0,
  bool: 0,
}

/** A maximum over no elements is no number: also not inside a softmax. */
export function refuseEmpty(shape: readonly number[], axes: readonly number[], what = 'largest'): void {
  const empty = axes.find((i) => shape[i] === 0)
  if (empty !== undefined)
    throw new GraphError(`axis ${empty} of ${showShape(shape)} is empty: there is no ${what} of no elements`)
}

/** Largest element over axes, NaN if one is NaN. Ties share the gradient equally. */
export const maxOp: Op<'max', ReduceAttrs> = {
  name: 'max',
  kind: 'point',
  infer: ([x], attrs) => {
    refuseEmpty(x!.shape, attrs.axes)
    return { dtype: x!.dtype, shape: reducedShape(x!, attrs) }
  },
  vjp: ({ inputs: [x], output, cotangent, attrs: { axes } }) => {
    const kept = keptShape(x!.shape, axes)
    const isMax = apply(equalOp, [x!, reshapeT(output, kept)], {})
    const count = castTensor(sumT(isMax, { axes, keepDims: true }), cotangent.dtype)
    return [whereT(isMax, divT(reshapeT(cotangent, kept), count), scalarConstant(0, cotangent.dtype))]
  },
  lower: (context) => {
    const { axes, index } = reduceIndex(context)
    const body = context.read(0, index)
    const largest = { combine: 'max', dtype: body.dtype, init: LOWEST[body.dtype], body } as const
    return { value: { kind: 'acc', dtype: body.dtype, of: largest }, reduce: { axes, accumulators: [largest] } }
  },
  formula: reduction('max'),
}

/** Index (int32) of the first largest element, in row-major order of the axes; a NaN counts as largest. Has no gradient. */
export const argMaxOp: Op<'argMax', ReduceAttrs> = {
  name: 'argMax',
  kind: 'point',
  infer: ([x], attrs) => {
    refuseEmpty(x!.shape, attrs.axes)
    return { dtype: 'int32', shape: reducedShape(x!, attrs) }
  },
  vjp: null,
  lower: (context) => {
    const { axes, index } = reduceIndex(context)
    const body = context.read(0, index)
    const largest = { combine: 'max', dtype: body.dtype, init: LOWEST[body.dtype], body } as const
    const position = flatten(axes.map(axisIndex), stridesOf(axes.map((a) => a.extent)))
    const at = { combine: 'arg', dtype: 'int32', init: 0, body: indexValue(position), of: largest } as const
    return { value: { kind: 'acc', dtype: 'int32', of: at }, reduce: { axes, accumulators: [largest, at] } }
  },
  formula: reduction('argMax'),
}

/** Sum divided by the number of elements summed; integers give float32, an empty mean is NaN. */
export const meanOp: Op<'mean', ReduceAttrs> = {
  name: 'mean',
  kind: 'composite',
  infer: ([x], attrs) => ({
    dtype: x!.dtype === 'float64' ? 'float64' : 'float32',
    shape: reducedShape(x!, attrs),
  }),
  vjp: 'expand',
  expand: ([x], attrs) => {
    const count = sizeOf(attrs.axes.map((i) => x!.shape[i]!))
    const total = sumT(toFloat(x!), attrs)
    return divT(total, scalarConstant(count, total.dtype))
  },
  formula: reduction('mean'),
}

export interface OneHotAttrs {
  readonly depth: number
  readonly dtype: DType
  /** The index must be in range, as class labels must; otherwise what lies outside gives zeros. */
  readonly checked: boolean
}

/** A new last axis with 1 at the index and 0 elsewhere; an index outside 0 to depth - 1 gives zeros, as in Keras. */
export const oneHotOp: Op<'oneHot', OneHotAttrs> = {
  name: 'oneHot',
  kind: 'point',
  infer: ([x], { depth, dtype }) => {
    if (x!.dtype !== 'int32' && x!.dtype !== 'uint8')
      throw new GraphError(`indices must be int32 or uint8, they are ${x!.dtype}`)
    return { dtype, shape: [...x!.shape, depth] }
  },
  vjp: null,
  ranges: (_, { depth, checked }) => (checked ? [{ input: 0, below: depth }] : []),
  lower: ({ inputs: [x], attrs: { dtype }, index, read }) => {
    const rank = x!.shape.length
    const hit = call('eq', castTo('int32', read(0, index.slice(0, rank))), indexValue(index[rank]!))
    return { value: dtype === 'bool' ? hit : call('select', hit, literal(1, dtype), literal(0, dtype)) }
  },
  formula: ([x], { depth }) => callF('oneHot', [x!], depth),
}

export const oneHotT = (x: Tensor, depth: number, dtype: DType, checked: boolean): Tensor =>
  apply(oneHotOp, [x], { depth, dtype, checked })
export const meanT = (x: Tensor, attrs: ReduceAttrs): Tensor => apply(meanOp, [x], attrs)
export const maxT = (x: Tensor, attrs: ReduceAttrs): Tensor => apply(maxOp, [x], attrs)
