import { cast, less } from '../../../api/math'
import { categorical, normal, uniform } from '../../../api/random'
import type { Tensor } from '../../../ir/tensor'
import { isFloat } from '../../../ir/type'
import { dtypeOfElement, elementCode } from '../../types'
import type { NodeCall, OnnxOp, OnnxOps } from '../node-call'

// ONNX says how values are distributed, not which they are: seeds are those of the program.

interface Draw {
  readonly shape: readonly number[]
  readonly dtype: 'float32' | 'float64'
}

const draw =
  (build: (call: NodeCall, draw: Draw) => Tensor, from: (call: NodeCall) => readonly number[]): OnnxOp =>
  (call) => {
    call.attributes.ignore('seed')
    const code = call.attributes.int('dtype')
    const dtype = code === undefined ? (call.optional(0)?.dtype ?? 'float32') : dtypeOfElement(code)
    return isFloat(dtype) ? build(call, { shape: from(call), dtype }) : call.refuse(`a draw of ${dtype}`)
  }

const ofAttribute = (call: NodeCall): readonly number[] => call.attributes.ints('shape') ?? call.fail('needs a shape')
const ofOperand = (call: NodeCall): readonly number[] => call.input(0).shape

function even({ attributes }: NodeCall, { shape, dtype }: Draw): Tensor {
  return uniform(shape, { dtype, min: attributes.float('low', 0), max: attributes.float('high', 1) })
}

function bell({ attributes }: NodeCall, { shape, dtype }: Draw): Tensor {
  return normal(shape, { dtype, mean: attributes.float('mean', 0), stddev: attributes.float('scale', 1) })
}

/** 1 with the probability that an element says, else 0. */
function coins(call: NodeCall): Tensor {
  call.attributes.ignore('seed')
  const p = call.requireFloat(0)
  const code = call.attributes.int('dtype')
  const dtype = p.dtype as 'float32' | 'float64'
  return cast(less(uniform(p.shape, { dtype }), p), code === undefined ? dtype : dtypeOfElement(code))
}

/** Classes [rows, samples] with probabilities of which the operand has logarithms, but for a factor. */
function classes(call: NodeCall): Tensor {
  call.attributes.ignore('seed')
  const logits = call.requireFloat(0)
  if (logits.shape.length !== 2) call.fail('needs [rows, classes]')
  const dtype = dtypeOfElement(call.attributes.int('dtype', elementCode('int32')))
  if (dtype !== 'int32') call.refuse(`classes of ${dtype}`)
  return categorical(logits, { numSamples: call.attributes.int('sample_size', 1) })
}

/** Random tensors: new at each step, with a gradient of none. */
export const RANDOM: OnnxOps = {
  RandomUniform: draw(even, ofAttribute),
  RandomUniformLike: draw(even, ofOperand),
  RandomNormal: draw(bell, ofAttribute),
  RandomNormalLike: draw(bell, ofOperand),
  Bernoulli: coins,
  Multinomial: classes,
}
