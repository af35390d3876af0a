import type { Arm, Choice, Fused } from '../ir/block'
import { toposort } from '../ir/graph'
import type { Load } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { type CondAttrs } from '../ops/cond'
import { partAttrs } from '../ops/region'
import { readsOf, wholeLoad } from './loop'

const attrsOf = (cond: Tensor): CondAttrs => cond.attrs as CondAttrs

export const isChoice = (region: Tensor): boolean => region.op.name === 'cond'

/** What an arm computes for the parts that are read. */
export const resultsOf = (cond: Tensor, arm: 0 | 1, parts: readonly Tensor[]): Tensor[] =>
  parts.map((part) => attrsOf(cond).arms[arm].outputs[partAttrs(part).index]!)

/** Puts the kernels of both arms together. */
export function makeChoice(
  cond: Tensor,
  parts: readonly Tensor[],
  kernels: readonly [readonly Fused[], readonly Fused[]],
): Choice {
  const condition = cond.inputs[0]!
  const arms = kernels.map((list, arm): Arm => {
    const values = resultsOf(cond, arm as 0 | 1, parts)
    return { kernels: list, results: values.map((value, i) => ({ value, part: parts[i]! })) }
  }) as [Arm, Arm]
  const reads = new Map<Tensor, Load>([[condition, wholeLoad(condition)]])
  attrsOf(cond).arms.forEach(({ outputs }, arm) => {
    for (const [x, load] of readsOf(arms[arm]!.kernels, toposort(outputs))) reads.set(x, load)
  })
  return { kind: 'choice', region: cond, condition, arms, reads: [...reads.values()] }
}
