import { makeVariable } from '../api/leaf'
import { GraphError } from '../ir/errors'
import { apply, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT } from '../ops/arith'
import { broadcastT } from '../ops/broadcast'
import { scalarConstant } from '../ops/leaf'
import { lessEqualOp, whereT } from '../ops/select'
import { like } from '../ops/unary'

/** Gradients summed over several calls. */
export interface Accumulation {
  /** Their means, right on the call that applies them. */
  readonly means: readonly Tensor[]
  /** The same updates, made on that call only, beside those that sum up. */
  gated(updates: readonly Update[]): Update[]
}

/** The option checked: undefined where every call applies its own gradients. */
export function accumulationSteps(rule: string, steps: number | null | undefined): number | undefined {
  if (steps === undefined || steps === null || steps === 1) return undefined
  if (Number.isInteger(steps) && steps >= 1) return steps
  throw new GraphError(`${rule}: gradientAccumulationSteps must be a whole number from 1, it is ${String(steps)}`)
}

/** Without control flow: each call computes everything, and selects what it keeps. */
export function accumulate(
  prefix: string,
  variables: readonly Variable[],
  gradients: readonly Tensor[],
  steps: number,
): Accumulation {
  const count = makeVariable(`${prefix}/accumulatedSteps`, [], 'int32', 0, { kind: 'scalar' })
  const counted = addT(count, scalarConstant(1, 'int32'))
  const isLast = apply(lessEqualOp, [scalarConstant(steps, 'int32'), counted], {})
  const sums = variables.map((v, i) => {
    const slot = { kind: 'slot', slot: 'accumulatedGradient' } as const
    const sum = makeVariable(`${prefix}/${v.name}/accumulatedGradient`, v.shape, v.dtype, 0, slot)
    return { sum, total: addT(sum, gradients[i]!) }
  })
  const kept: Update[] = sums.map(({ sum, total }) => [sum, whereT(isLast, broadcastT(like(0, sum), sum.shape), total)])
  return {
    means: sums.map(({ total }) => divT(total, like(steps, total))),
    gated: (updates) => [
      ...updates.map(([v, next]): Update => [v, whereT(isLast, next, v)]),
      ...kept,
      [count, whereT(isLast, scalarConstant(0, 'int32'), counted)],
    ],
  }
}
