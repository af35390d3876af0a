import { constant } from '../../../api/leaf'
import { add, cast, div, greater, mul, pow, sqrt, square, sub, where } from '../../../api/math'
import type { Tensor } from '../../../ir/tensor'
import { isFloat, showType } from '../../../ir/type'
import type { NodeCall, OnnxOp, OnnxOps } from '../node-call'

interface Step {
  readonly rate: Tensor
  /** How many steps went before. */
  readonly count: Tensor
  /** The value, its gradient and what the optimiser remembers of it. */
  readonly own: readonly Tensor[]
}

/** Operands are a rate, a count and then all values, all gradients and all of each memory; results are the new ones of these. */
const optimiser =
  (memories: number, step: (call: NodeCall, step: Step) => readonly Tensor[]): OnnxOp =>
  (call) => {
    const [rate, count, ...rest] = call.inputs()
    const values = rest.length / (memories + 2)
    if (!rate || !count || !Number.isInteger(values) || values === 0)
      return call.fail(`${call.inputCount} operands make no step`)
    for (const t of [rate, ...rest]) if (!isFloat(t.dtype)) call.fail(`needs floats, it is given ${showType(t)}`)
    const made = Array.from({ length: values }, (_, i) =>
      step(call, {
        rate,
        count,
        own: Array.from({ length: memories + 2 }, (_unused, kind) => rest[kind * values + i]!),
      }),
    )
    return Array.from({ length: memories + 1 }, (_, kind) => made.map((results) => results[kind]!)).flat()
  }

/** The gradient of the loss with a penalty on squares. */
const penalised = ({ attributes }: NodeCall, x: Tensor, gradient: Tensor): Tensor =>
  add(mul(x, attributes.float('norm_coefficient', 0)), gradient)

function momentum(call: NodeCall, { rate, count, own }: Step): readonly Tensor[] {
  const [x, given, speed] = own as [Tensor, Tensor, Tensor]
  const { attributes } = call
  const [alpha, beta] = [attributes.float('alpha'), attributes.float('beta')]
  const mode = attributes.text('mode')
  if (alpha === undefined || beta === undefined) return call.fail('needs alpha and beta')
  if (mode !== 'standard' && mode !== 'nesterov') return call.fail(`mode is ${mode}, neither standard nor nesterov`)
  const gradient = penalised(call, x, given)
  // The first step takes the gradient whole.
  const weight = cast(where(greater(count, 0), beta, 1), x.dtype)
  const next = add(mul(speed, alpha), mul(gradient, weight))
  const direction = mode === 'nesterov' ? add(gradient, mul(next, alpha)) : next
  return [sub(x, mul(direction, rate)), next]
}

function adagrad(call: NodeCall, { rate, count, own }: Step): readonly Tensor[] {
  const [x, given, squares] = own as [Tensor, Tensor, Tensor]
  const { attributes } = call
  const gradient = penalised(call, x, given)
  const slowed = div(rate, add(mul(cast(count, rate.dtype), attributes.float('decay_factor', 0)), 1))
  const next = add(squares, square(gradient))
  return [sub(x, div(mul(gradient, slowed), add(sqrt(next), attributes.float('epsilon', 0)))), next]
}

function adam(call: NodeCall, { rate, count, own }: Step): readonly Tensor[] {
  const [x, given, mean, squares] = own as [Tensor, Tensor, Tensor, Tensor]
  const { attributes } = call
  const [alpha, beta] = [attributes.float('alpha', Math.fround(0.9)), attributes.float('beta', Math.fround(0.999))]
  const gradient = penalised(call, x, given)
  const nextMean = add(mul(mean, alpha), mul(gradient, 1 - alpha))
  const nextSquares = add(mul(squares, beta), mul(square(gradient), 1 - beta))
  // In float64, for powers near 1 leave few digits of their distance from it.
  const steps = cast(count, 'float64')
  const missing = (factor: number): Tensor => sub(1, pow(constant(factor, { dtype: 'float64' }), steps))
  const corrected = mul(rate, cast(div(sqrt(missing(beta)), missing(alpha)), rate.dtype))
  const adjusted = where(greater(count, 0), corrected, rate)
  const moved = sub(x, div(mul(nextMean, adjusted), add(sqrt(nextSquares), attributes.float('epsilon', 0))))
  return [mul(moved, 1 - attributes.float('norm_coefficient_post', 0)), nextMean, nextSquares]
}

/** Steps of optimisers. */
export const TRAINING: OnnxOps = {
  'ai.onnx.preview.training.Momentum': optimiser(1, momentum),
  'ai.onnx.preview.training.Adagrad': optimiser(1, adagrad),
  'ai.onnx.preview.training.Adam': optimiser(2, adam),
}
