import { GraphError, RuntimeError } from '../ir/errors'
import { checkFlags, checkKeys, checkOneOf, requireRecord } from '../ir/names-of'
import { requireSeed } from '../ir/seed'
import { hasRelaxedSimd, wasmObstacle } from '../runtime/engine'
import { allowsStrings } from '../runtime/evaluate'
import { MOST_THREADS } from '../runtime/thread-text'
import { processors, threadObstacle } from '../runtime/worker-host'
import { MIN_WORK } from '../schedule/partition'

/** Passes that can be switched off by name; the others are what makes a graph run at all. */
export const PASSES = ['simplify', 'save', 'hoist', 'sink', 'inline', 'epilogue', 'group', 'inPlace', 'reuse'] as const
/** A pass that can be switched off. */
export type PassName = (typeof PASSES)[number]

/** Threads in detail. */
export interface ThreadOptions {
  readonly count: number | 'auto'
  /**
   * Instructions, about, below which a kernel stays on one thread; 100,000 by default. With 0 every kernel that can be divided
   * is, also where other programs keep the processors busy.
   */
  readonly minWork?: number
  /** How often a thread looks for work before it goes to sleep, 20,000 times by default: some 50 microseconds. */
  readonly spin?: number
  /** Milliseconds that a worker may stay behind the main thread before it counts as dead; 10,000 by default. */
  readonly deadline?: number
}

/** Options of `compile`. */
export interface CompileOptions {
  /** Seed of the initial values, a whole number below 2^53; 0 by default. */
  readonly seed?: number
  /** `fast` (the default) for running, `plain` for loops as a person would write them. */
  readonly schedule?: 'fast' | 'plain'
  /**
   * `js` is JavaScript, `wasm` WebAssembly with vectors of 128 bits; `auto` (the default) is `wasm` where the engine has
   * it, and `js` for the plain schedule. Asking for `wasm` where there is none is a RuntimeError.
   */
  readonly target?: 'auto' | 'js' | 'wasm'
  /**
   * How many threads share the larger kernels of a step on WebAssembly; `auto` (the default) is one a processor where
   * workers can share memory. No number depends on it. Workers start with the first kernel that is worth one.
   */
  readonly threads?: number | 'auto' | ThreadOptions
  /**
   * Lets WebAssembly add products without rounding them first, where the machine is faster at that. Off by default: results
   * then differ in their last digits between machines. A RuntimeError where the engine has no relaxed SIMD.
   */
  readonly relaxedSimd?: boolean
  /** False switches all passes off but `simplify` and `reuse`, true switches all on. */
  readonly fuse?: boolean
  /** Single passes on or off by name. */
  readonly passes?: Partial<Readonly<Record<PassName, boolean>>>
  /**
   * Also apply rules that are wrong at infinities or NaN (x * 0 -> 0). Off by default. The rules that always apply may change
   * the sign of a zero: 0 - x becomes -x.
   */
  readonly fastMath?: boolean
  /**
   * After each step and before any state is written, looks for the first NaN or infinity that reaches a result, and throws
   * a NonFiniteError that says where it arose. Such a program computes every tensor of the graph by itself: it is slow, and
   * for finding faults. False, the default, costs nothing.
   */
  readonly guard?: boolean
  /** How many bindings of named dimensions stay compiled for each entry; 16 by default. */
  readonly cacheSize?: number
}

export interface Settings {
  readonly seed: number
  readonly schedule: 'fast' | 'plain'
  readonly target: 'js' | 'wasm'
  readonly relaxedSimd: boolean
  readonly threads: { readonly count: number } & Required<Omit<ThreadOptions, 'count'>>
  readonly passes: Readonly<Record<PassName, boolean>>
  readonly fastMath: boolean
  readonly guard: boolean
  readonly cacheSize: number
}

/** Names of the options of `compile`. */
export const COMPILE_OPTIONS: readonly (keyof CompileOptions)[] = [
  ...(['seed', 'schedule', 'target', 'threads', 'relaxedSimd', 'fuse', 'passes'] as const),
  ...(['fastMath', 'guard', 'cacheSize'] as const),
]

/** How loops are written: for speed, or for people. */
export const SCHEDULES = ['fast', 'plain'] as const

