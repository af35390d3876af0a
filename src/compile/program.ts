import type { Compiled, Entry, Reserved, State } from '../api/types'
import { FeedError, GraphError } from '../ir/errors'
import { isWellFormed } from '../ir/text'
import { type Variable, variableAttrs } from '../ir/variable'
import { type Bindings, bindingKey, dimNames, inferBindings } from '../runtime/bind'
import { fixedMemory, LinearMemory } from '../runtime/linear-memory'
import { Store } from '../runtime/store'
import { ThreadPool } from '../runtime/threads'
import { buildJs } from './build-js'
import { buildWasm } from './build-wasm'
import { attachInternals, type EntryInternals, type ProgramInternals, type Specialised, type Step } from './internals'
import { type CompileOptions, settingsOf } from './options'
import { compileTraced } from './pipeline'
import { type Traced, traceEntry, variablesOf } from './trace-entry'

/**
 * Compiles entries over one store of variables: an object with a callable for each entry, or for a single entry the
 * callable itself, both with `state` and `ready`. Every graph is traced and checked now; entries without named dimensions
 * are compiled now, others at the first call with a new binding. Throws a GraphError where a model is wrong, and a
 * RuntimeError where the environment does not allow code from strings.
 */
export function compile<P extends Entry | Record<string, Entry>>(
  entries: P extends Entry ? P : Reserved<P>,
  options: CompileOptions = {},
): Compiled<P> {
  const settings = settingsOf(options)
  const single = isEntry(entries)
  if (!single && (typeof entries !== 'object' || entries === null))
    throw new GraphError('compile: expected entry(inputs, body), or an object of such entries by name')
  const list = single ? [['main', entries] as const] : Object.entries(entries as Record<string, Entry>)
  for (const [name, e] of list) {
    if (!isEntry(e)) throw new GraphError(`compile: "${name}" is not an entry; wrap it by entry(inputs, body)`)
    if (!isWellFormed(name)) throw new GraphError(`compile: an entry may not be named ${JSON.stringify(name)}`)
    if (name === 'state' || name === 'ready' || name === 'dispose')
      throw new GraphError(`compile: an entry may not be named ${name}`)
  }
  const variables = new Map<string, Variable>()
  const probes = list.map(([name, e]) => probe(name, e, variables))
  const store = new Store(
    [...new Set(probes.flatMap(variablesOf))],
    settings.seed,
    settings.target === 'wasm' ? (bytes) => new LinearMemory(bytes, settings.threads.count > 1) : fixedMemory,
  )
  const program: ProgramInternals = { store, settings, entries: new Map(), traced: variables }
  const runs = list.map(([name, e], i) => [name, makeRun(name, e, probes[i]!, program)] as const)
  const common = {
    state: { value: makeState(store), enumerable: true },
    ready: { get: () => program.pool?.ready ?? Promise.resolve(), enumerable: true },
    dispose: { value: () => program.pool?.dispose(), enumerable: true },
  }
  if (single) return Object.defineProperties(runs[0]![1], common) as never
  const out = Object.create(null) as Record<string, unknown>
  for (const [name, run] of runs) out[name] = run
  return attachInternals(Object.defineProperties(out, common), program) as never
}

const isEntry = (x: unknown): x is Entry =>
  typeof x === 'object' && x !== null && typeof (x as Entry).body === 'function' && 'inputs' in x

/** Extents for tracing before any feed is known: distinct, and divisible by what models divide by. */
const probeBindings = (names: readonly string[], from = 1): Bindings =>
  new Map(names.map((name, i) => [name, 12 * (i + from)]))

