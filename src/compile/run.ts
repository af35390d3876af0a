import { FeedError } from '../ir/errors'
import { inferBindings } from '../runtime/bind'
import { attachInternals, type EntryInternals, type ProgramInternals, type Step } from './internals'
import { specialise } from './specialise'

/** What a callable is made of: an entry, and how its graph comes about. */
type Source = Pick<EntryInternals, 'name' | 'entry' | 'probe' | 'trace'>

/** The callable of an entry, which compiles it for each binding that it meets. */
export function makeRun(source: Source, program: ProgramInternals): { run: Step; internals: EntryInternals } {
  const { name, entry, probe, trace } = source
  const internals: EntryInternals = {
    ...source,
    program,
    cache: new Map(),
    warned: false,
    specialise: (bindings) => specialise(internals, bindings),
    variant: (change) =>
      makeRun({ name, entry, probe: change(probe), trace: (bindings) => change(trace(bindings)) }, program).run,
  }
  const dispatch: Step = (feeds) => {
    if (typeof feeds !== 'object' || feeds === null)
      throw new FeedError(`entry "${name}" takes an object of feeds, got ${feeds === null ? 'null' : typeof feeds}`)
    const current = internals.current?.bindings
    const bindings = inferBindings(name, entry.inputs, feeds, current)
    const found = specialise(internals, bindings)
    // The generated run sends feeds of another size here; had they fitted, it would have run: now it must name the fault.
    return internals.current === found ? found.strict(feeds) : ((internals.current = found), found.run(feeds))
  }
  internals.dispatch = dispatch
  const run: Step = (feeds) => (internals.current ? internals.current.run(feeds) : dispatch(feeds))
  return { run: attachInternals(run, internals), internals }
}
