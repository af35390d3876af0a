import { slice, stack } from '../../../api/arrange'
import { add, mul, sub } from '../../../api/math'
import { rnn } from '../../../api/recurrent'
import { matmul, transpose } from '../../../api/shape'
import type { Tensor } from '../../../ir/tensor'
import type { NodeCall, OnnxOps } from '../node-call'
import { type Direction, recurrentNode, type RecurrentNode } from './recurrent-parts'

type State = Readonly<Record<string, Tensor>>
type Cell = (x: Tensor, state: State) => { readonly output: Tensor; readonly state: State }

/** Runs each direction; results are those of all steps and then the states of the names in their order. */
function run(
  { directions, lengths, isBatchFirst }: RecurrentNode,
  first: (direction: Direction) => State,
  cellOf: (direction: Direction) => Cell,
): readonly Tensor[] {
  const made = directions.map((direction) =>
    rnn<Tensor, State, Tensor, true>(direction.projected, cellOf(direction) as never, {
      initialState: first(direction),
      timeMajor: true,
      reverse: direction.reverse,
      ...(lengths ? { lengths, zeroOutputForMask: true } : {}),
    }),
  )
  // [steps, directions, batch, units] or [batch, steps, directions, units] where the batch comes first.
  const all = made.map(({ outputs }) => outputs)
  const outputs = isBatchFirst ? stack(all.map(batchFirst), { axis: 2 }) : stack(all, { axis: 1 })
  const names = Object.keys(made[0]!.state)
  const states = names.map(
    (name) =>
    stack(made.map(({ state }) => (state as State)[name]!), { axis: isBatchFirst ? 1 : 0 }), // prettier-ignore
  )
  return [outputs, ...states]
}

const batchFirst = (t: Tensor): Tensor => transpose(t, [1, 0, 2])

/** The parts of gates that lie side by side in the last axis. */
const gatesOf = (t: Tensor, units: number, count: number): Tensor[] =>
  Array.from({ length: count }, (_, i) => slice(t, [...t.shape.slice(1).map(() => null), { start: i * units, end: (i + 1) * units }])) // prettier-ignore

/** h by the state's weights, with their bias. */
const projected = (h: Tensor, { recurrent, bias }: Direction): Tensor => {
  const product = matmul(h, recurrent)
  return bias ? add(product, bias) : product
}

function simple(call: NodeCall): readonly Tensor[] {
  const node = recurrentNode(call, 1, ['Tanh'])
  return run(
    node,
    (direction) => ({ h: direction.first(5) }),
    (direction) => {
      const [f] = direction.functions as [Direction['functions'][0]]
      return (x, { h }) => {
        const next = f(add(x, projected(h!, direction)))
        return { output: next, state: { h: next } }
      }
    },
  )
}

/** Gates z, r, h. */
function gru(call: NodeCall): readonly Tensor[] {
  const isResetAfter = call.attributes.flag('linear_before_reset')
  const node = recurrentNode(call, 3, ['Sigmoid', 'Tanh'])
  const cellOf = (direction: Direction): Cell => {
    const { units, functions, recurrent, bias } = direction
    const [f, g] = functions as [Direction['functions'][0], Direction['functions'][0]]
    const [, , own] = gatesOf(recurrent, units, 3) as [Tensor, Tensor, Tensor]
    const ownBias = bias && gatesOf(bias, units, 3)[2]!
    return (x, { h }) => {
      const [xz, xr, xh] = gatesOf(x, units, 3) as [Tensor, Tensor, Tensor]
      const [hz, hr, hh] = gatesOf(projected(h!, direction), units, 3) as [Tensor, Tensor, Tensor]
      const [z, r] = [f(add(xz, hz)), f(add(xr, hr))]
      const reset = matmul(mul(r, h!), own)
      const before = ownBias ? add(reset, ownBias) : reset
      const value = g(add(xh, isResetAfter ? mul(r, hh) : before))
      const next = add(mul(sub(1, z), value), mul(z, h!))
      return { output: next, state: { h: next } }
    }
  }
  return run(node, (direction) => ({ h: direction.first(5) }), cellOf)
}

/** Gates i, o, f, c; peepholes i, o, f. */
function lstm(call: NodeCall): readonly Tensor[] {
  // Whether the values of the cells are clipped too where they become the output, ONNX leaves open.
  if (call.attributes.has('clip')) call.refuse('clipping')
  const isCoupled = call.attributes.flag('input_forget')
  const node = recurrentNode(call, 4, ['Sigmoid', 'Tanh', 'Tanh'])
  const peepholes = call.optional(7)
  const cellOf = (direction: Direction): Cell => {
    const { units, functions, part } = direction
    const [f, g, last] = functions as [Direction['functions'][0], Direction['functions'][0], Direction['functions'][0]]
    const peeps = peepholes && gatesOf(part(peepholes, 0), units, 3)
    const seen = (gate: Tensor, i: number, c: Tensor): Tensor => (peeps ? add(gate, mul(peeps[i]!, c)) : gate)
    return (x, { h, c }) => {
      const [gi, go, gf, gc] = gatesOf(add(x, projected(h!, direction)), units, 4) as [Tensor, Tensor, Tensor, Tensor]
      const input = f(seen(gi, 0, c!))
      const forget = isCoupled ? sub(1, input) : f(seen(gf, 2, c!))
      const cells = add(mul(forget, c!), mul(input, g(gc)))
      const output = mul(f(seen(go, 1, cells)), last(cells))
      return { output, state: { h: output, c: cells } }
    }
  }
  return run(node, (direction) => ({ h: direction.first(5), c: direction.first(6) }), cellOf)
}

/** Recurrent layers. */
export const RECURRENT: OnnxOps = { RNN: simple, GRU: gru, LSTM: lstm }
