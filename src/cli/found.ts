import type { Entry } from '../api/types'
import { findInternals, type ProgramInternals } from '../compile/internals'
import type { compile } from '../compile/program'
import { isModelLike, modelProgram } from './model-program'

/** A program that a module has to offer. */
export interface Found {
  /** As people would write it: `net`, `program(0)`, `models(0).encoder`. */
  readonly label: string
  /** As `--export` takes it: `models.encoder`. */
  readonly path: string
  readonly internals: ProgramInternals
}

/** The place of an export, on the command line and for people. */
export interface Name {
  readonly path: string
  readonly label: string
}

/**
 * The programs among exports, each once: what `compile` returned, models, and entries that nobody has compiled, which are one
 * program if they stand side by side. `depth` says how far records are looked into.
 */
export function programsIn(
  exports: Readonly<Record<string, unknown>>,
  compileEntries: typeof compile,
  around: Name = { path: '', label: '' },
  depth = 1,
): Found[] {
  const nameOf = (key: string): Name => ({
    path: around.path === '' ? key : `${around.path}.${key}`,
    label: around.label === '' ? key : `${around.label}.${key}`,
  })
  const found: Found[] = []
  const entries: Record<string, Entry> = {}
  for (const [key, value] of Object.entries(exports)) {
    const name = nameOf(key)
    const internals = findInternals(value)
    if (internals) found.push({ ...name, internals: 'entry' in internals ? internals.program : internals })
    else if (isModelLike(value)) found.push({ ...name, internals: modelProgram(value, name.label) })
    else if (isEntry(value)) entries[key] = value
    else if (depth > 0 && isRecord(value)) found.push(...programsIn(value, compileEntries, name, depth - 1))
  }
  const names = Object.keys(entries)
  if (names.length > 0) {
    const name = around.label === '' ? nameOf(names.join(',')) : around
    found.push({ ...name, internals: internalsOf(compileEntries(entries)) })
  }
  return found.filter(({ internals }, i) => found.findIndex((f) => f.internals === internals) === i)
}

/** The programs that one value holds. */
export const programsOf = (value: unknown, compileEntries: typeof compile, name: Name): Found[] =>
  isRecord(value) && !findInternals(value) && !isEntry(value)
    ? programsIn(value, compileEntries, name)
    : programsIn({ [name.path]: value }, compileEntries).map((found) => ({ ...found, ...name }))

function internalsOf(program: object): ProgramInternals {
  const internals = findInternals(program)!
  return 'entry' in internals ? internals.program : internals
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => typeof x === 'object' && x !== null

const isEntry = (x: unknown): x is Entry =>
  isRecord(x) && typeof x['body'] === 'function' && typeof x['inputs'] === 'object'
