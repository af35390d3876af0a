import type { KernelFacts } from '../codegen/provenance'
import type { Compilation } from '../compile/pipeline'
import { showType } from '../ir/type'

/** A kernel as `explain` shows it. */
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

/** `name` is that of its function in the code. */
export function kernelRow({ names, notes }: Compilation, name: string, facts: KernelFacts): KernelRow {
  const typed = (ts: typeof facts.reads): string[] => ts.map((t) => `${names.nameOf(t)} ${showType(t)}`)
  return {
    kernel: name,
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
}
