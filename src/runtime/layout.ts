import { aligned, PAGE } from '../ir/memory'
import { CONTROL_WORDS } from './thread-text'

/** Vectors may read a little beyond both ends of a buffer. */
export const SLACK = 64
/** What threads agree upon lies in front, on lines of the cache that nothing else is on. */
const CONTROL_BYTES = aligned(4 * CONTROL_WORDS)
/** So often what is shared may move to a larger place before it is given twice what it had. */
const EXACT_MOVES = 4

interface Stretch {
  readonly from: number
  bytes: number
}
/** A stretch with contents that are written once. */
interface Kept extends Stretch {
  readonly key: string
  holders: number
}
/** A stretch that programs run in; old ones stay as long as one was made for them. */
interface Shared extends Stretch {
  users: number
}

/** Contents that several specialisations may have in one place. */
export interface Content {
  readonly bytes: number
  /** Equal for equal contents. */
  readonly key: string
  /** Whether they are what lies at an address. */
  liesAt(address: number): boolean
}

/** Where one specialisation lies. */
export interface Reserved {
  /** The address of each content; those that are `fresh` have to be written there before anything else is reserved. */
  readonly own: readonly { readonly address: number; readonly fresh: boolean }[]
  readonly shared: number
  /** Says that it may be used until what this returns is called; when nobody is left, the memory serves others. */
  hold(): () => void
}

/** Addresses in the memory of a program on WebAssembly, which need not be there. */
export class Layout {
  readonly base: number
  private top: number
  private free: readonly Stretch[] = []
  private shared: Shared
  private moves = 0
  /** Contents that somebody holds, by key. */
  private readonly kept = new Map<string, Kept>()

  constructor(stateBytes: number, isShared = false) {
    this.base = isShared ? CONTROL_BYTES + SLACK : SLACK
    this.top = this.base + aligned(stateBytes)
    this.shared = { from: this.top, bytes: 0, users: 0 }
  }

  /** Bytes of all that has an address. */
  get bytes(): number {
    return this.top
  }

  /** Whole pages that this takes. */
  get pages(): number {
    return Math.ceil((this.top + SLACK) / PAGE)
  }

  /**
   * Addresses of contents, which may be there already, and of the shared stretch with at least the size asked for. `provide`
   * sees to it that the memory exists; where it throws, all is as before.
   */
  reserve(contents: readonly Content[], sharedBytes: number, provide: () => void = () => undefined): Reserved {
    const { top, free, shared, moves } = this
    const { bytes } = shared
    try {
      const used = this.sharedOf(aligned(sharedBytes))
      const own = contents.map((c) => this.found(c) ?? this.made(c))
      provide()
      return {
        own: own.map((s) => ({ address: s.from, fresh: s.holders === 0 })),
        shared: used.from,
        hold: () => this.held(own, used),
      }
    } catch (error) {
      this.top = top
      this.free = free
      this.shared = shared
      this.moves = moves
      shared.bytes = bytes
      throw error
    }
  }

  private found({ key, liesAt }: Content): Kept | undefined {
    const known = this.kept.get(key)
    return known && liesAt(known.from) ? known : undefined
  }

  private made({ bytes, key }: Content): Kept {
    return { from: this.take(aligned(bytes)), bytes: aligned(bytes), key, holders: 0 }
  }

  private held(own: readonly Kept[], shared: Shared): () => void {
    shared.users++
    for (const s of own) {
      s.holders++
      this.kept.set(s.key, s)
    }
    let isHeld = true
    return () => {
      if (!isHeld) return
      isHeld = false
      for (const s of own) if (--s.holders === 0) this.forget(s)
      if (--shared.users === 0 && shared !== this.shared) this.give(shared)
    }
  }

  private forget(s: Kept): void {
    if (this.kept.get(s.key) === s) this.kept.delete(s.key)
    this.give(s)
  }

  /** The shared stretch, made longer where it is too short: in its place if it is the last, else in another. */
  private sharedOf(bytes: number): Shared {
    const { shared } = this
    if (bytes <= shared.bytes) return shared
    if (shared.from + shared.bytes === this.top) {
      this.top = shared.from + bytes
      shared.bytes = bytes
      return shared
    }
    const size = this.moves++ < EXACT_MOVES ? bytes : Math.max(bytes, 2 * shared.bytes)
    if (shared.users === 0) this.give(shared)
    return (this.shared = { from: this.take(size), bytes: size, users: 0 })
  }

  /** The first free place that is large enough, else one behind everything. */
  private take(bytes: number): number {
    const found = bytes > 0 ? this.free.find((s) => s.bytes >= bytes) : undefined
    if (!found) return (this.top += bytes) - bytes
    const rest = { from: found.from + bytes, bytes: found.bytes - bytes }
    this.free = this.free.flatMap((s) => (s !== found ? [s] : rest.bytes > 0 ? [rest] : []))
    return found.from
  }

  private give({ from, bytes }: Stretch): void {
    if (bytes === 0) return
    const joined: Stretch[] = []
    for (const next of [...this.free, { from, bytes }].sort((a, b) => a.from - b.from)) {
      const last = joined.at(-1)
      if (last && last.from + last.bytes === next.from) last.bytes += next.bytes
      else joined.push({ ...next })
    }
    const last = joined.at(-1)!
    if (last.from + last.bytes === this.top) {
      this.top = last.from
      joined.pop()
    }
    this.free = joined
  }
}
