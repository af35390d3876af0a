import { type WasmEngine, wasmEngine } from '../runtime/engine'
import { type Bindings, bindingKey } from '../runtime/bind'
import { LinearMemory } from '../runtime/linear-memory'
import { ThreadPool } from '../runtime/threads'
import { buildJs } from './build-js'
import { emitWasm } from './build-wasm'
import type { EntryInternals, ProgramInternals, Specialised, Step } from './internals'
import { compileTraced } from './pipeline'
import type { Traced } from './trace-entry'

/** The compiled entry for a binding, from the cache or made now; the least recently used one gives way. */
export function specialise(internals: EntryInternals, bindings: Bindings, traced?: Traced): Specialised {
  const { cache } = internals
  const key = bindingKey(bindings)
  const known = cache.get(key)
  if (known) {
    cache.delete(key)
    cache.set(key, known)
    return known
  }
  const { bytes, finish } = prepare(traced ?? internals.trace(bindings), bindings, internals)
  return remember(internals, finish(bytes && new (wasmEngine() as WasmEngine).Module(bytes)))
}

/** The same for an entry of one size, while the engine compiles beside this thread. */
export async function specialiseAsync(internals: EntryInternals, traced: Traced): Promise<Specialised> {
  const { bytes, finish } = prepare(traced, new Map(), internals)
  return remember(internals, finish(bytes && (await (wasmEngine() as WasmEngine).compile(bytes))))
}

function remember(internals: EntryInternals, made: Specialised): Specialised {
  const { cache, program, name } = internals
  cache.set(bindingKey(made.bindings), made)
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

interface Prepared {
  /** The module that the engine has to compile first, on WebAssembly. */
  readonly bytes?: Uint8Array
  finish(module?: object): Specialised
}

function prepare(traced: Traced, bindings: Bindings, internals: EntryInternals): Prepared {
  const { program } = internals
  const { store, settings } = program
  const compilation = compileTraced(traced, store, settings)
  const other: Step = (feeds) => internals.dispatch!(feeds)
  const { memory } = store
  if (!(memory instanceof LinearMemory))
    return { finish: () => ({ bindings, compilation, ...buildJs(compilation, store, settings, other) }) }
  const { bytes, link } = emitWasm(compilation, { memory, pool: () => poolOf(program, memory) }, settings, other)
  return { bytes, finish: (module) => ({ bindings, compilation, ...link(module!) }) }
}

/** Workers end with the program that nobody can call any more. */
const forgotten = new FinalizationRegistry((pool: ThreadPool) => pool.dispose())

/** The workers of a program, started now if they are not yet there. */
export function poolOf(program: ProgramInternals, { memory }: LinearMemory): ThreadPool {
  if (program.pool) return program.pool
  const { count, spin, deadline, minWork } = program.settings.threads
  const threads = program.isDisposed ? 1 : count
  const pool = new ThreadPool(memory, { threads, spin, deadline, always: minWork === 0 })
  if (program.isDisposed) pool.dispose()
  else forgotten.register(program, pool)
  return (program.pool = pool)
}
