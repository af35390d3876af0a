import { logSoftmax, softmax } from '../../../api/nn'
import { moveAxis } from '../../../api/rearrange'
import { argMax, oneHot } from '../../../api/reduce'
import { reshape } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import { sizeOf } from '../../../ir/type'
import type { OnnxOp, OnnxOps } from '../node-call'

/** Since version 13 one axis, the last by default; before that all from an axis on, the second by default. */
const along =
  (build: (x: Tensor, axis: number) => Tensor): OnnxOp =>
  (call) => {
    const x = call.requireFloat(0)
    const { shape } = x
    if (call.opset >= 13) return build(x, call.axis(call.attributes.int('axis', -1), shape.length))
    const axis = call.attributes.int('axis', 1)
    const from = axis === shape.length ? axis : call.axis(axis, shape.length)
    const rows = reshape(x, [sizeOf(shape.slice(0, from)), sizeOf(shape.slice(from))])
    return reshape(build(rows, 1), shape)
  }

/** 1 at the first of the largest. */
function hardmax(x: Tensor, axis: number): Tensor {
  const largest = argMax(x, { axis: axis as never })
  return moveAxis(oneHot(largest, x.shape[axis]!, x.dtype), -1, axis)
}

/** Distributions along an axis. */
export const SOFTMAX: OnnxOps = {
  Softmax: along((x, axis) => softmax(x, { axis })),
  LogSoftmax: along((x, axis) => logSoftmax(x, { axis })),
  Hardmax: along(hardmax),
}
