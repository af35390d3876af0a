import { aligned } from '../ir/memory'

/** A stretch that is needed from one item of the plan to another, both included. */
export interface Lifetime {
  readonly bytes: number
  readonly first: number
  readonly last: number
}

/**
 * First fit over lifetimes: offsets such that stretches that live at the same time do not overlap. Without reuse they lie
 * one after the other.
 */
export function packArena(
  lifetimes: readonly Lifetime[],
  { reuse }: { readonly reuse: boolean },
): { readonly offsets: number[]; readonly bytes: number } {
  const offsets = new Array<number>(lifetimes.length).fill(0)
  let top = 0
  if (!reuse) {
    lifetimes.forEach(({ bytes }, i) => {
      offsets[i] = top
      top += aligned(bytes)
    })
    return { offsets, bytes: top }
  }
  const order = (of: (life: Lifetime) => number): number[] =>
    lifetimes.map((_, i) => i).sort((a, b) => of(lifetimes[a]!) - of(lifetimes[b]!) || a - b)
  const byEnd = order((life) => life.last)
  const free = new FreeStretches()
  let ended = 0
  for (const i of order((life) => life.first)) {
    const { bytes, first } = lifetimes[i]!
    for (let j = byEnd[ended]!; lifetimes[j]!.last < first; j = byEnd[++ended]!)
      free.give(offsets[j]!, aligned(lifetimes[j]!.bytes))
    offsets[i] = free.take(aligned(bytes))
    top = Math.max(top, offsets[i] + aligned(bytes))
  }
  return { offsets, bytes: top }
}

/** What is not in use, by offset; the last stretch has no end. */
class FreeStretches {
  private readonly list: { from: number; to: number }[] = [{ from: 0, to: Infinity }]

  take(bytes: number): number {
    const at = this.list.findIndex(({ from, to }) => to - from >= bytes)
    const stretch = this.list[at]!
    const { from } = stretch
    stretch.from += bytes
    if (stretch.from === stretch.to) this.list.splice(at, 1)
    return from
  }

  give(from: number, bytes: number): void {
    if (bytes === 0) return
    const to = from + bytes
    const at = this.list.findIndex((stretch) => stretch.from >= to)
    const next = this.list[at]!
    const before = this.list[at - 1]
    if (before?.to === from) {
      before.to = to
      if (next.from === to) {
        before.to = next.to
        this.list.splice(at, 1)
      }
    } else if (next.from === to) next.from = from
    else this.list.splice(at, 0, { from, to })
  }
}
