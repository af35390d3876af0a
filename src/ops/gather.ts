import { type Affine, axisIndex, constIndex, flatten } from '../ir/affine'
import type { Definition, Scatter } from '../ir/block'
import { GraphError } from '../ir/errors'
import { axisOption, callF } from '../ir/formula'
import type { LowerContext, Op } from '../ir/op'
import { call, castTo, int, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { isFloat, sameShape, showShape, showType, sizeOf, stridesOf, type TensorType } from '../ir/type'
import { spliced } from './axes'
import { broadcastOrThrow } from './elementwise'

// What takes elements at indices and what adds them up there are each other's gradients, so they share a file.

export interface TakeAttrs {
  readonly axis: number
}
export interface AddAttrs {
  readonly axis: number
  /** Extent of the axis in the result. */
  readonly extent: number
}

/** Where a point of what is taken comes from: 0 along the axis, plus what the indices hold at another point. */
interface Source {
  readonly point: readonly Affine[]
  readonly index: readonly Affine[]
}

const gatherSource = (point: readonly Affine[], axis: number, { shape }: TensorType): Source => ({
  point: spliced(point, axis, shape.length, constIndex(0)),
  index: point.slice(axis, axis + shape.length),
})
const alongSource = (point: readonly Affine[], axis: number): Source => ({
  point: spliced(point, axis, 1, constIndex(0)),
  index: point,
})

/**
 * How far on an index leads. It is held within the axis: one that is out of range is an error, but if it was computed this
 * is found only when the kernel has run, and until then no other memory may be read or written.
 */
function distance(index: Scalar, extent: number, stride: number): Scalar {
  const held = call('min', call('max', castTo('int32', index), int(0)), int(extent - 1))
  return stride === 1 ? held : call('mul', held, int(stride))
}

function taken({ inputs: [x], attrs, read, readFlat }: LowerContext<TakeAttrs>, { point, index }: Source): Definition {
  const strides = stridesOf(x!.shape)
  const moved = distance(read(1, index), x!.shape[attrs.axis]!, strides[attrs.axis]!)
  // Where an extent of 1 meets a longer one, it is repeated.
  const inside = point.map((a, i) => (x!.shape[i] === 1 ? constIndex(0) : a))
  return { value: readFlat(0, flatten(inside, strides), moved) }
}

/** Where the elements of an operand fall. */
export type Falling = (point: readonly Affine[]) => Source
export const fallsByRows =
  ({ inputs: [, indices], attrs: { axis } }: LowerContext<AddAttrs>): Falling =>
  (point) =>
    gatherSource(point, axis, indices!)
export const fallsAlong =
  ({ attrs: { axis } }: LowerContext<AddAttrs>): Falling =>
  (point) =>
    alongSource(point, axis)

export function scattered(
  { inputs: [x], output, attrs: { axis }, reduceAxis, read }: LowerContext<AddAttrs>,
  sourceOf: Falling,
  { combine, init }: Pick<Scatter, 'combine' | 'init'> = { combine: 'add', init: 0 },
): Definition {
  const axes = x!.shape.map((extent, i) => reduceAxis(extent, 'ijlmnopq'[i]))
  const here = axes.map(axisIndex)
  const { point, index } = sourceOf(here)
  const strides = stridesOf(output.shape)
  return {
    value: read(0, here),
    scatter: {
      combine,
      init,
      axes,
      at: flatten(point, strides),
      offset: distance(read(1, index), output.shape[axis]!, strides[axis]!),
      slab: strides[0]!,
    },
  }
}

export function checkIndices(indices: TensorType, extent: number): void {
  if (indices.dtype !== 'int32' && indices.dtype !== 'uint8')
    throw new GraphError(`indices must be int32 or uint8, they are ${showType(indices)}; cast them`)
  if (extent === 0 && sizeOf(indices.shape) > 0)
    throw new GraphError(`indices ${showShape(indices.shape)} point along an axis that is empty`)
}

function checkAddable({ dtype }: TensorType): void {
  if (!isFloat(dtype) && dtype !== 'int32') throw new GraphError(`adds floats or int32, got ${dtype}; cast it to int32`)
}

/** The type of rows that are put at indices, whose dimensions they have in place of the axis. */
export function typeByRows(x: TensorType, indices: TensorType, { axis, extent }: AddAttrs): TensorType {
  checkIndices(indices, extent)
  const rank = indices.shape.length
  if (!sameShape(x.shape.slice(axis, axis + rank), indices.shape))
    throw new GraphError(
      `${showShape(x.shape)} has no dimensions ${showShape(indices.shape)}, one for each index, from axis ${axis} on`,
    )
  return { dtype: x.dtype, shape: spliced(x.shape, axis, rank, extent) }
}

/** The type of elements that are put at indices along an axis, one for each. */
export function typeAlong(x: TensorType, indices: TensorType, { axis, extent }: AddAttrs): TensorType {
  checkIndices(indices, extent)
  const fits =
    x.shape.length === indices.shape.length &&
    x.shape.every((d, i) => d === indices.shape[i] || (i !== axis && indices.shape[i] === 1))
  if (!fits)
    throw new GraphError(
      `indices ${showShape(indices.shape)} do not fit ${showShape(x.shape)}: one for each element, equal along axis ${axis}`,
    )
  return { dtype: x.dtype, shape: spliced(x.shape, axis, 1, extent) }
}

/** What lies along the axis at each of the indices, whose shape takes the place of the axis. */
export const gatherOp: Op<'gather', TakeAttrs> = {
  name: 'gather',
  kind: 'point',
  infer: ([x, indices], { axis }) => {
    checkIndices(indices!, x!.shape[axis]!)
    return { dtype: x!.dtype, shape: spliced(x!.shape, axis, 1, ...indices!.shape) }
  },
  ranges: ([x], { axis }) => [{ input: 1, below: x!.shape[axis]! }],
  vjp: ({ inputs: [x, indices], cotangent, attrs: { axis } }) => [
    apply(indexAddOp, [cotangent, indices!], { axis, extent: x!.shape[axis]! }),
    null,
  ],
  lower: (context) => taken(context, gatherSource(context.index, context.attrs.axis, context.inputs[1]!)),
  formula: (operands, { axis }) => callF('gather', operands, axisOption(axis)),
}

/** The sum, at each position along an axis, of all whose index it is: the gradient of `gather`. */
export const indexAddOp: Op<'indexAdd', AddAttrs> = {
  name: 'indexAdd',
  kind: 'point',
  movesGradient: true,
  infer: ([x, indices], attrs) => {
    checkAddable(x!)
    return typeByRows(x!, indices!, attrs)
  },
  ranges: (_, { extent }) => [{ input: 1, below: extent }],
  vjp: ({ inputs: [, indices], cotangent, attrs: { axis } }) => [gatherT(cotangent, indices!, axis), null],
  lower: (context) => scattered(context, fallsByRows(context)),
  formula: (operands, { axis, extent }) => callF('indexAdd', operands, axisOption(axis, extent)),
}

/** Along the axis what the indices say, point by point; the other dimensions broadcast. */
export const takeAlongAxisOp: Op<'takeAlongAxis', TakeAttrs> = {
  name: 'takeAlongAxis',
  kind: 'point',
  infer: ([x, indices], { axis }) => {
    if (x!.shape.length !== indices!.shape.length)
      throw new GraphError(
        `indices ${showShape(indices!.shape)} must have as many dimensions as ${showShape(x!.shape)}; ` +
          `gather takes the same positions everywhere`,
      )
    checkIndices(indices!, x!.shape[axis]!)
    const others = ({ shape }: TensorType): number[] => spliced(shape, axis, 1, 1)
    const shape = broadcastOrThrow(others(x!), others(indices!))
    return { dtype: x!.dtype, shape: spliced(shape, axis, 1, indices!.shape[axis]!) }
  },
  ranges: ([x], { axis }) => [{ input: 1, below: x!.shape[axis]! }],
  vjp: ({ inputs: [x, indices], cotangent, attrs: { axis } }) => [
    apply(scatterAddOp, [cotangent, indices!], { axis, extent: x!.shape[axis]! }),
    null,
  ],
  lower: (context) => taken(context, alongSource(context.index, context.attrs.axis)),
  formula: (operands, { axis }) => callF('takeAlongAxis', operands, axisOption(axis)),
}

/** Each element added where its index says along the axis: the gradient of `takeAlongAxis`. Indices broadcast elsewhere. */
export const scatterAddOp: Op<'scatterAdd', AddAttrs> = {
  name: 'scatterAdd',
  kind: 'point',
  movesGradient: true,
  infer: ([x, indices], attrs) => {
    checkAddable(x!)
    return typeAlong(x!, indices!, attrs)
  },
  ranges: (_, { extent }) => [{ input: 1, below: extent }],
  vjp: ({ inputs: [, indices], cotangent, attrs: { axis } }) => [takeAlongAxisT(cotangent, indices!, axis), null],
  lower: (context) => scattered(context, fallsAlong(context)),
  formula: (operands, { axis, extent }) => callF('scatterAdd', operands, axisOption(axis, extent)),
}

export const gatherT = (x: Tensor, indices: Tensor, axis: number): Tensor => apply(gatherOp, [x, indices], { axis })
export const takeAlongAxisT = (x: Tensor, indices: Tensor, axis: number): Tensor =>
  apply(takeAlongAxisOp, [x, indices], { axis })
export const indexAddT = (x: Tensor, indices: Tensor, attrs: AddAttrs): Tensor => apply(indexAddOp, [x, indices], attrs)
export const scatterAddT = (x: Tensor, indices: Tensor, attrs: AddAttrs): Tensor =>
  apply(scatterAddOp, [x, indices], attrs)
