import { type Fused, partsIn } from '../ir/block'
import type { Tensor } from '../ir/tensor'
import type { Homes, Step } from './steps'

/** First and last item that touches the memory of a tensor, by who owns it. */
export type Lives = Map<Tensor, readonly [first: number, last: number]>

/**
 * Items are numbered as they stand, those of a loop once. Memory that a loop finds or leaves, or that one turn hands to the
 * next, is in use during the whole loop.
 */
export function lifetimes(
  steps: readonly Step[],
  homes: Homes,
): {
  readonly lives: Lives
  readonly count: number
  /** Where each kernel stands. */
  readonly at: ReadonlyMap<Fused, number>
} {
  const lives: Lives = new Map()
  const at = new Map<Fused, number>()
  let count = 0
  let touched = new Set<Tensor>()
  const ownerOf = (t: Tensor): Tensor => homes.get(t)?.owner ?? t
  const touch = (t: Tensor, at: number): void => {
    const owner = ownerOf(t)
    touched.add(owner)
    const before = lives.get(owner)
    lives.set(owner, [Math.min(before?.[0] ?? at, at), Math.max(before?.[1] ?? at, at)])
  }
  const visit = (step: Step): void => {
    if (step.kind === 'run') {
      for (const { from } of step.fused.loads) touch(from, count)
      for (const { tensor } of step.fused.outputs) touch(tensor, count)
      at.set(step.fused, count++)
      return
    }
    if (step.kind === 'choice') {
      const { condition, reads, arms } = step.choice
      const begin = count++
      for (const t of [condition, ...reads.map((l) => l.from)]) touch(t, begin)
      step.arms.forEach((arm) => arm.forEach(visit))
      const end = count++
      for (const t of reads.map((l) => l.from)) touch(t, end)
      // What an arm leaves is not to be lost in the other.
      for (const { part } of arms[0].results) {
        touch(part, begin)
        touch(part, end)
      }
      return
    }
    const outer = touched
    touched = new Set()
    const { loop } = step
    const begin = count++
    touch(loop.turn, begin)
    for (const { from } of loop.reads) touch(from, begin)
    step.steps.forEach(visit)
    for (const { from, to } of step.copies) {
      touch(from, count)
      touch(to, count++)
    }
    const end = count++
    for (const t of partsIn(loop)) touch(t, end)
    const fleeting = fleetingOf(step, ownerOf)
    for (const t of touched) {
      const [first, last] = lives.get(t)!
      if (!fleeting.has(t)) lives.set(t, [Math.min(first, begin), Math.max(last, end)])
      outer.add(t)
    }
    touched = outer
  }
  steps.forEach(visit)
  return { lives, count, at }
}

/** What a turn makes anew before it reads it. */
function fleetingOf({ steps, loop }: Extract<Step, { kind: 'loop' }>, ownerOf: (t: Tensor) => Tensor): Set<Tensor> {
  const kept = new Set<Tensor>([
    ...loop.carries.map((c) => ownerOf(c.carry)),
    ...loop.stacks.map((s) => s.part),
    loop.turn,
  ])
  const made = madeBy(steps, ownerOf)
  for (const t of kept) made.delete(t)
  return made
}

/** Memory that steps write before they read it. */
function madeBy(steps: readonly Step[], ownerOf: (t: Tensor) => Tensor): Set<Tensor> {
  const made = new Set<Tensor>()
  for (const step of steps) {
    if (step.kind === 'run') for (const { tensor } of step.fused.values) made.add(ownerOf(tensor))
    else if (step.kind === 'loop') {
      for (const { part } of step.loop.stacks) made.add(ownerOf(part))
      for (const { carry } of step.loop.carries) made.add(ownerOf(carry))
      made.add(step.loop.turn)
    } else {
      for (const { part } of step.choice.arms[0].results) made.add(ownerOf(part))
      for (const arm of step.arms) for (const t of madeBy(arm, ownerOf)) made.add(t)
    }
  }
  return made
}
