import { celu, elu, gelu, hardSilu, leakyRelu, mish, prelu, selu, softplus, softsign } from '../../../api/activation'
import { relu, threshold } from '../../../api/activation-more'
import { clip } from '../../../api/elementary'
import { add, greater, less, maximum, minimum, mul, sigmoid, sub, tanh, where } from '../../../api/math'
import type { Tensor } from '../../../ir/tensor'
import { broadcastShapes, isFloat, sameShape, showShape, showType } from '../../../ir/type'
import type { NodeCall, OnnxOp, OnnxOps } from '../node-call'
import { isOne, requireAlike, requireNumbers } from './operands'

const ofFloat =
  (build: (x: Tensor, call: NodeCall) => Tensor): OnnxOp =>
  (call) =>
    build(call.requireFloat(0), call)

/** The constants of selu as float32 has them. */
const SELU = { alpha: Math.fround(1.67326319217681884765625), gamma: Math.fround(1.05070102214813232421875) } as const

function scaledElu(x: Tensor, { attributes }: NodeCall): Tensor {
  const alpha = attributes.float('alpha', SELU.alpha)
  const gamma = attributes.float('gamma', SELU.gamma)
  return alpha === SELU.alpha && gamma === SELU.gamma ? selu(x) : mul(elu(x, { alpha }) as Tensor, gamma)
}

function cappedElu(x: Tensor, call: NodeCall): Tensor {
  const alpha = call.attributes.float('alpha', 1)
  return alpha > 0 ? celu(x, { alpha }) : call.refuse(`an alpha of ${alpha}`)
}

function hardSigmoid(x: Tensor, { attributes }: NodeCall): Tensor {
  const [slope, offset] = [attributes.float('alpha', 0.2), attributes.float('beta', 0.5)]
  return clip(add(mul(x, slope), offset), 0, 1)
}

function gaussian(x: Tensor, call: NodeCall): Tensor {
  const form = call.attributes.text('approximate', 'none')
  if (form !== 'none' && form !== 'tanh') call.fail(`approximate is ${form}, neither none nor tanh`)
  return gelu(x, { approximate: form === 'tanh' })
}

function shrink(call: NodeCall): Tensor {
  const x = requireNumbers(call, call.input(0))
  const [bound, bias] = [call.attributes.float('lambd', 0.5), call.attributes.float('bias', 0)]
  if (!isFloat(x.dtype) && !(Number.isInteger(bound) && Number.isInteger(bias)))
    call.refuse(`lambd ${bound} and bias ${bias} with ${showType(x)}`)
  if (x.dtype === 'uint8') call.refuse(`shrinking ${showType(x)}`)
  return where(less(x, -bound), add(x, bias), where(greater(x, bound), sub(x, bias), 0))
}

/** A slope for each element below 0, which broadcasts to x and not the other way. */
function slopes(call: NodeCall): Tensor {
  const [x, slope] = [requireNumbers(call, call.input(0)), call.input(1)]
  requireAlike(call, [x, slope])
  if (!sameShape(broadcastShapes(x.shape, slope.shape) ?? [], x.shape))
    call.fail(`slopes ${showShape(slope.shape)} do not broadcast to ${showShape(x.shape)}`)
  return isFloat(x.dtype) ? prelu(x, slope) : where(less(x, 0), mul(slope, x), x)
}

/** Bounds were attributes first. One that is not given, or given as infinite, is none. */
function clipped(call: NodeCall): Tensor {
  const x = requireNumbers(call, call.input(0))
  if (call.opset < 11) {
    const [low, high] = [call.attributes.float('min', -Infinity), call.attributes.float('max', Infinity)]
    return bounded(call, x, low, high)
  }
  const isKnown = [1, 2].every((at) => !call.has(at) || call.knows(at))
  for (const at of [1, 2]) if (call.has(at)) requireAlike(call, [x, call.input(at)])
  if (isKnown) return bounded(call, x, call.optionalNumber(1) ?? -Infinity, call.optionalNumber(2) ?? Infinity)
  const [low, high] = [call.optional(1), call.optional(2)]
  for (const bound of [low, high])
    if (bound && !isOne(bound)) call.fail(`a bound must be one number, it is ${showType(bound)}`)
  const above = low ? maximum(x, low) : x
  return high ? minimum(above, high) : above
}

function bounded(call: NodeCall, x: Tensor, low: number, high: number): Tensor {
  if (Number.isNaN(low) || Number.isNaN(high)) return call.refuse('a bound of NaN')
  if (low > -Infinity && high < Infinity && low <= high) return clip(x, low, high)
  const above = low > -Infinity ? maximum(x, low) : x
  return high < Infinity ? minimum(above, high) : above
}

/** Activations of each element. */
export const ACTIVATION: OnnxOps = {
  Relu: (call) => relu(requireNumbers(call, call.input(0))),
  LeakyRelu: ofFloat((x, { attributes }) => leakyRelu(x, { slope: attributes.float('alpha', 0.01) })),
  ThresholdedRelu: ofFloat((x, { attributes }) => threshold(x, attributes.float('alpha', 1), 0)),
  PRelu: slopes,
  Elu: ofFloat((x, { attributes }) => elu(x, { alpha: attributes.float('alpha', 1) })),
  Selu: ofFloat(scaledElu),
  Celu: ofFloat(cappedElu),
  Gelu: ofFloat(gaussian),
  Mish: ofFloat((x) => mish(x)),
  Sigmoid: ofFloat((x) => sigmoid(x)),
  HardSigmoid: ofFloat(hardSigmoid),
  HardSwish: ofFloat((x) => hardSilu(x)),
  Softplus: ofFloat((x) => softplus(x)),
  Softsign: ofFloat((x) => softsign(x)),
  Tanh: ofFloat((x) => tanh(x)),
  Shrink: shrink,
  Clip: clipped,
}
