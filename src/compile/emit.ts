import { Namer } from '../codegen/names'
import { quoted } from '../codegen/run-text'
import { GraphError } from '../ir/errors'
import { checkKeys, checkOneOf, requireRecord } from '../ir/names-of'
import { type Bindings, bindingKey, bindingsOf, dimNames } from '../runtime/bind'
import { type EmittedKernel, jsModuleText } from './emit-js'
import { feedsType, resultsType } from './emit-parts'
import { STATE_TYPE } from './emit-state'
import { SCHEDULES } from './options'
import { wasmModuleText } from './emit-wasm'
import { type EntryInternals, programInternals, type Specialised } from './internals'

/** Options of `emit`. */
export interface EmitOptions {
  /**
   * A JavaScript module, the same in TypeScript, a JavaScript module that has WebAssembly inside, or the declarations that
   * go with either of the JavaScript ones.
   */
  readonly format: 'js' | 'ts' | 'wasm' | 'd.ts'
  /** Extents of named dimensions, one record for each size the module shall take. */
  readonly bindings?: readonly Readonly<Record<string, number>>[]
  /** Present values of all variables inside the text (the default), or zeros to be set through `state`. */
  readonly weights?: 'inline' | 'none'
  /** As the program runs it if absent. */
  readonly schedule?: 'fast' | 'plain'
}

/**
 * The text of a standalone ES module: a function for each entry and `state`, no imports, no code from strings. The format
 * need not be the target the program was compiled for: `js` and `ts` compute bit for bit what a program with target `js` and
 * the same schedule computes in memory, `wasm` what one with target `wasm` does.
 *
 * `wasm` runs on one thread, over one memory of fixed size, and is compiled by the engine while it is imported. Where the
 * engine has no WebAssembly with 128-bit vectors (and relaxed ones for a program with `relaxedSimd`), or a content security
 * policy lacks `wasm-unsafe-eval`, the import fails with the CompileError of the engine; `js` runs everywhere.
 *
 * Throws a GraphError where an entry has named dimensions and `bindings` do not give them, or the program is guarded, and a RuntimeError where `wasm`
 * would need more memory than 32 bits can address.
 */
export const emit = (program: object, options: EmitOptions): string => emitSeen(program, options)

/** The same; `seen` is told of each kernel of a JavaScript module, in the order in which they stand there. */
export function emitSeen(program: object, options: EmitOptions, seen?: (kernel: EmittedKernel) => void): string {
  checkKeys('emit', options, ['format', 'bindings', 'weights', 'schedule'])
  const { format, bindings = [], weights = 'inline' } = options
  checkOneOf('emit', 'format', format, ['js', 'ts', 'wasm', 'd.ts'])
  checkOneOf('emit', 'weights', weights, ['inline', 'none'])
  if (options.schedule !== undefined) checkOneOf('emit', 'schedule', options.schedule, SCHEDULES)
  const { entries, store, settings } = programInternals('emit', program)
  if (settings.guard)
    throw new GraphError(
      'emit: a program compiled with guard is for finding faults; compile it without guard to emit it',
    )
  requireFitting(bindings, entries)
  const parts = [...entries.values()].map((entry) => ({ entry, variants: variantsOf(entry, bindings) }))
  if (format === 'd.ts') return declarations(parts.map((p) => p.entry))
  const input = { entries: parts, store, settings, weights, schedule: options.schedule ?? settings.schedule }
  return format === 'wasm' ? wasmModuleText(input) : jsModuleText(input, format === 'ts', seen)
}

const fitsAll = (record: object, dims: readonly string[]): boolean => dims.every((d) => Object.hasOwn(record, d))

/** A record that gives no entry its dimensions would be left out without a word. */
function requireFitting(bindings: unknown, entries: ReadonlyMap<string, EntryInternals>): void {
  if (!Array.isArray(bindings))
    throw new GraphError('emit: bindings must be a list of records, one for each size, such as [{ B: 32 }]')
  const named = [...entries.values()]
    .map(({ name, entry }) => ({ name, dims: dimNames(entry.inputs) }))
    .filter(({ dims }) => dims.length > 0)
  for (const record of bindings as readonly unknown[]) {
    requireRecord('emit', 'bindings of a size', record)
    const keys = Object.keys(record)
    if (named.some(({ dims }) => fitsAll(record, dims)) || (named.length === 0 && keys.length === 0)) continue
    const given = keys.join(', ') || 'nothing'
    const wanted = named.map(({ name, dims }) => `entry "${name}" has ${dims.join(', ')}`).join('; ')
    throw new GraphError(`emit: bindings of ${given} give no entry its named dimensions; ${wanted || 'there are none'}`)
  }
}

function variantsOf(entry: EntryInternals, bindings: readonly Readonly<Record<string, number>>[]): Specialised[] {
  const dims = dimNames(entry.entry.inputs)
  if (dims.length === 0) return [entry.specialise(new Map())]
  const wanted = new Map<string, Bindings>()
  for (const record of bindings) {
    if (!fitsAll(record, dims)) continue
    const binding = bindingsOf('emit', dims, record)
    wanted.set(bindingKey(binding), binding)
  }
  if (wanted.size === 0) {
    throw new GraphError(
      `emit: entry "${entry.name}" has named dimensions; pass bindings: [{ ${dims.map((d) => `${d}: 32`).join(', ')} }]`,
    )
  }
  return [...wanted.values()].map((binding) => entry.specialise(binding))
}

function declarations(entries: readonly EntryInternals[]): string {
  const namer = new Namer(['state'])
  const functions = entries.map((e) => {
    const name = namer.unique(e.name)
    const text = `function ${name}(feeds: ${feedsType(e)}): ${resultsType(e)}`
    return name === e.name ? `export declare ${text}` : `declare ${text}\nexport { ${name} as ${quoted(e.name)} }`
  })
  return `${functions.join('\n')}\nexport declare const state: ${STATE_TYPE}\n`
}
