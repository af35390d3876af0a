import { type EntryInternals, entryInternals, type Specialised } from './internals'
import { compileTraced } from './pipeline'
import { GraphError } from '../ir/errors'
import { type Bindings, bindingsOf, dimNames } from '../runtime/bind'
import { allowsStrings } from '../runtime/evaluate'

/** Which specialisation of an entry is meant. */
export interface BindingOption {
  /** Extents of named dimensions; those of the last call if absent. */
  readonly bindings?: Readonly<Record<string, number>>
}

/** The compiled form that runs: for the given binding, else of the last call. */
export function specialisedOf(what: string, run: unknown, options: BindingOption): Specialised {
  const internals = entryInternals(what, run)
  const bindings = givenBindings(what, internals, options)
  return (bindings ? undefined : internals.current) ?? internals.specialise(bindings ?? probeBindings(what, internals))
}

/** The same for what only looks: also where a policy lets no program run, because its code would come from strings. */
export function compiledOf(
  what: string,
  run: unknown,
  options: BindingOption,
): Pick<Specialised, 'bindings' | 'compilation' | 'placement'> {
  const internals = entryInternals(what, run)
  const { store, settings } = internals.program
  if (settings.target !== 'js' || allowsStrings()) return specialisedOf(what, run, options)
  const bindings = givenBindings(what, internals, options) ?? probeBindings(what, internals)
  return { bindings, compilation: compileTraced(internals.trace(bindings), store, settings) }
}

const givenBindings = (what: string, { entry }: EntryInternals, { bindings }: BindingOption): Bindings | undefined =>
  bindings === undefined ? undefined : bindingsOf(what, dimNames(entry.inputs), bindings)

/** Nobody has called the entry yet: the binding it was traced with to check it. */
function probeBindings(what: string, { entry, probe }: EntryInternals): Bindings {
  for (const d of dimNames(entry.inputs))
    if (!probe.bindings.has(d)) throw new GraphError(`${what}: pass bindings for "${d}"`)
  return probe.bindings
}
