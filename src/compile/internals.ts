import type { Entry } from '../api/types'
import type { WasmInput } from '../codegen/wasm/module'
import { GraphError } from '../ir/errors'
import type { Buffer } from '../ir/plan'
import type { Variable } from '../ir/variable'
import type { Store } from '../runtime/store'
import type { ThreadPool } from '../runtime/threads'
import type { Bindings } from '../runtime/bind'
import type { CompileOptions, Settings } from './options'
import type { Compilation } from './pipeline'
import type { Traced } from './trace-entry'

/** From feeds to results. */
export type Step = (feeds: Readonly<Record<string, unknown>>) => Record<string, unknown>

/** Hears from a step that runs how far it has come: 0 when it begins, then the number of what has just been done. */
export type Tick = (row: number) => void

/** What runs. */
export interface Built {
  readonly run: Step
  /** Like `run`, but feeds of another size are an error. */
  readonly strict: Step
  /** Lets go of the memory; called when it has left the cache, it never runs again. */
  release(): void
  /** On WebAssembly, where its buffers lie. */
  readonly placement?: Placement
  /** On JavaScript, the memory of all but state. */
  readonly work?: ArrayBuffer
}

/** Addresses on WebAssembly, and the memory as it was when the module was emitted. */
export interface Placement {
  readonly addressOf: (buffer: Buffer) => number
  /** Keeps the memory there until what this returns is called. */
  hold(): () => void
  /** Bytes of the panel of one thread. */
  readonly panelBytes: number
  readonly memory: WasmInput['memory']
}

/** An entry compiled for one binding. Its memory holds inputs, outputs, constants and scratch. */
export interface Specialised extends Built {
  readonly bindings: Bindings
  readonly compilation: Compilation
}

export interface EntryInternals {
  readonly name: string
  readonly entry: Entry
  /** The graph as it was traced to check it. */
  readonly probe: Traced
  readonly program: ProgramInternals
  readonly cache: Map<string, Specialised>
  warned: boolean
  current?: Specialised
  dispatch?: Step
  /**
   * Compiles for a binding with the copy of the library that made the program: an inspecting copy (ES modules beside
   * CommonJS) has an ambient trace of its own.
   */
  readonly specialise: (bindings: Bindings) => Specialised
  /** The graph for a binding; by that copy, too. */
  readonly trace: (bindings: Bindings) => Traced
  /**
   * The same inputs and the same store with another graph, made from each trace: for what looks at an entry while it runs.
   * The program does not know of it, so it is in no emitted module.
   */
  readonly variant: (change: (traced: Traced) => Traced) => Step
}

export interface ProgramInternals {
  readonly store: Store
  readonly settings: Settings
  readonly entries: Map<string, EntryInternals>
  /** Variables made inside entries, by name. */
  readonly traced: Map<string, Variable>
  /**
   * The same entries in a program of their own, with other options where some are given and with first values as state. It is
   * made by the copy of the library that made this one, as `specialise` is.
   */
  readonly recompile: (options: CompileOptions) => object
  /** Present once a kernel was worth more than one thread. */
  pool?: ThreadPool
  /** No workers are started any more. */
  isDisposed?: boolean
}

// A registered symbol, so that inspection finds it whichever copy of the library made the program.
const INTERNALS = Symbol.for('gradloom.internals')

export function attachInternals<T extends object>(target: T, internals: EntryInternals | ProgramInternals): T {
  return Object.defineProperty(target, INTERNALS, { value: internals })
}

/** What lies behind something compiled; undefined for anything else. */
export const findInternals = (x: unknown): EntryInternals | ProgramInternals | undefined =>
  (x as { [INTERNALS]?: EntryInternals | ProgramInternals } | null | undefined)?.[INTERNALS]

/** What lies behind a compiled entry; a program of one entry counts as that entry. */
export function entryInternals(what: string, run: unknown): EntryInternals {
  const found = findInternals(run)
  if (found && 'entry' in found) return found
  if (found && found.entries.size === 1) return [...found.entries.values()][0]!
  throw new GraphError(`${what}: expected a compiled entry such as net.train`)
}

export function programInternals(what: string, program: unknown): ProgramInternals {
  const found = findInternals(program)
  if (!found) throw new GraphError(`${what}: expected what compile returned`)
  return 'entry' in found ? found.program : found
}
