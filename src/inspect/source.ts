import { helperText } from '../codegen/js-math'
import type { PrintedKernel } from '../compile/print'
import { printCompilation } from '../compile/print'
import { GraphError } from '../ir/errors'
import { type BindingOption, specialisedOf } from './entry'

export interface SourceOptions extends BindingOption {
  /** `plain` (the default) for people, `fast` as it runs. */
  readonly schedule?: 'plain' | 'fast'
  /** Only the kernel that computes this tensor, also where it is folded into another. */
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
  const stored = kernels.findIndex((k) => k.planned.fused.values.some((v) => v.tensor === tensor))
  if (tensor && stored >= 0) return stored
  const known = [...names.all()].filter(([, t]) =>
    kernels.some((k) => k.planned.fused.values.some((v) => v.tensor === t)),
  )
  const list = known.map(([n]) => `"${n}"`).join(', ')
  const why = tensor ? 'is written into its readers and has no kernel of its own' : 'is not a tensor of this entry'
  throw new GraphError(`source: "${name}" ${why}; kernels compute ${list}`)
}
