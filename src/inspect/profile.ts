import { type BindingOption, specialisedOf } from '../compile/inspected'
import { entryInternals, type ProgramInternals } from '../compile/internals'
import { timedForm } from '../compile/timed'
import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { inferBindings } from '../runtime/bind'
import { makeClock, tickCost } from './clock'
import type { Machine } from './machine'
import { measure } from './profile-measure'
import { type ProfileRow, rowsOf, type Spent } from './profile-rows'
import { profileText } from './profile-table'

/** Options of `profile`. */
export interface ProfileOptions<F = Readonly<Record<string, unknown>>> extends BindingOption {
  /** What every step is fed. */
  readonly feeds: F
  /** How many steps are measured; by default as many as take half a second, at least 8. */
  readonly steps?: number
  /** How many run before, so that the engine has compiled them; by default as many as take 0.3 seconds. */
  readonly warmup?: number
}

/** Where the time of a step goes. Plain data but for `toString`, which writes it as a table. */
export interface Profile {
  readonly entry: string
  readonly bindings: Readonly<Record<string, number>>
  readonly target: 'js' | 'wasm'
  /** As many as large kernels are divided among; 1 where none is. */
  readonly threads: number
  /** How many steps of either form were measured. */
  readonly steps: number
  /** A call of the entry as it is, without any clock in it. */
  readonly stepMicroseconds: number
  /** All rows together: this and `feedsMicroseconds` are the step, as far as the clock between kernels changes nothing. */
  readonly kernelsMicroseconds: number
  /** Checking and copying feeds, copying results. */
  readonly feedsMicroseconds: number
  /** What a look at the clock takes, which has been taken off each call. */
  readonly clockMicroseconds: number
  /** Absent where there is no WebAssembly with 128-bit vectors to measure it in. */
  readonly machine?: Machine
  /** Most expensive first. */
  readonly kernels: readonly ProfileRow[]
  /** A table for people. */
  toString(): string
}

/**
 * Runs an entry again and again and says how long each kernel takes, beside what this machine can do at best.
 *
 * What is timed is the generated code of the entry a second time, over the same memory, with a look at the clock between two
 * kernels; the entry itself carries none and is timed in turns with it. Kernels that threads divide are timed as they run.
 * Steps train like any others, with dropout and all, but never far: state is put back every few of them (a millisecond), and
 * at the end, also after an error.
 *
 * Rejects with a FeedError for feeds that the entry refuses, with a GraphError for what is no entry or no number of steps,
 * and with whatever a step throws.
 */
export async function profile<F extends object>(
  run: (feeds: F) => unknown,
  options: ProfileOptions<F>,
): Promise<Profile> {
  const { name, entry, program, current } = entryInternals('profile', run)
  const { feeds, steps, warmup } = checked(options)
  const bindings = options.bindings ?? Object.fromEntries(inferBindings(name, entry.inputs, feeds, current?.bindings))
  const specialised = specialisedOf('profile', run, { bindings })
  const clock = makeClock()
  const { rows, divided, strict, release } = await timedForm(specialised, program, clock.tick)
  const { target, threads } = program.settings
  const restore = keepState(program)
  try {
    // Feeds of another size are refused here, where `run` would look for what fits them.
    specialised.strict(feeds)
    const plain = (): unknown => specialised.run(feeds)
    const timed = (): unknown => strict(feeds)
    const measured = measure({ plain, timed, restore, clock, rows: rows.length + 1 }, { steps, warmup })
    const clockMicroseconds = 1000 * tickCost(target)
    const net = (row: number): number =>
      Math.max(0, 1000 * measured.rows[row]! - clockMicroseconds * measured.calls[row]!)
    const spent = rows.map((row, i): Spent => {
      const isDivided = row.kind === 'kernel' && row.name !== undefined && divided.has(row.name)
      return { row, calls: measured.calls[i + 1]!, microseconds: net(i + 1), threads: isDivided ? threads.count : 1 }
    })
    const result: Omit<Profile, 'toString'> = {
      ...{ entry: name, bindings: { ...bindings }, target, steps: measured.steps },
      threads: divided.size > 0 ? threads.count : 1,
      stepMicroseconds: 1000 * measured.plain,
      kernelsMicroseconds: spent.reduce((sum, s) => sum + s.microseconds, 0),
      ...{ feedsMicroseconds: net(0), clockMicroseconds },
      ...rowsOf(spent, specialised.compilation, clockMicroseconds),
    }
    // Not to be seen by who copies or writes the data.
    return Object.defineProperty(result, 'toString', { value: () => profileText(result) })
  } finally {
    restore()
    release()
  }
}

function checked<F>(options: ProfileOptions<F>): {
  readonly feeds: F & Readonly<Record<string, unknown>>
  readonly steps: number | undefined
  readonly warmup: number | undefined
} {
  checkKeys('profile', options, ['feeds', 'steps', 'warmup', 'bindings'])
  const { feeds, steps, warmup } = options
  if (typeof feeds !== 'object' || feeds === null)
    throw new GraphError('profile: pass { feeds }, an object of what every step is fed')
  for (const [key, value, least] of [
    ['steps', steps, 1],
    ['warmup', warmup, 0],
  ] as const)
    if (value !== undefined && !(Number.isInteger(value) && value >= least))
      throw new GraphError(`profile: ${key} must be a whole number from ${least}, it is ${String(value)}`)
  return { feeds: feeds as F & Readonly<Record<string, unknown>>, steps, warmup }
}

/** Copies all variables; what it returns writes them back. */
function keepState({ store }: ProgramInternals): () => void {
  const live = (): Uint8Array => new Uint8Array(store.memory.buffer, store.memory.base, store.bytes)
  const kept = live().slice()
  return () => live().set(kept)
}
