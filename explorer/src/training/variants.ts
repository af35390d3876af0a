import { entryInternals } from '../../../src/compile/internals'
import { outputsOnly } from '../../../src/compile/outputs-only'
import type { Traced } from '../../../src/compile/trace-entry'
import type { Tensor } from '../../../src/ir/tensor'

/** A compiled entry that computes its outputs, or others that are chosen from each trace, and changes nothing. */
export function withoutUpdates<R extends object>(
  run: R,
  outputs: (traced: Traced) => ReadonlyMap<string, Tensor> = ({ roots }) => roots.outputs,
): R {
  const look = entryInternals('training', run).variant((traced) => outputsOnly(traced, outputs(traced)))
  return look as unknown as R
}
