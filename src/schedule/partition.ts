import type { Axis } from '../ir/affine'
import type { Partition, Stmt } from '../ir/loop'
import { type Scalar, walk } from '../ir/scalar'
import type { FlatKernel } from './flat'

export interface PartitionOptions {
  /** Threads that share the work. */
  readonly count: number
  /** Instructions below which a kernel stays on one thread. */
  readonly minWork: number
}

/**
 * Waking a thread that spins and waiting for it costs a microsecond, one that sleeps up to fifty: about this many
 * instructions.
 */
export const MIN_WORK = 100_000

/**
 * How the loops of a kernel divide among threads, where that pays: along the axis that leaves the least to the busiest
 * thread. Only loops over results are divided, never a sum, so that no number depends on how many threads there are.
 */
export function partitionOf(
  kernel: FlatKernel,
  body: readonly Stmt[],
  { count, minWork }: PartitionOptions,
): Partition | undefined {
  if (count < 2) return undefined
  const whole = workOf(body)
  if (whole < minWork) return undefined
  let best: { readonly partition: Partition; readonly work: number } | undefined
  for (const axis of axesOf(kernel, body)) {
    const loops = loopsOver(axis, body)
    const main = loops?.reduce((a, b) => (b.to - b.from > a.to - a.from ? b : a))
    if (!loops || !main) continue
    const { from, to, step } = main
    const turns = Math.floor((to - from) / step)
    const isMain = (l: Loop): boolean => l.from === from && l.to === to && l.step === step
    // What is no whole turn of the main loops must come after it.
    if (turns < 2 || (to - from) % step !== 0 || !loops.every((l) => isMain(l) || l.from >= to)) continue
    const inside = loops.reduce((sum, l) => sum + l.times * workOf([l.loop]), 0)
    const work = whole - inside + (inside * Math.ceil(turns / count)) / turns
    if (!best || work < best.work) best = { partition: { axis, from, to, step }, work }
  }
  // Less than a quarter gained is lost again in waking and waiting.
  return best && best.work < 0.75 * whole ? best.partition : undefined
}

/** Axes of results: those of the kernel, and what a schedule has made of them. */
function axesOf({ axes, loops, stores }: FlatKernel, body: readonly Stmt[]): Set<Axis> {
  const found = new Set(axes)
  // Loops that an op gave may depend on the turn before, and what is scattered falls where it likes.
  if (loops || stores.some((s) => s.scatter)) return found
  const visit = (s: Stmt): void => {
    if (s.kind === 'for' && s.axis.kind === 'space') found.add(s.axis)
    if ('body' in s) s.body.forEach(visit)
  }
  body.forEach(visit)
  return found
}

type Loop = Pick<For, 'from' | 'to' | 'step'> & {
  readonly loop: For
  /** How often it is entered. */
  readonly times: number
}
type For = Extract<Stmt, { kind: 'for' }>

/** All loops over an axis, if everything that is stored for others to read is stored inside of them. */
function loopsOver(axis: Axis, body: readonly Stmt[]): Loop[] | undefined {
  const found: Loop[] = []
  const visit = (s: Stmt, times: number): boolean => {
    if (s.kind === 'store') return s.to.buffer.region === 'panel'
    if (s.kind === 'if' || s.kind === 'while') return s.body.every((inner) => visit(inner, times))
    if (s.kind !== 'for') return true
    if (s.axis !== axis) return s.body.every((inner) => visit(inner, times * turnsOf(s)))
    found.push({ from: s.from, to: s.to, step: s.step, loop: s, times })
    return true
  }
  return body.every((s) => visit(s, 1)) && found.length > 0 ? found : undefined
}

const turnsOf = ({ from, to, step }: For): number => Math.max(0, Math.ceil((to - from) / step))

function operationsIn(value: Scalar): number {
  const all = walk([value])
  let count = 0
  for (let i = 0; i < all.length; i++) if (all[i]!.kind === 'call' || all[i]!.kind === 'element') count++
  return count
}

/** Instructions, about: operations, loads and stores, a vector like a number. */
function workOf(body: readonly Stmt[]): number {
  let work = 0
  for (const s of body) {
    if (s.kind === 'for') work += turnsOf(s) * (2 + workOf(s.body))
    else if (s.kind === 'if' || s.kind === 'while') work += workOf(s.body)
    else if (s.kind !== 'note') work += operationsIn(s.value) + (s.kind === 'store' ? 1 : 0)
  }
  return work
}
