import { type Clock, clockStep } from './clock'

export interface Pace {
  /** Steps that are measured, and before them those that are not; by default as many as take `MEASURED` and `WARM`. */
  readonly steps: number | undefined
  readonly warmup: number | undefined
}

export interface Exercise {
  /** A step without a clock, and one that tells the time to this clock, by so many rows. */
  readonly plain: () => void
  readonly timed: () => void
  /** Puts back what steps have changed, so that long measuring does not train into numbers that training never meets. */
  readonly restore: () => void
  readonly clock: Clock
  readonly rows: number
}

export interface Measured {
  readonly steps: number
  /** Milliseconds of a step that carries no clock. */
  readonly plain: number
  /** Milliseconds of a step that does, by rows, with what the clock takes. */
  readonly rows: readonly number[]
  /** How often a step got to each row. */
  readonly calls: readonly number[]
}

/** Milliseconds. */
const WARM = 300
const MEASURED = 500
const FEWEST = 8
/** Steps are timed in blocks of at least so many steps of the clock, and of this many milliseconds. */
const TELLING = 50
const BLOCK = 1

/**
 * Times steps without a clock inside and steps with one in turns, a block each, so that whatever slows the machine down
 * slows both. What else the machine does only adds time, so the fastest tenth of the blocks counts, by the
 * time of the whole block: rows of these add up to what they took.
 */
export function measure({ plain, timed, restore, clock, rows: count }: Exercise, pace: Pace): Measured {
  const once = (): void => {
    clock.start()
    timed()
    clock.tick(0)
  }
  clock.clear(count)
  const each = warmUp(plain, once, restore, pace.warmup)
  const steps = pace.steps ?? Math.max(FEWEST, Math.ceil(MEASURED / each))
  const size = Math.min(steps, Math.max(1, Math.ceil(Math.max(BLOCK, TELLING * clockStep()) / each)))
  const blocks = Array.from({ length: Math.ceil(steps / size) }, (_, i) => Math.min(size, steps - i * size))
  const without: Block[] = []
  const within: Block[] = []
  for (const [i, length] of blocks.entries()) {
    const bare = (): void => {
      const started = performance.now()
      for (let k = 0; k < length; k++) plain()
      without.push({ length, rows: [performance.now() - started], calls: [length] })
    }
    const clocked = (): void => {
      clock.clear(count)
      for (let k = 0; k < length; k++) once()
      within.push({ length, rows: clock.milliseconds, calls: clock.calls })
    }
    for (const run of i % 2 === 0 ? [bare, clocked] : [clocked, bare]) {
      restore()
      run()
    }
  }
  const { rows, calls } = fastestOf(within)
  return { steps, plain: fastestOf(without).rows[0]!, rows, calls }
}

/** Lets the engine compile both, and tells how many milliseconds a step takes then. */
function warmUp(plain: () => void, timed: () => void, restore: () => void, steps: number | undefined): number {
  const started = performance.now()
  const enough = (done: number): boolean =>
    steps === undefined ? done >= 2 && performance.now() - started >= WARM : done >= steps
  for (let done = 0; !enough(done); done++) {
    plain()
    timed()
    restore()
  }
  const before = performance.now()
  let [done, now] = [0, before]
  do {
    plain()
    done++
    now = performance.now()
  } while (now - before < BLOCK && done < 1000)
  return Math.max(now - before, clockStep()) / done
}

interface Block {
  readonly length: number
  readonly rows: readonly number[]
  readonly calls: readonly number[]
}

/** What a step took in the fastest tenth of the blocks. */
function fastestOf(blocks: readonly Block[]): Pick<Measured, 'rows' | 'calls'> {
  const total = ({ rows, length }: Block): number => rows.reduce((sum, ms) => sum + ms, 0) / length
  const sorted = [...blocks].sort((a, b) => total(a) - total(b))
  const fastest = sorted.slice(0, Math.ceil(sorted.length / 10))
  const steps = fastest.reduce((sum, b) => sum + b.length, 0)
  const perStep = (of: (b: Block) => readonly number[]): number[] =>
    blocks[0]!.rows.map((_, row) => fastest.reduce((sum, b) => sum + of(b)[row]!, 0) / steps)
  return { rows: perStep((b) => b.rows), calls: perStep((b) => b.calls) }
}
