import { kernelFacts } from '../codegen/provenance'
import { type BindingOption, compiledOf } from '../compile/inspected'
import { entryInternals } from '../compile/internals'
import { type CompileOptions, passesOf } from '../compile/options'
import { compileTraced } from '../compile/pipeline'
import { checkKeys } from '../ir/names-of'
import { kernelsOf } from '../ir/plan'
import { codeOf, type CodeOptions, type Inspected } from './code'
import { graphViews } from './graph-views'
import type { Inspection } from './inspection'
import { kernelViews } from './kernel-views'
import { memoryOf } from './memory'

/** Options of `inspect`: how code is written, and switches of passes. */
export interface InspectOptions extends BindingOption, CodeOptions, Pick<CompileOptions, 'fuse' | 'passes'> {}

/**
 * All that the compiler knows of an entry, as plain data: its graph at three stages, its kernels and their code, its memory
 * and the passes, tied together by numbers and by the lines of the model. `fuse` and `passes` show it as it would be compiled
 * with those switches; the program that runs stays as it is. Throws a GraphError for what is no compiled entry, unknown
 * passes, and bindings that lack a dimension.
 */
export function inspect(run: object, options: InspectOptions = {}): Inspection {
  checkKeys('inspect', options, ['bindings', 'schedule', 'target', 'fuse', 'passes'])
  const shown = shownOf(run, options)
  const { compilation, program } = shown
  // Names that nobody gave are invented as they are met: the code goes first, as in `source`.
  const code = codeOf('inspect', shown, options)
  const text = code.text()
  const planned = kernelsOf(compilation.plan.items)
  const facts = planned.map((kernel) => kernelFacts(kernel, compilation.names))
  const { graphs, idOf } = graphViews(compilation, planned)
  const { buffers, stateBytes, workBytes, constantBytes, withoutReuseBytes } = memoryOf(compilation)
  return {
    entry: compilation.traced.entry,
    bindings: Object.fromEntries(compilation.traced.bindings),
    target: program.settings.target,
    graphs,
    kernels: kernelViews(compilation, { planned, facts, code, idOf }),
    code: { target: options.target ?? 'js', schedule: options.schedule ?? 'plain', text },
    memory: {
      buffers,
      stateBytes,
      workBytes,
      constantBytes,
      withoutReuseBytes,
      items: compilation.plan.items.length,
    },
    passes: compilation.report.map((row) => ({ ...row })),
  }
}

/** The compilation that runs, or one with other switches. */
function shownOf(run: object, options: InspectOptions): Inspected {
  const { compilation, placement } = compiledOf('inspect', run, options)
  const { program } = entryInternals('inspect', run)
  const { store, settings } = program
  if (options.fuse === undefined && options.passes === undefined) return { compilation, program, placement }
  const passes = passesOf('inspect', options, (name) => settings.passes[name])
  const other = compileTraced(compilation.traced, store, { ...settings, passes, guard: false })
  return { compilation: other, program, placement: undefined }
}
