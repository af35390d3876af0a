/** A stretch that is needed from one item of the plan to another, both included. */
export interface Lifetime {
  readonly bytes: number
  readonly first: number
  readonly last: number
}

export const ALIGNMENT = 64
export const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

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
  const byStart = lifetimes.map((_, i) => i).sort((a, b) => lifetimes[a]!.first - lifetimes[b]!.first || a - b)
  // Live stretches by offset.
  let live: number[] = []
  let nextEnd = Infinity
  for (const i of byStart) {
    const { bytes, first, last } = lifetimes[i]!
    if (nextEnd < first) {
      live = live.filter((j) => lifetimes[j]!.last >= first)
      nextEnd = live.reduce((end, j) => Math.min(end, lifetimes[j]!.last), Infinity)
    }
    let at = 0
    let slot = 0
    while (slot < live.length && offsets[live[slot]!]! - at < aligned(bytes)) {
      const other = live[slot]!
      at = Math.max(at, offsets[other]! + aligned(lifetimes[other]!.bytes))
      slot++
    }
    offsets[i] = at
    live.splice(slot, 0, i)
    nextEnd = Math.min(nextEnd, last)
    top = Math.max(top, at + aligned(bytes))
  }
  return { offsets, bytes: top }
}
