import { axisIndex, constIndex } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF, reduction } from '../ir/formula'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { broadcastShapes, sameShape, showShape, type TensorType } from '../ir/type'
import { keptShape, type ReduceAttrs, reducedShape } from './axes'
import { scalarConstant } from './leaf'
import { castTensor } from './promote'
import { reshapeT } from './view'

// Sum and broadcastTo are each other's gradient, so they share a file.

/** Sum over axes. bool and uint8 are summed as int32; an empty sum is 0. */
export const sumOp: Op<'sum', ReduceAttrs> = {
  name: 'sum',
  kind: 'point',
  movesGradient: true,
  infer: ([x], attrs) => ({ dtype: x!.dtype, shape: reducedShape(x!, attrs) }),
  vjp: ({ inputs: [x], cotangent, attrs }) => [
    broadcastT(reshapeT(cotangent, keptShape(x!.shape, attrs.axes)), x!.shape),
  ],
  lower: (context) => {
    const { axes, index } = reduceIndex(context)
    const body = context.read(0, index)
    const total = { combine: 'add', dtype: body.dtype, init: 0, body } as const
    return { value: { kind: 'acc', dtype: body.dtype, of: total }, reduce: { axes, accumulators: [total] } }
  },
  formula: reduction('sum'),
}

/** The operand's index at a point of a reduction: reduced dimensions get an axis of their own. */
export function reduceIndex({
  inputs: [x],
  index,
  attrs,
  reduceAxis,
}: Pick<
  Parameters<Extract<Op<string, ReduceAttrs>, { kind: 'point' }>['lower']>[0],
  'inputs' | 'index' | 'attrs' | 'reduceAxis'
>) {
  const axes = attrs.axes.map((i) => reduceAxis(x!.shape[i]!))
  let kept = 0
  const full = x!.shape.map((_, i) => {
    const reduced = attrs.axes.indexOf(i)
    if (reduced < 0) return index[kept++]!
    if (attrs.keepDims) kept++
    return axisIndex(axes[reduced]!)
  })
  return { axes, index: full }
}

export interface BroadcastAttrs {
  readonly shape: readonly number[]
}

/** Repeats extents of 1, and missing leading dimensions, to the given shape. */
export const broadcastToOp: Op<'broadcastTo', BroadcastAttrs> = {
  name: 'broadcastTo',
  kind: 'point',
  infer: ([x], { shape }) => {
    const met = broadcastShapes(x!.shape, shape)
    if (!met || !sameShape(met, shape))
      throw new GraphError(`${showShape(x!.shape)} does not stretch to ${showShape(shape)}: extents must be equal or 1`)
    return { dtype: x!.dtype, shape }
  },
  vjp: ({ inputs: [x], cotangent }) => [sumTo(cotangent, x!.shape)],
  lower: ({ inputs: [x], index, read }) => ({
    value: read(
      0,
      x!.shape.map((d, i) => (d === 1 ? constIndex(0) : index[index.length - x!.shape.length + i]!)),
    ),
  }),
  formula: ([x], { shape }) => callF('broadcast', [x!], shape),
}

export function sumT(x: Tensor, attrs: ReduceAttrs): Tensor {
  const terms = widened(x)
  return attrs.axes.length === 0 ? terms : apply(sumOp, [terms], attrs)
}

/** Bytes and conditions as int32: sums and products of them are such, also over no axes. */
export const widened = (x: Tensor): Tensor => (x.dtype === 'bool' || x.dtype === 'uint8' ? castTensor(x, 'int32') : x)

export const broadcastT = (x: Tensor, shape: readonly number[]): Tensor =>
  sameShape(x.shape, shape) ? x : apply(broadcastToOp, [x], { shape })

/** Zeros of a type. */
export const zerosT = ({ dtype, shape }: TensorType): Tensor => broadcastT(scalarConstant(0, dtype), shape)

/** Sums what broadcasting repeated: the cotangent of an operand of the given shape. */
export function sumTo(x: Tensor, shape: readonly number[]): Tensor {
  if (sameShape(x.shape, shape)) return x
  const lead = x.shape.length - shape.length
  const axes = x.shape.flatMap((d, i) => (i < lead || (shape[i - lead] === 1 && d !== 1) ? [i] : []))
  return reshapeT(sumT(x, { axes, keepDims: false }), shape)
}
