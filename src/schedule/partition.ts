import type { Axis } from '../ir/affine'
import type { Calls, Division, Partition, Stmt } from '../ir/loop'
import { type Scalar, walk } from '../ir/scalar'
import { sizeOf } from '../ir/type'
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
 * Calls that a long kernel is taken in, and how much longer it is than what is worth a thread. Engines first make code in
 * haste, and better code while that runs; what runs changes over between calls only. So a kernel of milliseconds is not at
 * the mercy of the former for all of its first run.
 */
const CALLS = 8
const LONG = 40

/**
 * How the loops of a kernel divide among threads, where that pays: along the axis that leaves the least to the busiest
 * thread. Only loops over results are divided, never a sum, so that no number depends on how many threads there are.
 */
export function partitionOf(
  kernel: FlatKernel,
  body: readonly Stmt[],
  { count, minWork }: PartitionOptions,
): Division | undefined {
  if (count < 2) return undefined
  const whole = workOf(body)
  if (whole < minWork) return undefined
  let best: (Way & { readonly work: number }) | undefined
  for (const way of waysOf(kernel, body)) {
    const { turns, inside } = way
    const work = whole - inside + (inside * Math.ceil(turns / count)) / turns
    if (!best || work < best.work) best = { ...way, work }
  }
  // Less than a quarter gained is lost again in waking and waiting.
  if (!best || best.work >= 0.75 * whole) return undefined
  const isCheap = CALLS * (whole - best.inside) <= 0.1 * whole
  return { ...best.partition, alone: isCheap && whole >= LONG * minWork ? CALLS : 1 }
}

/** How one thread takes a long kernel in several calls, where next to nothing is done twice for it. */
export function callsOf(
  kernel: FlatKernel,
  body: readonly Stmt[],
  { minWork }: Pick<PartitionOptions, 'minWork'>,
): Calls | undefined {
  // Points are soon counted: a vector of four takes an instruction at least.
  if (sizeOf([...kernel.axes, ...kernel.reduceAxes].map((a) => a.extent)) < (LONG / 4) * minWork) return undefined
  const whole = workOf(body)
  if (whole < LONG * minWork) return undefined
  let best: { readonly calls: Calls; readonly again: number } | undefined
  for (const { partition, turns, inside } of waysOf(kernel, body)) {
    const once = body.filter((s) => isPreparation(s, partition.axis))
    const again = whole - inside - workOf(once)
    const calls = { ...partition, turns: Math.ceil(turns / CALLS), once: new Set(once) }
    if (!best || again < best.again) best = { calls, again }
  }
  return best && CALLS * best.again <= 0.01 * whole ? best.calls : undefined
}

/** A loop that only copies what the loops over an axis read. */
function isPreparation(s: Stmt, axis: Axis): boolean {
  const onlyStores = (body: readonly Stmt[]): boolean =>
    body.every((inner) => {
      if (inner.kind === 'for') return inner.axis !== axis && onlyStores(inner.body)
      return inner.kind === 'store' ? inner.to.buffer.region === 'panel' : inner.kind === 'let' || inner.kind === 'note'
    })
  return s.kind === 'for' && onlyStores([s])
}

/** An axis along which a kernel can be done in parts. */
interface Way {
  readonly partition: Partition
  readonly turns: number
  /** What is done in its loops. */
  readonly inside: number
}

function waysOf(kernel: FlatKernel, body: readonly Stmt[]): Way[] {
  const found: Way[] = []
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
    found.push({ partition: { axis, from, to, step }, turns, inside })
  }
  return found
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