/** A trace before any feed is known. Parameters made in a body are made twice: their shapes must not depend on a name. */
function probe(name: string, e: Entry, variables: Map<string, Variable>): Traced {
  const dims = dimNames(e.inputs)
  const before = new Set(variables.keys())
  const traced = traceEntry(name, e, probeBindings(dims), variables)
  const mayDepend = (v: Variable): boolean => variableAttrs(v).role.kind === 'parameter' && v.shape.length > 0
  if (dims.length > 0 && [...variables.values()].some((v) => !before.has(v.name) && mayDepend(v)))
    traceEntry(name, e, probeBindings(dims, dims.length + 1), variables)
  return traced
}

function makeRun(name: string, e: Entry, probe: Traced, program: ProgramInternals): Step {
  const dims = dimNames(e.inputs)
  const internals: EntryInternals = {
    name,
    entry: e,
    probe,
    program,
    cache: new Map(),
    warned: false,
    specialise: (bindings) => specialise(internals, bindings),
  }
  program.entries.set(name, internals)
  const dispatch: Step = (feeds) => {
    if (typeof feeds !== 'object' || feeds === null)
      throw new FeedError(`entry "${name}" takes an object of feeds, got ${feeds === null ? 'null' : typeof feeds}`)
    const current = internals.current?.bindings
    const bindings = inferBindings(name, e.inputs, feeds, current)
    const found = specialise(internals, bindings)
    // The generated run sends feeds of another size here; had they fitted, it would have run: now it must name the fault.
    return internals.current === found ? found.strict(feeds) : ((internals.current = found), found.run(feeds))
  }
  internals.dispatch = dispatch
  if (dims.length === 0) internals.current = specialise(internals, new Map(), probe)
  const run: Step = (feeds) => (internals.current ? internals.current.run(feeds) : dispatch(feeds))
  return attachInternals(run, internals)
}

/** The compiled entry for a binding, from the cache or made now; the least recently used one gives way. */
function specialise(internals: EntryInternals, bindings: Bindings, traced?: Traced): Specialised {
  const { cache, program, name, entry } = internals
  const key = bindingKey(bindings)
  const known = cache.get(key)
  if (known) {
    cache.delete(key)
    cache.set(key, known)
    return known
  }
  const graph = traced ?? traceEntry(name, entry, bindings, program.traced)
  const made = build(graph, bindings, internals)
  cache.set(key, made)
  if (cache.size > program.settings.cacheSize) {
    const [oldest, gone] = [...cache][0]!
    cache.delete(oldest)
    gone.release()
    if (internals.current === gone) delete internals.current
    if (!internals.warned) {
      internals.warned = true
      console.warn(
        `gradloom: entry "${name}" has been called with more than ${program.settings.cacheSize} bindings of its dimensions; ` +
          `each is compiled anew. Pad the data to fewer sizes, or raise cacheSize.`,
      )
    }
  }
  return made
}

function build(traced: Traced, bindings: Bindings, internals: EntryInternals): Specialised {
  const { store, settings } = internals.program
  const compilation = compileTraced(traced, store, settings)
  const other: Step = (feeds) => internals.dispatch!(feeds)
  const { memory } = store
  const built =
    memory instanceof LinearMemory
      ? buildWasm(compilation, { memory, pool: () => poolOf(internals.program, memory) }, settings, other)
      : buildJs(compilation, store, settings, other)
  return { bindings, compilation, ...built }
}

/** Workers end with the program that nobody can call any more. */
const forgotten = new FinalizationRegistry((pool: ThreadPool) => pool.dispose())

/** The workers of a program, started now if they are not yet there. */
function poolOf(program: ProgramInternals, { memory }: LinearMemory): ThreadPool {
  if (program.pool) return program.pool
  const { count, spin, deadline } = program.settings.threads
  const pool = new ThreadPool(memory, { threads: count, spin, deadline })
  forgotten.register(program, pool)
  return (program.pool = pool)
}

function makeState(store: Store): State {
  return {
    names: store.variables.map((v) => v.name),
    get: (key: string | Variable) => store.get(key) as never,
    set: (key: string | Variable, value: unknown) => store.set(key, value),
    reset: (seed?: number) => store.reset(seed ?? store.seed),
  }
}
