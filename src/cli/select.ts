import { attachInternals, type EntryInternals, findInternals, type ProgramInternals } from '../compile/internals'
import type { CompileOptions } from '../compile/options'
import { dimNames } from '../runtime/bind'
import { chooseProgram, type ProgramChoice } from './choose'
import { Failure } from './failure'
import type { Found } from './found'
import type { Io } from './io'

export interface EntryChoice extends ProgramChoice {
  /** `train` if there is one, or the only entry, if absent. */
  readonly entry?: string
  readonly bind?: ReadonlyMap<string, readonly number[]>
  /** Other options than those it was compiled with. */
  readonly options?: CompileOptions
}

/** An entry that a command is about. */
export interface Selected {
  /** The compiled entry, as `source` and its like take it. */
  readonly run: object
  readonly internals: EntryInternals
  readonly bindings: Readonly<Record<string, number>>
  /** `train of program(0), B = 32`. */
  readonly heading: string
}

/** What is bound where nobody says anything: a batch of usual size. */
export const USUAL_BATCH = 32

export async function selectEntry(path: string, choice: EntryChoice, io: Io): Promise<Selected> {
  const found = await chooseProgram(path, choice, io)
  const name = entryNamed(path, found, choice.entry)
  const program = choice.options ? recompiled(found.internals, choice.options) : found.internals
  return selected(found.label, program.entries.get(name)!, choice.bind ?? new Map())
}

/** An entry with its sizes. */
export function selected(
  label: string,
  internals: EntryInternals,
  bind: ReadonlyMap<string, readonly number[]>,
): Selected {
  const bindings = bindingsOf(internals, bind)
  const sizes = Object.entries(bindings).map(([dim, n]) => `${dim} = ${n}`)
  const heading = [`${internals.name} of ${label}`, ...sizes].join(', ')
  return { run: attachInternals({}, internals), internals, bindings, heading }
}

/** The same program with other options. */
export function recompiled(program: ProgramInternals, options: CompileOptions): ProgramInternals {
  const internals = findInternals(program.recompile(options))!
  return 'entry' in internals ? internals.program : internals
}

export function entryNamed(path: string, { internals: { entries }, label }: Found, wanted: string | undefined): string {
  const names = [...entries.keys()]
  if (wanted !== undefined) {
    if (entries.has(wanted)) return wanted
    throw new Failure(`${path}: ${label} has no entry "${wanted}"; it has ${names.join(', ')}`)
  }
  if (names.length === 1) return names[0]!
  if (entries.has('train')) return 'train'
  if (names.length === 0) throw new Failure(`${path}: ${label} has no entries`)
  throw new Failure(`${path}: ${label} has several entries; choose one by --entry: ${names.join(', ')}`)
}

/**
 * Extents for all named dimensions. One that nobody binds is a batch of usual size if it is the only one; of several, each
 * is what the entry was checked with when it was compiled, since together they may have to be told apart or divided.
 */
export function bindingsOf(
  { entry, name, probe }: EntryInternals,
  bind: ReadonlyMap<string, readonly number[]>,
): Record<string, number> {
  const dims = dimNames(entry.inputs)
  for (const dim of bind.keys())
    if (!dims.includes(dim))
      throw new Failure(
        `--bind: entry "${name}" has no dimension "${dim}"; ${dims.length === 0 ? 'it has no named ones' : `it has ${dims.join(', ')}`}`,
      )
  return Object.fromEntries(
    dims.map((dim) => {
      const given = bind.get(dim) ?? []
      if (given.length > 1) throw new Failure(`--bind: one extent for "${dim}", please, not ${given.join(' and ')}`)
      return [dim, given[0] ?? (dims.length === 1 ? USUAL_BATCH : probe.bindings.get(dim)!)]
    }),
  )
}
