import { GraphError } from '../ir/errors'
import { apply, describe, type Tensor } from '../ir/tensor'
import { sumT } from '../ops/broadcast'
import { type ConstantAttrs, scalarConstant } from '../ops/leaf'
import { castTensor } from '../ops/promote'
import { lessEqualOp, whereT } from '../ops/select'

/** An operand that is an index, and what it must stay below. */
export interface IndexUse {
  readonly index: Tensor
  readonly below: number
  readonly op: string
}

/** Every index operand among the tensors, each range of one tensor once. */
export function indexUses(order: readonly Tensor[]): IndexUse[] {
  const found: IndexUse[] = []
  for (const t of order) {
    for (const { input, below } of t.op.ranges?.(t.inputs, t.attrs) ?? []) {
      const index = throughViews(t.inputs[input]!)
      if (!found.some((u) => u.index === index && u.below === below))
        found.push({ index, below, op: userOf(t).op.name })
    }
  }
  return found
}

/** The op that people wrote: its gradient may be all that is left of it. */
function userOf(t: Tensor): Tensor {
  const { rule } = t.origin
  return rule?.op.ranges ? userOf(rule) : t
}

const MOVES: ReadonlySet<string> = new Set([
  'reshape',
  'expandDims',
  'squeeze',
  'transpose',
  'flip',
  'broadcastTo',
  'identity',
  'barrier',
  'stopGradient',
  'cast',
])

/** What a tensor's values are, whatever their order. */
function throughViews(t: Tensor): Tensor {
  let now = t
  while (MOVES.has(now.op.name)) now = now.inputs[0]!
  return now
}

/** Indices that are known are checked when the graph is built. */
function checkConstant(entry: string, { index, below, op }: IndexUse): void {
  const { value } = index.attrs as ConstantAttrs
  const values = typeof value === 'number' ? [value] : value
  const at = values.findIndex((v) => !(v >= 0 && v < below))
  if (at >= 0)
    throw new GraphError(
      `entry "${entry}": ${values[at]} at position ${at} of ${describe(index)} is out of range for ${op}: ` +
        `legal are 0 to ${below - 1}`,
    )
}

/**
 * Indices that are fed are checked before the step. Those that are computed get a count of the ones out of range, which
 * the step looks at before it writes any state.
 */
export function indexChecks(entry: string, indices: readonly IndexUse[]): Map<string, Tensor> {
  const checks = new Map<string, Tensor>()
  for (const use of indices) {
    const { index, below, op } = use
    if (index.op.name === 'input') continue
    if (index.op.name === 'constant') {
      checkConstant(entry, use)
      continue
    }
    // NaN is not at least 0, and so it is outside.
    const isLarge = apply(lessEqualOp, [scalarConstant(below, index.dtype), index], {})
    const isFromZero = apply(lessEqualOp, [scalarConstant(0, index.dtype), index], {})
    const outside = whereT(isFromZero, isLarge, scalarConstant(1, 'bool'))
    const count = sumT(castTensor(outside, 'int32'), { axes: index.shape.map((_, i) => i), keepDims: false })
    checks.set(
      `entry "${entry}": ${describe(index)} has indices out of range for ${op}: legal are 0 to ${below - 1}`,
      count,
    )
  }
  return checks
}
