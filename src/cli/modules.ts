import { emit, type EmitOptions } from '../compile/emit'
import { attachInternals, type ProgramInternals } from '../compile/internals'
import { dimNames } from '../runtime/bind'
import { Failure } from './failure'

export interface ModuleChoice extends Pick<EmitOptions, 'format' | 'weights' | 'schedule'> {
  /** The entries to have; all if absent. */
  readonly entries?: readonly string[]
  readonly bind: ReadonlyMap<string, readonly number[]>
}

/** What `emit` takes for a module with some entries of a program. */
export function moduleRequest(
  program: ProgramInternals,
  { entries, bind, ...options }: ModuleChoice,
): [program: object, options: EmitOptions] {
  const all = [...program.entries]
  const chosen = new Map(entries ? all.filter(([name]) => entries.includes(name)) : all)
  const part = attachInternals({}, { ...program, entries: chosen })
  const dims = [...chosen.values()].flatMap((e) => dimNames(e.entry.inputs))
  return [part, { ...options, bindings: sizesOf(dims, bind) }]
}

/** The text of such a module. */
export const moduleOf = (program: ProgramInternals, choice: ModuleChoice): string =>
  emit(...moduleRequest(program, choice))

/** Every combination of the extents, none where nothing is named. A module takes no other sizes than these, so that none is thought up. */
function sizesOf(
  dims: readonly string[],
  bind: ReadonlyMap<string, readonly number[]>,
): Readonly<Record<string, number>>[] {
  const distinct = [...new Set(dims)]
  for (const dim of bind.keys())
    if (!distinct.includes(dim))
      throw new Failure(
        `--bind: there is no dimension "${dim}"; ${distinct.length === 0 ? 'there are no named ones' : `there are ${distinct.join(', ')}`}`,
      )
  const missing = distinct.filter((dim) => !bind.has(dim))
  if (missing.length > 0)
    throw new Failure(
      `a module is made for sizes that are known: give --bind ${missing.map((dim) => `${dim}=32`).join(' ')}, or several such as ${missing[0]!}=1,32`,
    )
  if (distinct.length === 0) return []
  return distinct.reduce<Readonly<Record<string, number>>[]>(
    (all, dim) => all.flatMap((one) => bind.get(dim)!.map((extent) => ({ ...one, [dim]: extent }))),
    [{}],
  )
}
