import type { Specialised } from '../../src/compile/internals'
import type { Fused } from '../../src/ir/block'
import { type Buffer, type Item, kernelsOf, type Plan } from '../../src/ir/plan'
import { loadsOf } from '../../src/ir/scalar'
import type { Tensor } from '../../src/ir/tensor'
import { bytesOf } from '../../src/ir/type'
import { isVariable } from '../../src/ir/variable'
import { fail } from './fail'

const loadedBy = ({ reduce, values }: Fused): Tensor[] =>
  loadsOf([...(reduce?.accumulators.map((a) => a.body) ?? []), ...values.map((v) => v.value)]).map((l) => l.from)

/** Buffers that are needed at the same time share no byte; nothing is read before it is written or after its end. */
export function checkPlan({ compilation: { plan } }: Specialised): void {
  // Two turns show what one leaves to the next.
  type Flat =
    Exclude<Item, { kind: 'loop' | 'choice' }> | { readonly kind: 'anew'; readonly buffers: readonly Buffer[] }
  const inOrder = (items: readonly Item[]): Flat[] =>
    items.flatMap((item): Flat[] => {
      // Either arm may be taken: both, one after the other, need no less.
      if (item.kind === 'choice')
        return [{ kind: 'check', count: item.condition, message: '' }, ...item.arms.flatMap(inOrder)]
      if (item.kind !== 'loop') return [item]
      const turn: Flat[] = [{ kind: 'anew', buffers: [item.cell] }, ...inOrder(item.items)]
      return [{ kind: 'anew', buffers: stackedIn(plan, item) }, ...turn, ...turn]
    })
  const items = inOrder(plan.items)
  const end = items.length
  const lives = new Map<Buffer, [first: number, last: number][]>()
  /** What is written over whole, unread, is another value from then on. */
  const touch = (buffer: Buffer, at: number, isAnew = false): void => {
    const spans = lives.get(buffer) ?? []
    if (isAnew || spans.length === 0) spans.push([at, at])
    else spans.at(-1)![1] = at
    lives.set(buffer, spans)
  }
  const stale = new Set<Buffer>()
  /** Of the rows of a carry the first is written before the others. */
  const beginsAnew = (t: Tensor): boolean => {
    const shift = plan.shifts.get(t)
    return shift === undefined || (isRows(plan.place.get(t)!) && shift.terms.size === 0)
  }
  items.forEach((item, i) => {
    const loads = item.kind === 'run' ? loadedBy(item.kernel.fused) : []
    const reads =
      item.kind === 'run'
        ? loads.map((t) => plan.place.get(t)!)
        : item.kind === 'guard' || item.kind === 'anew'
          ? []
          : [item.kind === 'copy' ? item.from : item.count]
    for (const buffer of reads)
      if (buffer.region === 'scratch' && !lives.has(buffer))
        fail(`${buffer.name} is read by item ${i} before it is written`)
    for (const t of loads) if (isVariable(t) && stale.has(plan.place.get(t)!)) fail(`item ${i} reads the new ${t.name}`)
    for (const buffer of reads) touch(buffer, i)
    const write = (buffer: Buffer, isWhole: boolean): void => {
      touch(buffer, i, isWhole && !reads.includes(buffer))
      if (buffer.region === 'state') stale.add(buffer)
    }
    if (item.kind === 'copy') write(item.to, true)
    if (item.kind === 'anew') for (const buffer of item.buffers) write(buffer, true)
    if (item.kind === 'run') for (const [t, buffer] of item.kernel.stores) write(buffer, beginsAnew(t))
    if (item.kind === 'run' && item.kernel.workspace) write(item.kernel.workspace, true)
  })
  for (const b of plan.buffers) if (b.region === 'io' || b.region === 'constant') lives.set(b, [[0, end]])
  const work = [...lives].filter(([b]) => b.region !== 'state' && b.size > 0)
  const bytes = (b: Buffer): number => b.offset + b.size * bytesOf(b.dtype)
  work.forEach(([a, spans], i) => {
    const end = plan.workBytes + (a.region === 'constant' ? plan.constantBytes : 0)
    if (bytes(a) > end) fail(`${a.name} ends at ${bytes(a)}, the memory at ${end}`)
    for (const [b, others] of work.slice(i + 1)) {
      const meet = spans.some((live) => others.some((other) => live[0] <= other[1] && other[0] <= live[1]))
      if (meet && a.offset < bytes(b) && b.offset < bytes(a))
        fail(`${a.name} and ${b.name} overlap while both are live`)
    }
  })
}

/** What is kept of every turn of a loop, row by row, and read after it. */
const stackedIn = ({ shifts }: Plan, { time, items }: Extract<Item, { kind: 'loop' }>): Buffer[] => {
  const stores = kernelsOf(items).flatMap((k) => [...k.stores])
  return stores.flatMap(([t, buffer]) => (shifts.get(t)?.terms.has(time) && !isRows(buffer) ? [buffer] : []))
}
const isRows = ({ of }: Buffer): boolean => (of.attrs as { readonly role?: string }).role === 'rows'
