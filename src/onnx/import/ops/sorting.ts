import { expandDims, slice } from '../../../api/arrange'
import { cumSum } from '../../../api/cumulative'
import { gather, takeAlongAxis } from '../../../api/indexing'
import { sub } from '../../../api/math'
import { flatten } from '../../../api/rearrange'
import { argMax, argMin } from '../../../api/reduce'
import { flip } from '../../../api/shape'
import { argsort, topK } from '../../../api/sorting'
import type { Tensor } from '../../../ir/tensor'
import { indexAt, showShape, showType } from '../../../ir/type'
import type { NodeCall, OnnxOp, OnnxOps } from '../node-call'
import { constantOf } from '../values'
import { requireNumbers } from './operands'
import { uniqueOf } from './unique'

/** The position of the first that is most so, or of the last. */
const extreme =
  (build: typeof argMax): OnnxOp =>
  (call) => {
    const x = requireNumbers(call, call.input(0))
    const axis = call.axis(call.attributes.int('axis', 0), x.shape.length)
    const isLast = call.opset >= 12 && call.attributes.flag('select_last_index')
    if (x.shape[axis] === 0) call.fail(`axis ${axis} of ${showShape(x.shape)} is empty`)
    const first: Tensor = build(isLast ? flip(x, axis) : x, { axis: axis as never })
    const found = isLast ? sub(x.shape[axis]! - 1, first) : first
    return call.attributes.flag('keepdims', true) ? expandDims(found, axis) : found
  }

/** The largest or the smallest k, of equal ones the first. Their order is left open where `sorted` is 0. */
function most(call: NodeCall): Tensor[] {
  const x = requireNumbers(call, call.input(0))
  const axis = call.axis(call.attributes.int('axis', -1), x.shape.length)
  const k = (call.opset < 10 ? call.attributes.int('k') : call.optionalNumber(1)) ?? call.fail('needs k')
  if (k < 0 || k > x.shape[axis]!) call.fail(`k is ${k}, an axis of ${x.shape[axis]} is looked at`)
  const isLargest = call.opset < 11 || call.attributes.flag('largest', true)
  if (call.opset >= 11) call.attributes.ignore('sorted')
  if (isLargest && k > 0) {
    const { values, indices } = topK(x, k, { axis })
    return [values, indices]
  }
  const order = argsort(x, { axis })
  const indices = slice(order, x.shape.map((_, i) => (i === axis ? { end: k } : null))) // prettier-ignore
  return [takeAlongAxis(x, indices as never, { axis }), indices]
}

function runningSum(call: NodeCall): Tensor {
  const x = requireNumbers(call, call.input(0))
  if (x.dtype === 'uint8') call.refuse(`a running sum of ${showType(x)}`)
  const axis = call.axis(call.optionalNumber(1) ?? call.fail('needs an axis'), x.shape.length)
  const [exclusive, reverse] = [call.attributes.flag('exclusive'), call.attributes.flag('reverse')]
  return cumSum(x, { axis, exclusive, reverse })
}

/** Where elements differ from 0, one column for each; their number is known when the graph is built. */
function nonZero(call: NodeCall): Tensor {
  const { shape, data } = call.values(0)
  const found = [...data.keys()].filter((at) => data[at] !== 0).map((at) => indexAt(shape, at))
  const rows = shape.map((_, axis) => found.map((index) => index[axis]!))
  return constantOf({ dtype: 'int32', shape: [shape.length, found.length], data: Int32Array.from(rows.flat()) })
}

/** What a condition, known when the graph is built, leaves of an axis, or of all elements. */
function compressed(call: NodeCall): Tensor {
  const [x, { dtype, shape, data }] = [call.input(0), call.values(1)]
  if (dtype !== 'bool' || shape.length !== 1) call.fail(`needs a list of bool, it is given ${dtype}${showShape(shape)}`)
  const given = call.attributes.int('axis')
  const [from, axis] = given === undefined ? [flatten(x), 0] : [x, call.axis(given, x.shape.length)]
  const kept = Int32Array.from([...data.keys()].filter((at) => data[at] !== 0))
  if (data.length > from.shape[axis]!) call.fail(`${data.length} conditions for an extent of ${from.shape[axis]}`)
  const indices = constantOf({ dtype: 'int32', shape: [kept.length], data: kept })
  return gather(from, indices as never, { axis: axis as never })
}

/** Order and choice. */
export const SORTING: OnnxOps = {
  ArgMax: extreme(argMax),
  ArgMin: extreme(argMin as typeof argMax),
  TopK: most,
  CumSum: runningSum,
  NonZero: nonZero,
  Compress: compressed,
  Unique: uniqueOf,
}
