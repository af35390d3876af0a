import { GraphError } from '../ir/errors'
import { describe, type Tensor } from '../ir/tensor'
import { addT } from '../ops/arith'
import { countOf, checksOf, type IndexUse } from '../ops/index-range'
import type { ConstantAttrs } from '../ops/leaf'

/** Indices that are known are checked when the graph is built. */
function checkConstant(entry: string, { index, below, op }: IndexUse): void {
  const { value } = index.attrs as ConstantAttrs
  const values = typeof value === 'number' ? [value] : value
  const at = values.findIndex((v) => !(v > -1 && v < below))
  if (at >= 0)
    throw new GraphError(
      `entry "${entry}": ${values[at]} at position ${at} of ${describe(index)} is out of range for ${op}: ` +
        `legal are 0 to ${below - 1}`,
    )
}

/**
 * Indices that are fed are checked before the step. Those that are computed get a count of the ones out of range, which
 * the step looks at before it writes any state; what is computed in a loop or a choice is counted there. Operands that make
 * the result of an op senseless are counted likewise.
 */
export function indexChecks(
  entry: string,
  indices: readonly IndexUse[],
  order: readonly Tensor[],
): Map<string, Tensor> {
  const computed = indices.filter((use) => {
    if (use.index.op.name !== 'constant') return use.index.op.name !== 'input'
    checkConstant(entry, use)
    return false
  })
  const checks = new Map<string, Tensor>()
  for (const { count, message } of [...computed.map(countOf), ...checksOf(order)]) {
    const text = `entry "${entry}": ${message}`
    // Two tensors may read alike.
    const other = checks.get(text)
    checks.set(text, other ? addT(other, count) : count)
  }
  return checks
}
