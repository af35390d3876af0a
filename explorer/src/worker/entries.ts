import type { EntryOutline } from '../protocol'
import type { Evaluated } from './evaluate'

/** An entry that can be shown. */
export interface Shown extends EntryOutline {
  readonly run: object
}

/** The entries of a model: of programs and models of layers that it exports by their names, then of other programs. */
export function entriesOf({ exports, made }: Evaluated): Shown[] {
  const dims = new Map(made.map((m) => [m.program, m.dims]))
  const shown: Shown[] = []
  const seen = new Set<object>()
  const add = (name: string, program: object): void => {
    if (seen.has(program)) return
    seen.add(program)
    const known = dims.get(program)
    if (typeof program === 'function') shown.push({ name, run: program, dims: known?.['main'] ?? [] })
    else
      for (const [entry, run] of Object.entries(program))
        if (typeof run === 'function' && entry !== 'dispose')
          shown.push({ name: `${name}.${entry}`, run, dims: known?.[entry] ?? [] })
  }
  for (const [name, value] of Object.entries(exports)) {
    const program = programOf(value, dims)
    if (program) add(name, program)
  }
  made.forEach(({ program }, i) => add(made.length === 1 ? 'program' : `program${i + 1}`, program))
  return shown
}

/** A compiled program, or the one that a compiled model of layers has. */
function programOf(value: unknown, made: ReadonlyMap<object, unknown>): object | undefined {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined
  if (made.has(value)) return value
  if (!('program' in value && 'fit' in value)) return undefined
  try {
    return value.program as object
  } catch {
    // A part of a model that is not compiled by itself.
    return undefined
  }
}
