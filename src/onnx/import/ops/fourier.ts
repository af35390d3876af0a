import { slice, stack } from '../../../api/arrange'
import { constant } from '../../../api/leaf'
import { add, neg, sub } from '../../../api/math'
import { tensordot } from '../../../api/products'
import { moveAxis } from '../../../api/rearrange'
import type { Tensor } from '../../../ir/tensor'
import { newData } from '../../../ir/type'
import type { NodeCall, OnnxOps } from '../node-call'
import { MAX_ELEMENTS, requireSize } from '../size'

/** The discrete Fourier transform as two matrices: x [..., n, ...] with a last axis of a real and maybe an imaginary part. */
function dft(call: NodeCall): Tensor {
  const x = call.requireFloat(0)
  const rank = x.shape.length
  const parts = x.shape.at(-1)
  if (rank < 2 || (parts !== 1 && parts !== 2)) call.fail(`the last axis of [${x.shape.join(', ')}] must be 1 or 2`)
  const given = call.opset < 20 ? call.attributes.int('axis', 1) : (call.optionalNumber(2) ?? -2)
  const axis = call.axis(given, rank)
  if (axis === rank - 1) call.fail('there is no transform along the axis of real and imaginary parts')
  const isInverse = call.attributes.flag('inverse')
  const isOneSided = call.attributes.flag('onesided')
  if (isOneSided && (isInverse || parts === 2)) call.refuse('one half of a transform of complex numbers')
  const length = call.optionalNumber(1) ?? x.shape[axis]!
  if (!(length >= 1)) call.fail(`the length is ${length}`)
  const used = Math.min(length, x.shape[axis]!)
  const count = isOneSided ? Math.floor(length / 2) + 1 : length
  requireSize(call, [used, count], MAX_ELEMENTS.known)
  const part = (i: number): Tensor =>
    slice(x, x.shape.map((_, at) => (at === axis ? { start: 0, end: used } : at === rank - 1 ? i : null))) // prettier-ignore
  const table = (fn: (angle: number) => number): Tensor => {
    const data = newData(x.dtype, used * count)
    for (let n = 0; n < used; n++)
      for (let k = 0; k < count; k++)
        data[n * count + k] = fn((2 * Math.PI * ((n * k) % length)) / length) / (isInverse ? length : 1)
    return constant(data, { shape: [used, count] })
  }
  const [cosines, sines] = [table(Math.cos), table((angle) => (isInverse ? -1 : 1) * Math.sin(angle))]
  const by = (t: Tensor, matrix: Tensor): Tensor => moveAxis(tensordot(t, matrix, [[axis], [0]]), -1, axis)
  const real = part(0)
  if (parts === 1) return stack([by(real, cosines), neg(by(real, sines))], { axis: rank - 1 })
  const imaginary = part(1)
  const first = add(by(real, cosines), by(imaginary, sines))
  return stack([first, sub(by(imaginary, cosines), by(real, sines))], { axis: rank - 1 })
}

/** Transforms. */
export const FOURIER: OnnxOps = { DFT: dft }
