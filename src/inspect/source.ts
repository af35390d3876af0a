import { helperText } from '../codegen/js-math'
import { insideOf } from '../codegen/provenance'
import type { PrintedKernel } from '../compile/print'
import { printCompilation } from '../compile/print'
import { GraphError } from '../ir/errors'
import { isVariable } from '../ir/variable'
import { type BindingOption, specialisedOf } from './entry'

export interface SourceOptions extends BindingOption {
  /** `plain` (the default) for people, `fast` as it runs. */
  readonly schedule?: 'plain' | 'fast'
  /** Only the kernel that computes this tensor, or a variable's next value, also where it is folded into another. */
  readonly of?: string
}

/**
 * The generated code of an entry: every kernel with its formula, and the step that calls them in order. With `of`, the
 * one kernel that computes that tensor. Throws a GraphError that lists the names if there is no such tensor.
 */
export function source(run: object, options: SourceOptions = {}): string {
  const { compilation } = specialisedOf('source', run, options)
  const { kernels, text } = printCompilation(compilation, options.schedule ?? 'plain')
  if (options.of !== undefined) return `${text.kernels[kernelOf(options.of, kernels, compilation)]!}\n`
  return `${[helperText(text.helpers, { types: false }), ...text.kernels, text.step].filter((t) => t !== '').join('\n\n')}\n`
}

function kernelOf(
  name: string,
  kernels: readonly PrintedKernel[],
  { names }: Parameters<typeof printCompilation>[0],
): number {
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
