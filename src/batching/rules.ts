import { broadcastShapes } from '../ir/type'
import type { ReduceAttrs } from '../ops/axes'
import type { BroadcastAttrs } from '../ops/broadcast'
import type { ContractAttrs } from '../ops/contract'
import type { PadAttrs, SliceAttrs } from '../ops/pieces'
import type { AxisAttrs } from '../ops/softmax'
import type { OpName } from '../ops/table'
import { type ReshapeAttrs, reshapeT, type TransposeAttrs } from '../ops/view'
import { aligned, applied, type BatchRule, full, fulls, shifted } from './context'
import { INDEXING_RULES } from './indexing'
import { SORTING_RULES } from './sorting'

/** Operands broadcast: those of fewer dimensions are aligned with the rest. */
export const pointwise: BatchRule = (context) => {
  const rank = Math.max(...context.of.inputs.map((x) => x.shape.length))
  return applied(context, context.of.inputs.map((_, i) => aligned(context, i, rank))) // prettier-ignore
}

const alongAxes = shifted<Pick<ReduceAttrs, 'axes'>>((attrs) => ({ ...attrs, axes: attrs.axes.map((i) => i + 1) }))
const alongAxis = shifted<AxisAttrs>((attrs) => ({ ...attrs, axis: attrs.axis + 1 }))
/** Leading axes are nothing to the op. */
const asItIs: BatchRule = (context) => applied(context, fulls(context))

/** The op has a batch axis of its own, with which rows are merged; not where another operand has rows. */
const merged =
  (...along: readonly number[]): BatchRule =>
  (context) => {
    const { of, operands, extent } = context
    if (operands.some(({ isBatched }, i) => isBatched && !along.includes(i))) return undefined
    const inputs = operands.map(({ tensor }, i) => {
      if (!along.includes(i)) return tensor
      const [first, ...rest] = of.inputs[i]!.shape as [number, ...number[]]
      return reshapeT(full(context, i), [extent * first, ...rest])
    })
    return reshapeT(applied(context, inputs), [extent, ...of.shape])
  }

/** The new axis is one more label, of the operands that have it and of the result. */
const contracted: BatchRule = (context) => {
  const { a, b, out } = context.of.attrs as ContractAttrs
  const label = Math.max(-1, ...a, ...b) + 1
  const [left, right] = [a, b].map((labels, i) => (context.operands[i]!.isBatched ? [label, ...labels] : labels))
  const inputs = context.operands.map((x) => x.tensor)
  return applied(context, inputs, { a: left!, b: right!, out: [label, ...out] })
}

const zeroAnd = (list: readonly number[]): number[] => [0, ...list]

/** How ops that are not pointwise are applied to all rows at once. */
export const RULES: Readonly<Partial<Record<OpName, BatchRule>>> = {
  sum: alongAxes,
  mean: alongAxes,
  max: alongAxes,
  min: alongAxes,
  prod: alongAxes,
  any: alongAxes,
  all: alongAxes,
  argMax: alongAxes,
  argMin: alongAxes,
  countNonZero: alongAxes,
  logSumExp: alongAxes,
  variance: alongAxes,
  std: alongAxes,
  norm: alongAxes,
  l2Normalize: alongAxes,
  layerNorm: alongAxes,
  flip: alongAxes,
  resize: alongAxes,
  adaptiveAveragePool: alongAxes,
  adaptiveMaxPool: alongAxes,
  softmax: alongAxis,
  logSoftmax: alongAxis,
  frame: alongAxis,
  maskedSoftmax: (context) => {
    const { of } = context
    // The axis counts along the logits, which must have all dimensions then.
    const rank = of.shape.length
    if (of.inputs[0]!.shape.length < rank) return undefined
    const rest = of.inputs.slice(1).map((_, i) => aligned(context, i + 1, rank))
    return applied(context, [full(context, 0), ...rest], { axis: (of.attrs as AxisAttrs).axis + 1 })
  },
  concat: (context) => applied(context, fulls(context), { axis: (context.of.attrs as AxisAttrs).axis + 1 }),
  reshape: shifted<ReshapeAttrs>(({ shape }, { extent }) => ({ shape: [extent, ...shape] })),
  broadcastTo: (context) => {
    const { shape } = context.of.attrs as BroadcastAttrs
    return applied(context, [aligned(context, 0, shape.length)], { shape: [context.extent, ...shape] })
  },
  transpose: shifted<TransposeAttrs>(({ permutation }) => ({ permutation: zeroAnd(permutation.map((i) => i + 1)) })),
  slice: shifted<SliceAttrs>(({ start, step, size }, { extent }) => ({
    start: zeroAnd(start),
    step: [1, ...step],
    size: [extent, ...size],
  })),
  pad: shifted<PadAttrs>(({ before, after, value }) => ({ before: zeroAnd(before), after: zeroAnd(after), value })),
  contract: contracted,
  // Matrices are the last two axes, whatever comes before.
  cholesky: asItIs,
  triangularSolve: asItIs,
  luFactor: asItIs,
  luSolve: asItIs,
  solve: asItIs,
  inverse: asItIs,
  determinant: asItIs,
  logDeterminant: asItIs,
  determinantSign: asItIs,
  orthonormal: asItIs,
  leastSquares: asItIs,
  symmetricEigen: asItIs,
  oneHot: asItIs,
  stopGradient: asItIs,
  logCosh: asItIs,
  sparseSoftmaxCrossEntropy: asItIs,
  softmaxCrossEntropy: (context) => {
    const [logits, labels] = context.of.inputs
    const isWhole = broadcastShapes(logits!.shape, labels!.shape)?.length === logits!.shape.length
    return isWhole ? applied(context, [full(context, 0), aligned(context, 1, logits!.shape.length)]) : undefined
  },
  barrier: (context) => applied(context, [full(context, 0), context.operands[1]!.tensor]),
  conv: merged(0),
  convInput: merged(0),
  windows: merged(0),
  foldTurns: merged(0),
  maxPool: merged(0),
  sumPool: merged(0),
  poolIndex: merged(0),
  place: merged(0, 1),
  pick: merged(0, 1),
  ...INDEXING_RULES,
  ...SORTING_RULES,
}
