import { constIndex } from '../ir/affine'
import type { Arm, Block, Choice, Fused } from '../ir/block'
import { toposort } from '../ir/graph'
import type { Load } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { type CondAttrs, firstOperandOf } from '../ops/cond'
import { partAttrs } from '../ops/region'
import { readsOf, wholeLoad } from './loop'
import { placeOf, type Scope } from './scope'

const attrsOf = (cond: Tensor): CondAttrs => cond.attrs as CondAttrs

export const isChoice = (region: Tensor): boolean => region.op.name === 'cond'

/** What an arm computes for the parts that are read. */
export const resultsOf = (cond: Tensor, arm: 0 | 1, parts: readonly Tensor[]): Tensor[] =>
  parts.map((part) => attrsOf(cond).arms[arm].outputs[partAttrs(part).index]!)

/** How the stand-ins of an arm are read: through to what they stand for. */
export function scopeOfArm(cond: Tensor, arm: 0 | 1, outer: Scope, spaceOf: Scope['spaceOf']): Scope {
  const { captured } = attrsOf(cond).arms[arm]
  const from = firstOperandOf(attrsOf(cond), arm)
  const virtual = new Map<Tensor, Block>()
  const outside = new Map<Tensor, { readonly from: Tensor; readonly lead: ReturnType<typeof constIndex> }>()
  captured.forEach((stand, i) => {
    const { axes, index } = spaceOf(stand.shape)
    const x = cond.inputs[from + i]!
    virtual.set(stand, { tensor: stand, axes, value: outer.read(x, index) })
    const { from: owner, at } = placeOf(x, constIndex(0), outer)
    outside.set(stand, { from: owner, lead: at })
  })
  return { ...outer, spaceOf, virtual, outside }
}

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
