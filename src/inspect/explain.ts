import { commentText } from '../codegen/names'
import { countText } from '../codegen/provenance'
import { printCompilation } from '../compile/print'
import { type BindingOption, compiledOf } from '../compile/inspected'
import { checkKeys } from '../ir/names-of'
import { type KernelRow, kernelRow } from './kernel-row'

/** What `explain` gives: every kernel, and what was not fused. */
export interface Explanation {
  readonly kernels: readonly KernelRow[]
  readonly flops: number
  readonly bytes: number
  /** A table for people. */
  toString(): string
}

/**
 * What each kernel of an entry computes, reads and writes, what it costs, where it comes from, and what fusion did not do
 * and why.
 */
export function explain(run: object, options: BindingOption = {}): Explanation {
  checkKeys('explain', options, ['bindings'])
  const { compilation } = compiledOf('explain', run, options)
  const kernels = printCompilation(compilation, 'plain').kernels.map(({ kernel, facts }) =>
    kernelRow(compilation, kernel.name, facts()),
  )
  const total = (key: 'flops' | 'bytes'): number => kernels.reduce((sum, k) => sum + k[key], 0)
  return { kernels, flops: total('flops'), bytes: total('bytes'), toString: () => table(kernels) }
}

const table = (kernels: readonly KernelRow[]): string =>
  kernels
    .map((k) =>
      [
        `${k.kernel}   ${countText(k.flops, 'flop')}, ${countText(k.bytes, 'B')}   ${k.origin}`,
        ...k.formulas.map((f) => `    ${f}`),
        `    reads  ${k.reads.join(', ') || 'nothing'}`,
        `    writes ${k.writes.join(', ')}`,
        ...k.stored.map((s) => `    stored ${s}`),
        ...k.apart.map((s) => `    apart  ${s}`),
      ]
        .map(commentText)
        .join('\n'),
    )
    .join('\n')
