import type { Common, Compiled, Entry, Reserved, State } from '../api/types'
import { GraphError } from '../ir/errors'
import { isWellFormed } from '../ir/text'
import type { Variable } from '../ir/variable'
import { requireSeed } from '../ir/seed'
import { type Bindings, dimNames } from '../runtime/bind'
import { fixedMemory, LinearMemory } from '../runtime/linear-memory'
import { Store } from '../runtime/store'
import { attachInternals, type EntryInternals, type ProgramInternals } from './internals'
import { type CompileOptions, settingsOf } from './options'
import { probeEntry } from './probe'
import { makeRun } from './run'
import { specialise, specialiseAsync } from './specialise'
import { type Traced, traceEntry, variablesOf } from './trace-entry'

/**
 * Compiles entries over one store of variables: an object with a callable for each entry, or for a single entry the
 * callable itself, both with `state` and `ready`. Every graph is traced and checked now; entries without named dimensions
 * are compiled now, others at the first call with a new binding. `dispose` ends its threads. Throws a GraphError where a model
 * is wrong, and a RuntimeError where the environment cannot run it: the target, its threads or relaxed SIMD are not there, or
 * JavaScript is asked for where code from strings is not allowed.
 */
export function compile<P extends Entry | Record<string, Entry>>(
  entries: P extends Entry ? P : Reserved<P>,
  options: CompileOptions = {},
): Compiled<P> {
  return compileNow(assemble(entries, options))
}

function compileNow<P>({ made, fixed }: Assembled<P>): Compiled<P> {
  for (const internals of fixed) internals.current = specialise(internals, new Map(), internals.probe)
  return made
}

/**
 * Like `compile`, for pages that must not compile on the main thread: the engine compiles WebAssembly modules beside it, and
 * the promise resolves when the workers, too, are ready. Rejects with what `compile` would throw.
 */
export async function compileAsync<P extends Entry | Record<string, Entry>>(
  entries: P extends Entry ? P : Reserved<P>,
  options: CompileOptions = {},
): Promise<Compiled<P>> {
  const { made, fixed } = assemble(entries, options)
  // A promise would take such a program for another promise.
  if ('then' in made) throw new GraphError('compileAsync: an entry may not be named then')
  for (const internals of fixed) internals.current = await specialiseAsync(internals, internals.probe)
  await (made as Common<Variable>).ready
  return made
}

interface Assembled<P> {
  readonly made: Compiled<P>
  /** Entries whose sizes are known. */
  readonly fixed: readonly EntryInternals[]
}

/** A program in which nothing is compiled yet. `variables` are those that its entries are known to have made. */
function assemble<P>(entries: unknown, options: CompileOptions, variables = new Map<string, Variable>()): Assembled<P> {
  const settings = settingsOf(options)
  const single = isEntry(entries)
  if (!single && (typeof entries !== 'object' || entries === null || Array.isArray(entries)))
    throw new GraphError('compile: expected entry(inputs, body), or an object of such entries by name')
  const list = single ? [['main', entries] as const] : Object.entries(entries as Record<string, Entry>)
  for (const [name, e] of list) {
    if (!isEntry(e)) throw new GraphError(`compile: "${name}" is not an entry; wrap it by entry(inputs, body)`)
    if (!isWellFormed(name)) throw new GraphError(`compile: an entry may not be named ${JSON.stringify(name)}`)
    if (name === 'state' || name === 'ready' || name === 'dispose')
      throw new GraphError(`compile: an entry may not be named ${name}`)
  }
  const probes = list.map(([name, e]) => probeEntry(name, e, variables))
  const store = new Store(
    [...new Set(probes.flatMap(variablesOf))],
    settings.seed,
    settings.target === 'wasm' ? (bytes) => new LinearMemory(bytes, settings.threads.count > 1) : fixedMemory,
  )
  const recompile = (other: CompileOptions): object =>
    compileNow<P>(
      // The same variables: whoever made the entries may have kept those of the first trace.
      assemble(entries, { ...options, ...other, passes: { ...options.passes, ...other.passes } }, new Map(variables)),
    )
  const program: ProgramInternals = { store, settings, entries: new Map(), traced: variables, recompile }
  const runs = list.map(([name, e], i) => {
    const trace = (bindings: Bindings): Traced => traceEntry(name, e, bindings, variables)
    const { run, internals } = makeRun({ name, entry: e, probe: probes[i]!, trace }, program)
    program.entries.set(name, internals)
    return [name, run] as const
  })
  const common = {
    state: { value: makeState(store), enumerable: true },
    ready: { get: () => program.pool?.ready ?? Promise.resolve(), enumerable: true },
    dispose: { value: () => disposed(program), enumerable: true },
  }
  const fixed = [...program.entries.values()].filter(({ entry }) => dimNames(entry.inputs).length === 0)
  if (single) return { made: Object.defineProperties(runs[0]![1], common) as never, fixed }
  const out = Object.create(null) as Record<string, unknown>
  for (const [name, run] of runs) out[name] = run
  return { made: attachInternals(Object.defineProperties(out, common), program) as never, fixed }
}

function disposed(program: ProgramInternals): void {
  program.isDisposed = true
  program.pool?.dispose()
}

const isEntry = (x: unknown): x is Entry =>
  typeof x === 'object' && x !== null && typeof (x as Entry).body === 'function' && 'inputs' in x

function makeState(store: Store): State {
  return {
    names: store.variables.map((v) => v.name),
    get: (key: string | Variable) => store.get(key) as never,
    set: (key: string | Variable, value: unknown) => store.set(key, value),
    reset: (seed: number = store.seed) => {
      requireSeed('state.reset', seed)
      store.reset(seed)
    },
  }
}
