import { insideOf } from '../codegen/provenance'
import { type BindingOption, compiledOf } from '../compile/inspected'
import { entryInternals } from '../compile/internals'
import type { Compilation } from '../compile/pipeline'
import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { isVariable } from '../ir/variable'
import { type Code, codeOf, type CodeOptions } from './code'

/** Options of `source`. */
export interface SourceOptions extends BindingOption, CodeOptions {
  /** Only the kernel that computes this tensor, or a variable's next value, also where it is folded into another. */
  readonly of?: string
}

/**
 * The generated code of an entry: every kernel with its formula, and the step that calls them in order. With `of`, the
 * one kernel that computes that tensor. Throws a GraphError that lists the names if there is no such tensor.
 *
 * As WebAssembly it is the module in its text format, folded, below a map of the memory: every load and store says in a
 * comment which buffer it touches and how many elements beyond its pointer. Where the program runs on WebAssembly, it
 * is at the addresses where it runs; with `schedule: 'fast'` it is then what runs, instruction for instruction.
 */
export function source(run: object, options: SourceOptions = {}): string {
  checkKeys('source', options, ['bindings', 'schedule', 'target', 'of'])
  const { compilation, placement } = compiledOf('source', run, options)
  const { program } = entryInternals('source', run)
  const code = codeOf('source', { compilation, placement, program }, options)
  return options.of === undefined ? code.text() : code.kernel(kernelOf(options.of, code.kernels, compilation))
}

function kernelOf(name: string, kernels: Code['kernels'], { names }: Compilation): number {
  const tensor = names.find(name)
  const fused = kernels.map((k) => k.planned.fused)
  const updated = kernels.map((k) =>
    [...k.planned.stores.values()].flatMap((b) => (b.region === 'state' ? [b.of] : [])),
  )
  // What has a place in memory first, then what is written into its readers.
  const found = [
    fused.findIndex((f) => f.values.some((v) => v.tensor === tensor)),
    updated.findIndex((variables) => variables.some((v) => v === tensor)),
    fused.findIndex((f) => tensor && insideOf(f).has(tensor)),
  ].find((i) => i >= 0)
  if (tensor && found !== undefined) return found
  const computed = new Set([...fused.flatMap((f) => [...insideOf(f)]), ...updated.flat()])
  const known = [...names.all()].filter(([, t]) => computed.has(t) && (names.isNamed(t) || isVariable(t)))
  const list = known.map(([n]) => `"${n}"`).join(', ')
  const why = tensor ? 'is not computed, it is read' : 'is not a tensor of this entry'
  throw new GraphError(`source: "${name}" ${why}; kernels compute ${list}`)
}
