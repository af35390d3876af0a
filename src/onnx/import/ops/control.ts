import { cond } from '../../../api/cond'
import { flip, reshape } from '../../../api/shape'
import { slice, squeeze, stack } from '../../../api/arrange'
import { moveAxis } from '../../../api/rearrange'
import { scan, type Tensors } from '../../../api/scan'
import type { Tensor } from '../../../ir/tensor'
import { showType, sizeOf } from '../../../ir/type'
import type { NodeCall, OnnxOps } from '../node-call'
import { requireSize } from '../size'
import { isKnown, valuesOf } from '../values'
import { loop } from './loop'

/** A bool of one element as one of rank 0. */
export function scalarBool(call: NodeCall, t: Tensor): Tensor {
  if (t.dtype !== 'bool' || sizeOf(t.shape) !== 1) call.fail(`a condition must be one bool, it is ${showType(t)}`)
  return reshape(t, [])
}

/** Only the graph that is taken is built where the condition is known; else both, which must agree in type. */
function choice(call: NodeCall): readonly Tensor[] {
  const condition = scalarBool(call, call.input(0))
  call.attributes.ignore('then_branch', 'else_branch')
  if (isKnown(condition)) return call.run(valuesOf(condition, call.title).data[0] ? 'then_branch' : 'else_branch', [])
  const named = (attribute: string) => (): Tensors =>
    Object.fromEntries(call.run(attribute, []).map((t, i) => [`y${i}`, t]))
  return Object.values(cond(condition, named('then_branch'), named('else_branch')))
}

interface Sequence {
  readonly axis: number
  readonly isReversed: boolean
}

function directions(call: NodeCall, attribute: string, count: number): readonly boolean[] {
  const given = call.attributes.ints(attribute) ?? Array.from({ length: count }, () => 0)
  if (given.length !== count) call.fail(`${attribute} has ${given.length} numbers, ${count} are needed`)
  return given.map((n) => (n === 0 || n === 1 ? n === 1 : call.fail(`${attribute} has ${n}, neither 0 nor 1`)))
}

function sequences(call: NodeCall, kind: 'input' | 'output', count: number): readonly Sequence[] {
  const axes = call.attributes.ints(`scan_${kind}_axes`) ?? Array.from({ length: count }, () => 0)
  if (axes.length !== count) call.fail(`scan_${kind}_axes has ${axes.length} numbers, ${count} are needed`)
  return directions(call, `scan_${kind}_directions`, count).map((isReversed, i) => ({ axis: axes[i]!, isReversed }))
}

const numbered = (tensors: readonly Tensor[]): Tensors => Object.fromEntries(tensors.map((t, i) => [`t${i}`, t]))
const listed = (tensors: Tensors): Tensor[] => Object.values(tensors)

/** A body over slices along the first axis of each sequence: the states after the last, and the stacked results. */
function scanned(
  call: NodeCall,
  states: readonly Tensor[],
  over: readonly Tensor[],
): { last: Tensor[]; all: Tensor[] } {
  const length = over[0]?.shape[0] ?? call.fail('there is nothing to scan')
  if (length === 0) call.refuse('a sequence of no elements')
  const made = scan<Tensors, Tensors, Tensors, 0>({
    carry: numbered(states),
    over: numbered(over),
    step: (carry, slices) => {
      const results = call.run('body', [...listed(carry), ...listed(slices)])
      return { carry: numbered(results.slice(0, states.length)), outputs: numbered(results.slice(states.length)) }
    },
  })
  const all = listed(made.outputs)
  for (const t of all) requireSize(call, t.shape)
  return { last: listed(made.carry), all }
}

function scanNode(call: NodeCall): readonly Tensor[] {
  const count = call.attributes.int('num_scan_inputs') ?? call.fail('num_scan_inputs is missing')
  if (call.opset < 9) return batchedScan(call, count)
  const states = call.inputCount - count
  if (count < 1 || states < 0) call.fail(`num_scan_inputs is ${count} for ${call.inputCount} operands`)
  const given = call.inputs()
  const over = sequences(call, 'input', count).map(({ axis, isReversed }, i) => {
    const x = given[states + i]!
    const moved = moveAxis(x, call.axis(axis, x.shape.length), 0)
    return isReversed ? flip(moved, 0) : moved
  })
  const { last, all } = scanned(call, given.slice(0, states), over)
  const outputs = sequences(call, 'output', all.length).map(({ axis, isReversed }, i) => {
    const y = isReversed ? flip(all[i]!, 0) : all[i]!
    return moveAxis(y, 0, call.axis(axis, y.shape.length))
  })
  return [...last, ...outputs]
}

const MOST_ROWS = 64

/** The first version scans each row of a batch by itself. */
function batchedScan(call: NodeCall, count: number): readonly Tensor[] {
  if (call.has(0)) call.refuse('lengths of sequences')
  const given = call.inputs(1)
  const states = given.length - count
  if (count < 1 || states < 0) call.fail(`num_scan_inputs is ${count} for ${given.length} operands`)
  const rows = given[0]!.shape[0] ?? call.fail('operands have no batch')
  if (rows < 1 || rows > MOST_ROWS) call.refuse(`a batch of ${rows}`)
  const reversed = directions(call, 'directions', count)
  const made = Array.from({ length: rows }, (_, row) => {
    const own = given.map((t) => squeeze(slice(t, [{ start: row, end: row + 1 }]), 0))
    const over = own.slice(states).map((t, i) => (reversed[i] ? flip(t, 0) : t))
    const { last, all } = scanned(call, own.slice(0, states), over)
    return [...last, ...all]
  })
  return made[0]!.map((_, i) => stack(made.map((results) => results[i]!)))
}

/** Graphs inside nodes. */
export const CONTROL: OnnxOps = { If: choice, Loop: loop, Scan: scanNode }
