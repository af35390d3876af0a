import { concat, slice } from '../../../api/arrange'
import { range } from '../../../api/create'
import { gather, reverseSequence, takeAlongAxis } from '../../../api/indexing'
import { add, cast, less, where } from '../../../api/math'
import { moveAxis } from '../../../api/rearrange'
import { oneHot } from '../../../api/reduce'
import { gatherND } from '../../../api/scatter'
import { broadcastTo, reshape } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import { sameShape, showShape, showType } from '../../../ir/type'
import type { NodeCall, OnnxOps } from '../node-call'
import { positions, requireNumbers } from './operands'

function taken(call: NodeCall): Tensor {
  const x = call.input(0)
  const axis = call.axis(call.attributes.int('axis', 0), x.shape.length)
  return gather(x, positions(call, 1, [x.shape[axis]!]), { axis: axis as never })
}

/** The part of x that indices of that shape can reach: other axes of theirs may be shorter. */
export function reachable(call: NodeCall, x: Tensor, indices: readonly number[], axis: number): Tensor {
  if (indices.length !== x.shape.length || indices.some((extent, i) => i !== axis && extent > x.shape[i]!))
    call.fail(`indices ${showShape(indices)} do not go with ${showShape(x.shape)}`)
  const shape = x.shape.map((extent, i) => (i === axis ? extent : indices[i]!))
  return sameShape(shape, x.shape) ? x : slice(x, shape.map((end) => ({ start: 0, end }))) // prettier-ignore
}

function takenAlong(call: NodeCall): Tensor {
  const x = call.input(0)
  const axis = call.axis(call.attributes.int('axis', 0), x.shape.length)
  const indices = positions(call, 1, [x.shape[axis]!])
  return takeAlongAxis(reachable(call, x, indices.shape, axis), indices, { axis })
}

/** Points of the axes after `batch_dims`; those before them go along. */
function takenPoints(call: NodeCall): Tensor {
  const x = call.input(0)
  const batches = call.opset < 12 ? 0 : call.attributes.int('batch_dims', 0)
  const { shape } = call.input(1)
  const rank = shape.at(-1) ?? 0
  const lead = shape.slice(0, -1)
  if (batches < 0 || rank < 1 || batches + rank > x.shape.length || batches > lead.length)
    call.fail(`indices ${showShape(shape)} with batch_dims ${batches} do not go with ${showShape(x.shape)}`)
  if (!sameShape(lead.slice(0, batches), x.shape.slice(0, batches)))
    call.fail(`the first ${batches} extents of ${showShape(shape)} and ${showShape(x.shape)} differ`)
  const points = positions(call, 1, x.shape.slice(batches, batches + rank))
  const own = Array.from({ length: batches }, (_, axis) => {
    const line = reshape(range(0, lead[axis]!), [...lead.map((d, i) => (i === axis ? d : 1)), 1])
    return broadcastTo(line, [...lead, 1])
  })
  return gatherND(x, concat([...own, points], { axis: lead.length }) as never)
}

/** Rows of a value `on` at the index and `off` elsewhere; an index beyond the depth has no `on`. */
function hot(call: NodeCall): Tensor {
  const [given, values] = [requireNumbers(call, call.input(0)), call.input(2)]
  const depth = call.optionalNumber(1) ?? call.fail('needs a depth')
  if (!sameShape(values.shape, [2])) call.fail(`needs two values, it is given ${showType(values)}`)
  const axis = call.axis(call.attributes.int('axis', -1), given.shape.length + 1)
  const indices = cast(given, 'int32')
  const from = where(less(indices, 0), add(indices, depth), indices)
  const isOn = moveAxis(oneHot(from, depth, 'bool'), -1, axis)
  return where(isOn, slice(values, [1]), slice(values, [0]))
}

function reversed(call: NodeCall): Tensor {
  const x = call.input(0)
  const batchAxis = call.axis(call.attributes.int('batch_axis', 1), x.shape.length)
  const axis = call.axis(call.attributes.int('time_axis', 0), x.shape.length)
  return reverseSequence(x, call.input(1) as never, { axis, batchAxis })
}

/** Elements by their place. */
export const INDEXING: OnnxOps = {
  Gather: taken,
  GatherElements: takenAlong,
  GatherND: takenPoints,
  OneHot: hot,
  ReverseSequence: reversed,
}
