import type { Indices } from '../../../api/indexing'
import { add, less, where } from '../../../api/math'
import type { Tensor } from '../../../ir/tensor'
import { isFloat, showType } from '../../../ir/type'
import type { NodeCall } from '../node-call'
import { constantOf } from '../values'

// What rules of several families ask of their operands.

/** Fails where operands that ONNX gives one type differ in dtype: nothing is promoted there. */
export function requireAlike(call: NodeCall, operands: readonly Tensor[]): void {
  const [first] = operands
  const other = operands.find(({ dtype }) => dtype !== first!.dtype)
  if (other) call.fail(`the operands must have one dtype, they are ${operands.map(showType).join(' and ')}`)
}

/** Both operands of a node that takes two of one dtype. */
export function pairOf(call: NodeCall): [Tensor, Tensor] {
  const pair: [Tensor, Tensor] = [call.input(0), call.input(1)]
  requireAlike(call, pair)
  return pair
}

/** All operands of a node that takes one or more of one dtype. */
export function allOf(call: NodeCall): [Tensor, ...Tensor[]] {
  const operands: [Tensor, ...Tensor[]] = [call.input(0), ...call.inputs(1)]
  requireAlike(call, operands)
  return operands
}

export function requireNumbers(call: NodeCall, x: Tensor): Tensor {
  return x.dtype === 'bool' ? call.fail(`needs numbers, it is given ${showType(x)}`) : x
}

export function requireWhole(call: NodeCall, x: Tensor): Tensor {
  return isFloat(x.dtype) || x.dtype === 'bool' ? call.fail(`needs whole numbers, it is given ${showType(x)}`) : x
}

/** The scalar of an operand that may have one element in more dimensions. */
export const isOne = (x: Tensor): boolean => x.shape.every((extent) => extent === 1)

/**
 * Indices into axes of those extents, one or one for each of the last dimension, as the api has them: ONNX's negative ones
 * count from the end. Those that are known are looked at here.
 */
export function positions(call: NodeCall, at: number, extents: readonly number[]): Indices {
  const indices = call.input(at)
  if (indices.dtype !== 'int32') return call.fail(`operand ${at + 1} must be indices, it is ${showType(indices)}`)
  if (call.knows(at)) {
    const stored = call.values(at)
    const data = Int32Array.from(stored.data, (index, i) => {
      const extent = extents[i % extents.length]!
      const from = index < 0 ? index + extent : index
      return from >= 0 && from < extent ? from : call.fail(`the index ${index} is beyond an extent of ${extent}`)
    })
    return constantOf({ ...stored, data }) as Indices
  }
  const extent =
    extents.length === 1
      ? extents[0]!
      : constantOf({ dtype: 'int32', shape: [extents.length], data: Int32Array.from(extents) })
  return where(less(indices, 0), add(indices, extent), indices) as Indices
}
