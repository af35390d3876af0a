import { elu, leakyRelu, softplus, softsign } from '../../../api/activation'
import { relu } from '../../../api/activation-more'
import { slice, squeeze } from '../../../api/arrange'
import { clip } from '../../../api/elementary'
import { fill } from '../../../api/leaf'
import { add, greaterEqual, mul, sigmoid, tanh, where } from '../../../api/math'
import { matmul, transpose } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import type { NodeCall } from '../node-call'

export type Unary = (x: Tensor) => Tensor
interface Form {
  /** How many of alpha and beta it takes. */
  readonly takes: 0 | 1 | 2
  /** What ONNX takes for them where a file says nothing; undefined where it says nothing either. */
  readonly defaults: readonly number[]
  readonly build: (x: Tensor, alpha: number, beta: number) => Tensor
}

const plain = (build: Unary): Form => ({ takes: 0, defaults: [], build })
const ACTIVATIONS: ReadonlyMap<string, Form> = new Map(
  Object.entries({
    relu: plain((x) => relu(x)),
    tanh: plain(tanh),
    sigmoid: plain(sigmoid),
    softsign: plain(softsign),
    softplus: plain(softplus),
    affine: { takes: 2, defaults: [], build: (x, a, b) => add(mul(x, a), b) },
    leakyrelu: { takes: 1, defaults: [0.01], build: (x, a) => leakyRelu(x, { slope: a }) },
    thresholdedrelu: { takes: 1, defaults: [1], build: (x, a) => where(greaterEqual(x, a), x, 0) },
    scaledtanh: { takes: 2, defaults: [], build: (x, a, b) => mul(tanh(mul(x, b)), a) },
    hardsigmoid: { takes: 2, defaults: [0.2, 0.5], build: (x, a, b) => clip(add(mul(x, a), b), 0, 1) },
    elu: { takes: 1, defaults: [1], build: (x, a) => elu(x, { alpha: a }) },
  } satisfies Record<string, Form>),
)

/** The activations of each direction, each with the clipping of its argument; alpha and beta are taken in their order. */
export function activations(
  call: NodeCall,
  directions: number,
  usual: readonly string[],
): readonly (readonly Unary[])[] {
  const names = call.attributes.texts('activations') ?? Array.from({ length: directions }, () => usual).flat()
  if (names.length !== directions * usual.length)
    call.fail(`there are ${names.length} activations, ${directions * usual.length} are needed`)
  const alphas = [...(call.attributes.floats('activation_alpha') ?? [])]
  const betas = [...(call.attributes.floats('activation_beta') ?? [])]
  const bound = call.attributes.float('clip')
  const built = names.map((name): Unary => {
    const { takes, defaults, build } =
      ACTIVATIONS.get(name.toLowerCase()) ?? call.refuse(`the activation ${JSON.stringify(name)}`)
    const one = (at: number, list: number[]): number => {
      const value = list.shift() ?? defaults[at]
      return value ?? call.refuse(`${name} without alpha and beta`)
    }
    const alpha = takes > 0 ? one(0, alphas) : 0
    const beta = takes > 1 ? one(1, betas) : 0
    return (x) => build(bound === undefined ? x : clip(x, -bound, bound), alpha, beta)
  })
  return Array.from({ length: directions }, (_, i) => built.slice(i * usual.length, (i + 1) * usual.length))
}

/** One direction of a recurrent node. */
export interface Direction {
  readonly reverse: boolean
  readonly units: number
  /** x by the input's weights, with their bias: [steps, batch, gates * units]. */
  readonly projected: Tensor
  /** The state's weights, [units, gates * units]. */
  readonly recurrent: Tensor
  /** The bias of the state's weights, [gates * units]. */
  readonly bias: Tensor | undefined
  readonly functions: readonly Unary[]
  /** The part of an operand that is of this direction: its first axis, unless steps of a batch lie behind it. */
  part(t: Tensor, axis: number): Tensor
  /** First values of a state, [batch, units]. */
  first(at: number): Tensor
}

/** What all recurrent nodes have in common. */
export interface RecurrentNode {
  readonly directions: readonly Direction[]
  readonly lengths: Tensor | undefined
  /** Whether the batch is the first axis of everything. */
  readonly isBatchFirst: boolean
}

/** Operands are X, W, R, B, sequence_lens, initial_h of ONNX. */
export function recurrentNode(call: NodeCall, gates: number, usual: readonly string[]): RecurrentNode {
  const isBatchFirst = call.attributes.flag('layout')
  const given = call.requireFloat(0)
  if (given.shape.length !== 3) call.fail(`operand 1 must have rank 3, it has rank ${given.shape.length}`)
  const x = isBatchFirst ? transpose(given, [1, 0, 2]) : given
  const [w, r, b] = [call.input(1), call.input(2), call.optional(3)]
  const way = call.attributes.text('direction', 'forward')
  const reversed = { forward: [false], reverse: [true], bidirectional: [false, true] }[way]
  if (!reversed) return call.fail(`direction ${JSON.stringify(way)} is not known`)
  const units = r.shape[2] ?? call.fail('operand 3 must have rank 3')
  if (call.attributes.int('hidden_size', units) !== units) call.fail(`hidden_size is not that of the weights, ${units}`)
  if (w.shape[0] !== reversed.length || w.shape[1] !== gates * units)
    call.fail(`operand 2 must be [${reversed.length}, ${gates * units}, features], it is [${w.shape.join(', ')}]`)
  const functions = activations(call, reversed.length, usual)
  const directions = reversed.map((reverse, i): Direction => {
    const part = (t: Tensor, axis: number): Tensor =>
      squeeze(slice(t, [...Array.from({ length: axis }, () => null), { start: i, end: i + 1 }]), axis)
    const own = b && part(b, 0)
    const half = (from: number): Tensor | undefined =>
      own && slice(own, [{ start: from * gates * units, end: (from + 1) * gates * units }])
    const product = matmul(x, transpose(part(w, 0)))
    const inputBias = half(0)
    return {
      reverse,
      units,
      projected: inputBias ? add(product, inputBias) : product,
      recurrent: transpose(part(r, 0)),
      bias: half(1),
      functions: functions[i]!,
      part,
      first: (at) => {
        const state = call.optional(at)
        return state ? part(state, isBatchFirst ? 1 : 0) : fill([x.shape[1]!, units], 0, { dtype: x.dtype })
      },
    }
  })
  return { directions, lengths: call.optional(4), isBatchFirst }
}
