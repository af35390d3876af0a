import { checkKeys, checkOneOf } from '../ir/names-of'
import { calledAs } from '../ir/origin'
import type { Shape } from '../ir/shapes'
import { apply, type Arg, explained, requireTensor, type Tensor } from '../ir/tensor'
import { checkShape } from '../ir/trace'
import { broadcastShapes, sameShape, showShape, sizeOf } from '../ir/type'
import { addT } from '../ops/arith'
import { normalizeAxis, spliced } from '../ops/axes'
import { broadcastT, zerosT } from '../ops/broadcast'
import { gatherT, indexAddT, scatterAddT } from '../ops/gather'
import { scalarConstant, toTensor } from '../ops/leaf'
import { padT, partT } from '../ops/pieces'
import { ravelIndexT } from '../ops/ravel'
import { indexMaxT, scatterMaxT } from '../ops/scatter-extreme'
import { indexSetT, scatterSetT } from '../ops/scatter-set'
import { minimumOp } from '../ops/binary'
import { maximumOp, whereT } from '../ops/select'
import { reshapeT } from '../ops/view'
import { type Indices, requireIndices } from './indexing'

/** What becomes of an element and an update of it: `set` takes the last update of each. */
export type ScatterReduction = 'set' | 'add' | 'max' | 'min'
/** Options of `scatter`. */
export interface ScatterOptions {
  /** The axis of x along which positions count, the first by default. */
  readonly axis?: number
  /** `set` by default. */
  readonly reduce?: ScatterReduction
}

/** The three ways to combine what falls together. */
interface Put {
  set(updates: Tensor): Tensor
  add(updates: Tensor): Tensor
  extreme(updates: Tensor, smallest: boolean): Tensor
}

function combined(op: string, x: Tensor, updates: Tensor, reduce: ScatterReduction, put: Put): Tensor {
  checkOneOf(op, 'reduce', reduce, ['set', 'add', 'max', 'min'])
  if (x.dtype === 'bool' ? reduce !== 'set' : reduce === 'add' && x.dtype === 'uint8')
    throw explained(op, `reduce "${reduce}" does not take ${x.dtype}; cast to int32`, [x])
  return calledAs(op, () => {
    if (reduce === 'set') return put.set(updates)
    if (reduce === 'add') return addT(x, put.add(updates))
    const smallest = reduce === 'min'
    const fallen = put.extreme(updates, smallest)
    return smallest ? apply(minimumOp, [x, fallen], {}) : apply(maximumOp, [x, fallen], {})
  })
}

/** Updates in the dtype of x and the shape that is asked for. */
function updatesFor(op: string, x: Tensor, updates: Arg, shape: readonly number[]): Tensor {
  const given = toTensor(op, updates, x.dtype)
  if (given.dtype !== x.dtype) throw explained(op, `updates of ${x.dtype} are needed, they are ${given.dtype}; cast them`, [x, given]) // prettier-ignore
  if (!sameShape(broadcastShapes(given.shape, shape) ?? [], shape))
    throw explained(op, `updates must be ${showShape(shape)} or broadcast to it, they are ${showShape(given.shape)}`, [x, given]) // prettier-ignore
  return broadcastT(given, shape)
}

/**
 * x with rows along an axis (the first by default) combined with updates at indices (int32 or uint8, any shape): x
 * `[...before, n, ...after]`, updates `[...before, ...indices, ...after]` or what broadcasts to that, in the dtype of x. Of
 * several updates of one row `set` (the default) takes the last, `add` all, `max` and `min` the largest or smallest, x
 * included. Gradients reach x and those updates that count; ties share, but x comes first. Indices are
 * checked as in `gather`, whose counterpart this is. `max`, `min` and `add` take numbers, `set` any dtype.
 */
export function scatter<X extends Tensor>(
  x: X,
  indices: Indices,
  updates: Arg,
  options: ScatterOptions = {},
): Tensor<X['shape'], X['dtype']> {
  requireTensor('scatter', x)
  checkKeys('scatter', options, ['axis', 'reduce'])
  const { axis = 0, reduce = 'set' } = options
  requireIndices('scatter', indices)
  const place = normalizeAxis('scatter', axis, x.shape)
  const given = updatesFor('scatter', x, updates, spliced(x.shape, place, 1, ...indices.shape))
  const attrs = { axis: place, extent: x.shape[place]! }
  return combined('scatter', x, given, reduce, {
    set: (u) => indexSetT(x, indices, u, place),
    add: (u) => indexAddT(u, indices, attrs),
    extreme: (u, smallest) => indexMaxT(u, indices, { ...attrs, smallest }),
  })
}

/**
 * x with elements along an axis (the last by default) combined with updates at indices that differ from row to row: indices
 * (int32 or uint8) have the rank of x and its extents but along the axis, updates their shape or what broadcasts to it.
 * Several updates of one element combine as in `scatter`. The counterpart of `takeAlongAxis`; as `put_along_axis` in NumPy,
 * `scatter` in PyTorch.
 */
export function putAlongAxis<X extends Tensor>(
  x: X,
  indices: Indices,
  updates: Arg,
  options: ScatterOptions = {},
): Tensor<X['shape'], X['dtype']> {
  requireTensor('putAlongAxis', x)
  checkKeys('putAlongAxis', options, ['axis', 'reduce'])
  const { axis = -1, reduce = 'set' } = options
  requireIndices('putAlongAxis', indices)
  const place = normalizeAxis('putAlongAxis', axis, x.shape)
  if (indices.shape.length !== x.shape.length || !indices.shape.every((d, i) => i === place || d === x.shape[i]))
    throw explained('putAlongAxis', `indices ${showShape(indices.shape)} must have the extents of ${showShape(x.shape)} but along axis ${place}`, [x, indices]) // prettier-ignore
  const given = updatesFor('putAlongAxis', x, updates, indices.shape)
  const attrs = { axis: place, extent: x.shape[place]! }
  return combined('putAlongAxis', x, given, reduce, {
    set: (u) => scatterSetT(x, indices, u, place),
    add: (u) => scatterAddT(u, indices, attrs),
    extreme: (u, smallest) => scatterMaxT(u, indices, { ...attrs, smallest }),
  })
}

