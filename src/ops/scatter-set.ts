import { GraphError } from '../ir/errors'
import { axisOption, callF } from '../ir/formula'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { sameShape, showShape, showType, sizeOf, type TensorType } from '../ir/type'
import { spliced } from './axes'
import { broadcastT } from './broadcast'
import { gatherT, takeAlongAxisT, type TakeAttrs, typeAlong, typeByRows } from './gather'
import { iotaT } from './iota'
import { scalarConstant } from './leaf'
import { indexMaxT, scatterMaxT } from './scatter-extreme'
import { equalOp, lessEqualOp, maximumOp, whereT } from './select'
import { like } from './unary'
import { reshapeT } from './view'

// Of several updates of one element the last one counts: each is numbered, and the largest number wins.

const zero = (): Tensor => scalarConstant(0, 'int32')
const isThere = (winner: Tensor): Tensor => apply(lessEqualOp, [zero(), winner], {})
const held = (winner: Tensor): Tensor => apply(maximumOp, [winner, zero()], {})
const isEqual = (a: Tensor, b: Tensor): Tensor => apply(equalOp, [a, b], {})

function sameAs(x: TensorType, { dtype, shape }: TensorType): TensorType {
  if (x.dtype !== dtype || !sameShape(x.shape, shape))
    throw new GraphError(`updates would make ${showType({ dtype, shape })} of ${showType(x)}`)
  return x
}

/** Axes beside one that indices stand for. */
const beside = (t: Tensor, axis: number, rank: number): Tensor =>
  reshapeT(t, [...Array.from({ length: axis }, () => 1), ...t.shape, ...Array.from({ length: rank }, () => 1)])

const numbersFor = (indices: Tensor): Tensor => reshapeT(iotaT(sizeOf(indices.shape)), indices.shape)
/** The number of the last update of each row, -1 or less where there is none. */
const lastRow = (indices: Tensor, extent: number): Tensor =>
  indexMaxT(numbersFor(indices), indices, { axis: 0, extent, smallest: false })

/** Rows of x along an axis replaced by those of updates at indices; of several for one row the last counts. */
export const indexSetOp: Op<'indexSet', TakeAttrs> = {
  name: 'indexSet',
  kind: 'composite',
  keepsFormula: true,
  infer: ([x, indices, updates], { axis }) => {
    if (x!.dtype !== updates!.dtype)
      throw new GraphError(`${showType(x!)} and ${showType(updates!)} differ in dtype; cast the updates`)
    return sameAs(x!, typeByRows(updates!, indices!, { axis, extent: x!.shape[axis]! }))
  },
  ranges: ([x], { axis }) => [{ input: 1, below: x!.shape[axis]! }],
  vjp: ({ inputs: [x, indices], cotangent: g, attrs: { axis } }) => {
    const last = lastRow(indices!, x!.shape[axis]!)
    const rank = x!.shape.length - axis - 1
    const isLast = isEqual(gatherT(last, indices!, 0), numbersFor(indices!))
    return [
      whereT(beside(isThere(last), axis, rank), like(0, g), g),
      null,
      whereT(beside(isLast, axis, rank), gatherT(g, indices!, axis), like(0, g)),
    ]
  },
  expand: ([x, indices, updates], { axis }) => {
    const last = lastRow(indices!, x!.shape[axis]!)
    const rows = reshapeT(updates!, spliced(updates!.shape, axis, indices!.shape.length, sizeOf(indices!.shape)))
    if (rows.shape[axis] === 0) return x!
    return whereT(beside(isThere(last), axis, x!.shape.length - axis - 1), gatherT(rows, held(last), axis), x!)
  },
  formula: (operands, { axis }) => callF('indexSet', operands, axisOption(axis)),
}

/** Indices as far as they broadcast, one for each update. */
const spreadTo = (indices: Tensor, shape: readonly number[]): Tensor => broadcastT(indices, shape)
const along = (shape: readonly number[], axis: number): Tensor =>
  broadcastT(beside(iotaT(shape[axis]!), axis, shape.length - axis - 1), shape)
const lastAlong = (indices: Tensor, axis: number, extent: number): Tensor =>
  scatterMaxT(along(indices.shape, axis), indices, { axis, extent, smallest: false })

/** Elements of x along an axis replaced by those of updates, each at its index; of several for one the last counts. */
export const scatterSetOp: Op<'scatterSet', TakeAttrs> = {
  name: 'scatterSet',
  kind: 'composite',
  keepsFormula: true,
  infer: ([x, indices, updates], { axis }) => {
    if (x!.dtype !== updates!.dtype)
      throw new GraphError(`${showType(x!)} and ${showType(updates!)} differ in dtype; cast the updates`)
    if (x!.shape.length !== updates!.shape.length)
      throw new GraphError(
        `updates ${showShape(updates!.shape)} must have as many dimensions as ${showShape(x!.shape)}`,
      )
    return sameAs(x!, typeAlong(updates!, indices!, { axis, extent: x!.shape[axis]! }))
  },
  ranges: ([x], { axis }) => [{ input: 1, below: x!.shape[axis]! }],
  vjp: ({ inputs: [x, some, updates], cotangent: g, attrs: { axis } }) => {
    const indices = spreadTo(some!, updates!.shape)
    const last = lastAlong(indices, axis, x!.shape[axis]!)
    const isLast = isEqual(takeAlongAxisT(last, indices, axis), along(updates!.shape, axis))
    return [whereT(isThere(last), like(0, g), g), null, whereT(isLast, takeAlongAxisT(g, indices, axis), like(0, g))]
  },
  expand: ([x, some, updates], { axis }) => {
    if (updates!.shape[axis] === 0) return x!
    const last = lastAlong(spreadTo(some!, updates!.shape), axis, x!.shape[axis]!)
    return whereT(isThere(last), takeAlongAxisT(updates!, held(last), axis), x!)
  },
  formula: (operands, { axis }) => callF('scatterSet', operands, axisOption(axis)),
}

export const indexSetT = (x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor =>
  apply(indexSetOp, [x, indices, updates], { axis })
export const scatterSetT = (x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor =>
  apply(scatterSetOp, [x, indices, updates], { axis })