export function settingsOf(options: CompileOptions): Settings {
  checkKeys('compile', options, COMPILE_OPTIONS)
  checkFlags('compile', options, ['fuse', 'fastMath', 'relaxedSimd', 'guard'])
  const { seed = 0, schedule = 'fast', cacheSize = 16 } = options
  requireSeed('compile', seed)
  checkOneOf('compile', 'schedule', schedule, SCHEDULES)
  if (!Number.isInteger(cacheSize) || cacheSize < 1)
    throw new GraphError(`compile: cacheSize must be a whole number from 1, it is ${cacheSize}`)
  const guard = options.guard === true
  const chosen = passesOf('compile', options, () => true)
  // Under guard every tensor of the user's graph keeps a buffer of its own until the end of the step.
  const passes = guard ? eachPass(() => false) : chosen
  const target = targetOf(options.target ?? 'auto', schedule)
  const relaxedSimd = options.relaxedSimd === true && target === 'wasm'
  if (relaxedSimd && !hasRelaxedSimd())
    throw new RuntimeError('compile: this engine has no relaxed SIMD; leave relaxedSimd out')
  return {
    seed,
    schedule,
    target,
    relaxedSimd,
    threads: threadsOf(options.threads ?? 'auto'),
    passes,
    fastMath: options.fastMath ?? false,
    guard,
    cacheSize,
  }
}

const eachPass = (isOn: (name: PassName) => boolean): Settings['passes'] =>
  Object.fromEntries(PASSES.map((name) => [name, isOn(name)])) as Record<PassName, boolean>

/** Passes as options switch them, the others as they are; `what` is the function that takes the options. */
export function passesOf(
  what: string,
  { fuse, passes = {} }: Pick<CompileOptions, 'fuse' | 'passes'>,
  otherwise: (name: PassName) => boolean,
): Settings['passes'] {
  requireRecord(what, 'passes', passes)
  for (const key of Object.keys(passes))
    if (!(PASSES as readonly string[]).includes(key))
      throw new GraphError(`${what}: unknown pass "${key}"; known are ${PASSES.join(', ')}`)
  checkFlags(what, { fuse, ...passes }, ['fuse', ...PASSES])
  const byFuse = (name: PassName): boolean =>
    fuse === undefined ? otherwise(name) : fuse || name === 'simplify' || name === 'reuse'
  return eachPass((name) => passes[name] ?? byFuse(name))
}

/** Throws a GraphError for options that are wrong on every machine; what this one lacks is found when a program is made. */
export function checkOptions(options: CompileOptions): void {
  try {
    settingsOf(options)
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error
  }
}

let hasWarned = false

function targetOf(target: NonNullable<CompileOptions['target']>, schedule: Settings['schedule']): 'js' | 'wasm' {
  checkOneOf('compile', 'target', target, ['auto', 'js', 'wasm'])
  if (target === 'js' || (target === 'auto' && schedule === 'plain' && allowsStrings())) return 'js'
  const obstacle = wasmObstacle()
  if (obstacle === undefined) return 'wasm'
  if (target === 'wasm') {
    const instead = allowsStrings()
      ? 'target "js" runs here'
      : "emit(program, { format: 'js' }) makes a module that does"
    throw new RuntimeError(`compile: ${obstacle}; ${instead}`)
  }
  if (!hasWarned && allowsStrings()) console.warn(`gradloom: ${obstacle}; programs run as JavaScript`)
  hasWarned = true
  return 'js'
}

function threadsOf(given: NonNullable<CompileOptions['threads']>): Settings['threads'] {
  const options: ThreadOptions = typeof given === 'object' ? given : { count: given }
  const known = ['count', 'minWork', 'spin', 'deadline']
  for (const key of Object.keys(options))
    if (!known.includes(key))
      throw new GraphError(`compile: unknown option "${key}" of threads; known are ${known.join(', ')}`)
  const { count, minWork = MIN_WORK, spin = 20_000, deadline = 10_000 } = options
  if (count !== 'auto' && !(Number.isInteger(count) && count >= 1 && count <= MOST_THREADS))
    throw new GraphError(
      `compile: threads must be 'auto' or a whole number from 1 to ${MOST_THREADS}, got ${String(count)}`,
    )
  for (const [key, value] of Object.entries({ minWork, spin, deadline }))
    if (!(typeof value === 'number' && value >= 0))
      throw new GraphError(`compile: ${key} of threads must be a number from 0, it is ${String(value)}`)
  const obstacle = count === 1 ? undefined : threadObstacle()
  if (obstacle !== undefined && count !== 'auto')
    throw new RuntimeError(`compile: no threads here: ${obstacle}; threads: 1 runs everywhere`)
  const threads = obstacle !== undefined ? 1 : count === 'auto' ? Math.min(processors(), MOST_THREADS) : count
  return { count: threads, minWork, spin, deadline }
}
