import type { PlannedKernel } from '../ir/plan'
import { bodyResults } from '../ir/region'
import type { Tensor } from '../ir/tensor'
import type { Roots } from '../plan/roots'

/** What a tensor or a kernel serves: told apart wherever graphs are drawn. */
export type Part = 'input' | 'state' | 'constant' | 'forward' | 'backward' | 'update'

const LEAVES: Readonly<Record<string, Part>> = { input: 'input', variable: 'state', constant: 'constant' }

export const leafPart = (t: Tensor): Part | undefined => LEAVES[t.op.name]

/**
 * What each tensor of a graph serves. An update is what neither a result nor a gradient needs: the arithmetic of optimisers
 * and of running statistics. `order` has operands first.
 */
export function partsOf(order: readonly Tensor[], { outputs, checks }: Roots): (t: Tensor) => Part {
  const needed = new Set<Tensor>([...outputs.values(), ...checks.values()])
  for (const t of [...order].reverse()) {
    if (!needed.has(t) && !isGradient(t)) continue
    needed.add(t)
    for (const x of t.inputs) needed.add(x)
    for (const body of t.op.kind === 'region' ? t.op.bodies(t.attrs) : [])
      for (const x of bodyResults(body)) needed.add(x)
  }
  return (t) => leafPart(t) ?? (isGradient(t) ? 'backward' : needed.has(t) ? 'forward' : 'update')
}

/** A kernel that writes state is an update, also where the gradient is computed in it. */
export function partOfKernel({ fused, stores }: PlannedKernel): 'forward' | 'backward' | 'update' {
  if ([...stores.values()].some((buffer) => buffer.region === 'state')) return 'update'
  return fused.values.some((v) => isGradient(v.tensor)) ? 'backward' : 'forward'
}

const isGradient = ({ origin }: Tensor): boolean => (origin.rule ?? origin.gradient) !== undefined
