import { commentText } from '../codegen/names'
import { countText } from '../codegen/provenance'
import { printCompilation } from '../compile/print'
import { showType } from '../ir/type'
import { type BindingOption, specialisedOf } from '../compile/inspected'

export interface KernelRow {
  readonly kernel: string
  /** One formula for each tensor that the kernel is known for, gradients before the updates they fold into. */
  readonly formulas: readonly string[]
  readonly reads: readonly string[]
  readonly writes: readonly string[]
  readonly flops: number
  readonly bytes: number
  /** Why a tensor that this kernel writes has a buffer, instead of being computed where it is read. */
  readonly stored: readonly string[]
  /** Why what is computed here is not part of the kernel of something that it reads. */
  readonly apart: readonly string[]
  /** Forward ops and the user's line, or whose gradient it is. */
  readonly origin: string
}

export interface Explanation {
  readonly kernels: readonly KernelRow[]
  readonly flops: number
  readonly bytes: number
  toString(): string
}

/**
 * What each kernel of an entry computes, reads and writes, what it costs, where it comes from, and what fusion did not do
 * and why.
 */
export function explain(run: object, options: BindingOption = {}): Explanation {
  const { compilation } = specialisedOf('explain', run, options)
  const { names, notes } = compilation
  const kernels = printCompilation(compilation, 'plain').kernels.map(({ kernel, facts: factsOf }): KernelRow => {
    const facts = factsOf()
    const typed = (ts: typeof facts.reads): string[] => ts.map((t) => `${names.nameOf(t)} ${showType(t)}`)
    return {
      kernel: kernel.name,
      formulas: facts.formulas,
      reads: typed(facts.reads),
      writes: typed(facts.writes),
      flops: facts.flops,
      bytes: facts.bytes,
      stored: facts.stored.flatMap((t, i) => {
        const why = notes.stored.get(t)
        return why === undefined ? [] : [`${names.nameOf(facts.writes[i]!)}: ${why}`]
      }),
      apart: facts.computed.flatMap((t) => {
        const found = notes.apart.get(t)
        return found ? [`${names.nameOf(t)} is not in the kernel of ${names.nameOf(found.from)}: ${found.why()}`] : []
      }),
      origin: facts.origin,
    }
  })
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
