import { type EntryInternals, entryInternals, type Specialised } from './internals'
import { GraphError } from '../ir/errors'
import { dimNames } from '../runtime/bind'

/** Which specialisation of an entry is meant. */
export interface BindingOption {
  /** Extents of named dimensions; those of the last call if absent. */
  readonly bindings?: Readonly<Record<string, number>>
}

/** The compiled form that inspection shows: for the given binding, else of the last call. */
export function specialisedOf(what: string, run: unknown, { bindings }: BindingOption): Specialised {
  const internals = entryInternals(what, run)
  const dims = dimNames(internals.entry.inputs)
  if (bindings) {
    const missing = dims.filter((d) => !Object.hasOwn(bindings, d))
    if (missing.length > 0) throw new GraphError(`${what}: bindings lack ${missing.map((d) => `"${d}"`).join(', ')}`)
    return internals.specialise(new Map(dims.map((d) => [d, bindings[d]!])))
  }
  return internals.current ?? internals.specialise(probeBinding(what, internals, dims))
}

/** Nobody has called the entry yet: the binding it was traced with to check it. */
function probeBinding(what: string, { probe }: EntryInternals, dims: readonly string[]): ReadonlyMap<string, number> {
  for (const d of dims) if (!probe.bindings.has(d)) throw new GraphError(`${what}: pass bindings for "${d}"`)
  return probe.bindings
}
