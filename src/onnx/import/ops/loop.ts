import { stack } from '../../../api/arrange'
import { cond } from '../../../api/cond'
import { reshape } from '../../../api/shape'
import { scan, type Tensors } from '../../../api/scan'
import { GraphError } from '../../../ir/errors'
import type { Tensor } from '../../../ir/tensor'
import { showType, sizeOf } from '../../../ir/type'
import { UnsupportedError } from '../../unsupported'
import type { NodeCall } from '../node-call'
import { requireSize } from '../size'
import { constantOf, isKnown, valuesOf } from '../values'

/** The most turns that are written out one after another, and the most that a program goes through. */
const MOST_WRITTEN = 64
const MOST_TURNS = 2 ** 24

const TRUE = { dtype: 'bool', shape: [], data: Uint8Array.of(1) } as const
const numbered = (tensors: readonly Tensor[]): Tensors => Object.fromEntries(tensors.map((t, i) => [`t${i}`, t]))

function condition(call: NodeCall, t: Tensor | undefined): Tensor {
  if (t?.dtype !== 'bool' || sizeOf(t.shape) !== 1)
    return call.fail(`a condition must be one bool, it is ${t ? showType(t) : 'missing'}`)
  return reshape(t, [])
}

/** Whether a condition holds; undefined where only the run knows. */
const holds = (call: NodeCall, t: Tensor): boolean | undefined =>
  isKnown(t) ? valuesOf(t, call.title).data[0] === 1 : undefined

/** A condition turned out to hang on what a turn computes. */
class OpenCondition extends Error {}

/**
 * A loop of a known number of turns whose condition stays true is a scan, as is one that may end early and stacks nothing:
 * what it carries then stays as it is. Where shapes change from turn to turn, the turns are written out.
 */
export function loop(call: NodeCall): readonly Tensor[] {
  const most = call.optionalNumber(0)
  const first = call.has(1) ? condition(call, call.input(1)) : constantOf(TRUE)
  const states = call.inputs(2)
  const begins = holds(call, first)
  const stacked = call.outputCount - states.length
  if (stacked < 0) call.fail(`${call.outputCount} results of ${states.length} states`)
  if (begins === false || (most !== undefined && most <= 0))
    return stacked > 0 ? call.refuse('a loop of no turns that stacks something') : states
  if (most === undefined) {
    // Whether there is a first turn must be known.
    if (begins === undefined) call.values(1)
    return written(call, MOST_WRITTEN, states, true)
  }
  if (most > MOST_TURNS) call.refuse(`a loop of ${most} turns`)
  try {
    return scanned(call, most, first, states, begins !== true)
  } catch (error) {
    if (error instanceof OpenCondition) return scanned(call, most, first, states, true)
    const isAboutShapes = error instanceof GraphError && !(error instanceof UnsupportedError)
    if (!isAboutShapes || most > MOST_WRITTEN) throw error
    // Written out, the turns must know of the condition too.
    if (begins === undefined) call.values(1)
    return written(call, most, states, false)
  }
}

function scanned(
  call: NodeCall,
  length: number,
  first: Tensor,
  states: readonly Tensor[],
  isOpen: boolean,
): readonly Tensor[] {
  const made = scan<Tensors, Tensors, Tensors, 0>({
    carry: { ...(isOpen ? { goes: first } : {}), ...numbered(states) },
    length,
    step: (carry, _, turn) => {
      const { goes = constantOf(TRUE), ...before } = carry
      const old = Object.values(before)
      const once = () => {
        const [next, ...results] = call.run('body', [turn, goes, ...old])
        return {
          going: condition(call, next),
          after: results.slice(0, states.length),
          outputs: results.slice(states.length),
        }
      }
      if (!isOpen) {
        const { going, after, outputs } = once()
        if (holds(call, going) !== true) throw new OpenCondition()
        return { carry: numbered(after), outputs: numbered(outputs) }
      }
      // Behind its end the loop runs no turn: what a turn reads by its number may not be there.
      const turned = cond<Tensors>(
        goes,
        () => {
          const { going, after, outputs } = once()
          if (outputs.length > 0) call.refuse('a loop that may end early and stacks something')
          return { goes: going, ...numbered(after) }
        },
        () => ({ goes, ...numbered(old) }),
      )
      return { carry: turned }
    },
  })
  const { goes: _, ...last } = made.carry as Tensors
  const stacks = Object.values(made.outputs)
  for (const t of stacks) requireSize(call, t.shape)
  return [...Object.values(last), ...stacks]
}

/** The turns one after another; each must say of its condition whether it holds. */
function written(call: NodeCall, most: number, states: readonly Tensor[], mustEnd: boolean): readonly Tensor[] {
  let now = states
  const stacks: Tensor[][] = []
  let goes = true
  for (let turn = 0; turn < most && goes; turn++) {
    const place = constantOf({ dtype: 'int32', shape: [], data: Int32Array.of(turn) })
    const [next, ...results] = call.run('body', [place, constantOf(TRUE), ...now])
    now = results.slice(0, states.length)
    results.slice(states.length).forEach((t, i) => (stacks[i] ??= []).push(t))
    goes = holds(call, condition(call, next)) ?? call.refuse('a loop whose end only the run knows')
  }
  if (goes && mustEnd) call.refuse(`a loop of more than ${most} turns without a number of turns`)
  return [...now, ...stacks.map((parts) => stack(parts))]
}
