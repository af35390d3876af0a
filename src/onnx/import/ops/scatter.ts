import { range } from '../../../api/create'
import { equal, mul, where } from '../../../api/math'
import { prod, sum } from '../../../api/reduce'
import { putAlongAxis, type ScatterReduction, scatterUpdate, sliceUpdate } from '../../../api/scatter'
import { reshape } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import { sameShape, showShape, sizeOf, stridesOf } from '../../../ir/type'
import type { NodeCall, OnnxOps } from '../node-call'
import { constantOf } from '../values'
import { reachable } from './indexing'
import { positions, requireAlike } from './operands'

type Reduction = ScatterReduction | 'mul'
const KNOWN_SINCE: Readonly<Record<string, readonly [version: number, reduce: Reduction]>> = {
  none: [0, 'set'],
  add: [16, 'add'],
  mul: [16, 'mul'],
  max: [18, 'max'],
  min: [18, 'min'],
}

/** What becomes of an element and an update; what the api has not for a dtype is refused. */
function reductionOf(call: NodeCall, { dtype }: Tensor): Reduction {
  const name = call.attributes.text('reduction', 'none')
  const [version, reduce] = (Object.hasOwn(KNOWN_SINCE, name) && KNOWN_SINCE[name]) || call.fail(`reduction is ${name}`)
  if (call.opset < version) call.fail(`there is no reduction ${name} before version ${version}`)
  const isNarrow = dtype === 'bool' || (dtype === 'uint8' && (reduce === 'add' || reduce === 'mul'))
  return isNarrow && reduce !== 'set' ? call.refuse(`the reduction ${name} of ${dtype}`) : reduce
}

function elements(call: NodeCall): Tensor {
  const [x, updates] = [call.input(0), call.input(2)]
  requireAlike(call, [x, updates])
  const reduce = reductionOf(call, x)
  const axis = call.axis(call.attributes.int('axis', 0), x.shape.length)
  const indices = positions(call, 1, [x.shape[axis]!])
  if (!sameShape(indices.shape, updates.shape))
    call.fail(`indices ${showShape(indices.shape)} and updates ${showShape(updates.shape)} differ`)
  const part = reachable(call, x, indices.shape, axis)
  const put =
    reduce === 'mul' ? multiplied(part, indices, updates, axis) : putAlongAxis(part, indices, updates, { axis, reduce })
  return part === x ? put : sliceUpdate(x, x.shape.map(() => 0), put) // prettier-ignore
}

/** Products of all updates of an element: each update is held against each place, for nothing multiplies what falls together. */
function multiplied(x: Tensor, indices: Tensor, updates: Tensor, axis: number): Tensor {
  const split = (t: Tensor): Tensor => reshape(t, [...t.shape.slice(0, axis + 1), 1, ...t.shape.slice(axis + 1)])
  const places = reshape(range(0, x.shape[axis]!), [x.shape[axis]!, ...x.shape.slice(axis + 1).map(() => 1)])
  return mul(x, prod(where(equal(split(indices), places), split(updates), 1), { axis }))
}

function points(call: NodeCall): Tensor {
  const [x, updates] = [call.input(0), call.input(2)]
  requireAlike(call, [x, updates])
  const reduce = reductionOf(call, x)
  const { shape } = call.input(1)
  const rank = shape.at(-1) ?? 0
  if (rank < 1 || rank > x.shape.length) call.fail(`indices ${showShape(shape)} do not go with ${showShape(x.shape)}`)
  const rest = x.shape.slice(rank)
  if (!sameShape(updates.shape, [...shape.slice(0, -1), ...rest]))
    call.fail(`updates ${showShape(updates.shape)} do not go with indices ${showShape(shape)} of ${showShape(x.shape)}`)
  const indices = positions(call, 1, x.shape.slice(0, rank))
  if (reduce !== 'mul') return scatterUpdate(x, indices, updates, { reduce })
  return reshape(productOfPoints(x, indices, updates), x.shape)
}

function productOfPoints(x: Tensor, indices: Tensor, updates: Tensor): Tensor {
  const rank = indices.shape.at(-1)!
  const [count, rows] = [sizeOf(indices.shape.slice(0, -1)), sizeOf(x.shape.slice(0, rank))]
  const columns = sizeOf(x.shape.slice(rank))
  const strides = constantOf({
    dtype: 'int32',
    shape: [rank],
    data: Int32Array.from(stridesOf(x.shape.slice(0, rank))),
  })
  const at = reshape(sum(mul(indices, strides), { axis: -1, keepDims: true }), [count, 1])
  return multiplied(reshape(x, [rows, columns]), at, reshape(updates, [count, columns]), 0)
}

/** Updates put into a tensor. */
export const SCATTER: OnnxOps = { Scatter: elements, ScatterElements: elements, ScatterND: points }
