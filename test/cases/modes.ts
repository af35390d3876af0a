import { rmSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { compile, type CompileOptions, emit, type Entry } from 'gradloom'
import type { Result, Results, Typed } from './expect'

/**
 * The ways to run a program: separate kernels, fused loops as written, fused and scheduled, WebAssembly on one thread and
 * on two, and the emitted modules: JavaScript, and with WebAssembly inside.
 */
export const COMPILED = ['unfused', 'plain', 'fast', 'wasm', 'wasm-2'] as const
export const MODES = [...COMPILED, 'emitted', 'wasm-emitted'] as const
/** Those whose numbers an emitted JavaScript module has, bit for bit. */
export const IN_JS = COMPILED.filter((mode) => mode !== 'wasm' && mode !== 'wasm-2')
export type CompiledMode = (typeof COMPILED)[number]
export type Mode = (typeof MODES)[number]

/** The emitted modules: how each is written, and the mode whose numbers it has, bit for bit. */
export const EMITTED = {
  emitted: { format: 'js', like: 'fast' },
  'wasm-emitted': { format: 'wasm', like: 'wasm' },
} as const
export type EmittedMode = keyof typeof EMITTED
const isEmitted = (mode: Mode): mode is EmittedMode => mode in EMITTED

export type Entries = Readonly<Record<string, Entry>>
export type Feeds = Readonly<Record<string, unknown>>
type Call = (feeds: Feeds) => Record<string, Result>

export interface Store {
  readonly names: readonly string[]
  get(name: string): Result
  set(name: string, value: unknown): void
}

/** A program in one mode. */
export interface Session {
  readonly mode: Mode
  /** Building, compiling and, for an emitted module, writing and importing. */
  readonly milliseconds: number
  /** Copies of the outputs of one call. */
  run(entry: string, feeds: Feeds): Results
  /** The function itself. */
  call(entry: string): Call
  readonly state: Store
}

interface Made {
  readonly call: (entry: string) => Call
  readonly state: Store
}

/** Two threads that divide whatever can be divided, and never spin: tests run beside one another. */
export const DIVIDED = { count: 2, minWork: 0, spin: 0 } as const

export function optionsOf(mode: Mode): CompileOptions {
  if (isEmitted(mode)) return optionsOf(EMITTED[mode].like)
  if (mode === 'wasm') return { target: 'wasm', threads: 1 }
  if (mode === 'wasm-2') return { target: 'wasm', threads: DIVIDED }
  if (mode === 'unfused') return { target: 'js', fuse: false, schedule: 'plain' }
  return { target: 'js', schedule: mode === 'plain' ? 'plain' : 'fast' }
}

const opened: { dispose(): void }[] = []

/** Ends the workers of all programs opened so far. */
export function closeAll(): void {
  for (const program of opened.splice(0)) program.dispose()
}

/** Builds and compiles entries anew, so that nothing is shared between two modes. */
export async function open(mode: Mode, build: () => Entries, options: CompileOptions = {}): Promise<Session> {
  const started = performance.now()
  const program = compile<Record<string, Entry>>(build(), { ...options, ...optionsOf(mode) })
  const made: Made = isEmitted(mode)
    ? fromModule(await importText(emit(program, { format: EMITTED[mode].format, weights: 'inline' })))
    : { call: (entry) => program[entry] as Call, state: program.state as Store }
  const milliseconds = performance.now() - started
  await program.ready
  opened.push(program)
  return { mode, milliseconds, ...made, run: (entry, feeds) => copies(made.call(entry)(feeds)) }
}

function fromModule(module: Readonly<Record<string, unknown>>): Made {
  return {
    call: (entry) => {
      const found = module[entry]
      if (typeof found !== 'function') throw new Error(`the emitted module does not export "${entry}"`)
      return found as Call
    },
    state: module['state'] as Store,
  }
}

let folder: string | undefined
let written = 0

/** Writes a file outside the repository, where no package can be found. */
export function writeOutside(name: string, text: string): string {
  const path = outside(name)
  writeFileSync(path, text)
  return path
}

/** A path of a file to be written outside the repository; removed when the process ends. */
export function outside(name: string): string {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'gradloom-cases-'))
    process.once('exit', removeOutside)
  }
  return join(folder, `${written++}-${name}`)
}

/** For where a process is ended before it can tidy up. */
export function removeOutside(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
  folder = undefined
}

async function importText(text: string): Promise<Readonly<Record<string, unknown>>> {
  const url = pathToFileURL(writeOutside('emitted.mjs', text)).href
  return (await import(/* @vite-ignore */ url)) as Readonly<Record<string, unknown>>
}

const copies = (results: Record<string, Result>): Results =>
  Object.fromEntries(Object.entries(results).map(([name, value]) => [name, copy(value)]))

function copy(value: Result): Result {
  if (typeof value === 'number' || Array.isArray(value)) return value
  const typed = value as Typed & { readonly shape?: readonly number[] }
  return Object.assign(typed.slice(), typed.shape ? { shape: [...typed.shape] } : {})
}