/** Points [..., k] of the first k axes of a shape as positions along one axis in their place. */
function positionsOf(
  op: string,
  indices: Tensor,
  shape: readonly number[],
): { readonly at: Tensor; readonly rows: number } {
  requireIndices(op, indices)
  const k = indices.shape.at(-1)
  if (k === undefined || k < 1 || k > shape.length)
    throw explained(op, `the last extent of indices must be 1 to ${shape.length}, the axes of ${showShape(shape)}; they are ${showShape(indices.shape)}`, [indices]) // prettier-ignore
  const axis = indices.shape.length - 1
  const columns = Array.from({ length: k }, (_, i) => reshapeT(partT(indices, axis, i, 1), indices.shape.slice(0, -1)))
  const first = shape.slice(0, k)
  return { at: k === 1 ? columns[0]! : calledAs(op, () => ravelIndexT(columns, first)), rows: sizeOf(first) }
}

/**
 * What x [n1, ..., nk, ...rest] holds at each of the points `[...points, k]` (int32 or uint8) of its first k axes:
 * `[...points, ...rest]`. Indices are checked and the gradient adds up, as in `gather`. As `gather_nd` in TensorFlow.
 */
export function gatherND<X extends Tensor>(x: X, indices: Indices): Tensor<Shape, X['dtype']> {
  requireTensor('gatherND', x)
  const { at, rows } = positionsOf('gatherND', indices, x.shape)
  const flat = reshapeT(x, [rows, ...x.shape.slice(indices.shape.at(-1))])
  return calledAs('gatherND', () => gatherT(flat, at, 0))
}

/**
 * x [n1, ..., nk, ...rest] combined with updates `[...points, ...rest]`, or what broadcasts to that, at points `[...points,
 * k]` (int32 or uint8) of its first k axes, as `scatter` does along one. As `scatter_update` in Keras.
 */
export function scatterUpdate<X extends Tensor>(
  x: X,
  indices: Indices,
  updates: Arg,
  options: Pick<ScatterOptions, 'reduce'> = {},
): Tensor<X['shape'], X['dtype']> {
  requireTensor('scatterUpdate', x)
  checkKeys('scatterUpdate', options, ['reduce'])
  const { reduce = 'set' } = options
  return reshapeT(placed('scatterUpdate', x, indices, updates, reduce), x.shape)
}

/**
 * Updates `[...points, ...rest]` at points `[...points, k]` (int32 or uint8) of zeros of a shape `[n1, ..., nk, ...rest]`;
 * several at one point are added up by default, otherwise they combine, zero included, as in `scatter`. As `scatter_nd` in
 * TensorFlow.
 */
export function scatterND<U extends Tensor>(
  indices: Indices,
  updates: U,
  shape: readonly number[],
  options: Pick<ScatterOptions, 'reduce'> = {},
): Tensor<Shape, U['dtype']> {
  requireTensor('scatterND', updates)
  checkKeys('scatterND', options, ['reduce'])
  const { reduce = 'add' } = options
  checkShape('scatterND', shape)
  const zeros = zerosT({ dtype: updates.dtype, shape })
  return reshapeT(placed('scatterND', zeros, indices, updates, reduce), shape)
}

function placed(op: string, x: Tensor, indices: Tensor, updates: Arg, reduce: ScatterReduction): Tensor {
  const { at, rows } = positionsOf(op, indices, x.shape)
  const rest = x.shape.slice(indices.shape.at(-1))
  const flat = reshapeT(x, [rows, ...rest])
  const given = updatesFor(op, x, updates, [...indices.shape.slice(0, -1), ...rest])
  const attrs = { axis: 0, extent: rows }
  return combined(op, flat, given, reduce, {
    set: (u) => indexSetT(flat, at, u, 0),
    add: (u) => indexAddT(u, at, attrs),
    extreme: (u, smallest) => indexMaxT(u, at, { ...attrs, smallest }),
  })
}

/**
 * x with a box replaced by updates, whose rank is that of x: from `start`, a whole number for each axis, as far as they
 * reach. In shape and dtype of x; a box that does not lie within it is an error. As `slice_update` in Keras.
 */
export function sliceUpdate<X extends Tensor>(
  x: X,
  start: readonly number[],
  updates: Tensor,
): Tensor<X['shape'], X['dtype']> {
  requireTensor('sliceUpdate', x)
  requireTensor('sliceUpdate', updates)
  const { shape, dtype } = updates
  const fits =
    Array.isArray(start) &&
    start.length === x.shape.length &&
    shape.length === x.shape.length &&
    start.every((s, i) => Number.isInteger(s) && s >= 0 && s + shape[i]! <= x.shape[i]!)
  if (!fits || dtype !== x.dtype)
    throw explained('sliceUpdate', `${dtype}${showShape(shape)} from [${String(start)}] on does not lie within ${x.dtype}${showShape(x.shape)}`, [x, updates]) // prettier-ignore
  const after = start.map((s, i) => x.shape[i]! - s - shape[i]!)
  const isInside = padT(broadcastT(scalarConstant(1, 'bool'), shape), start, after, 0)
  return whereT(isInside, padT(updates, start, after, 0), x)
}
