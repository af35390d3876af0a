import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import type { Update, Variable } from '../ir/variable'
import { identityT } from '../ops/unary'

/** What a step must leave behind: outputs by name, and the next value of each variable. */
export interface Roots {
  readonly outputs: ReadonlyMap<string, Tensor>
  readonly updates: ReadonlyMap<Variable, Tensor>
}

export const rootTensors = (roots: Roots): Tensor[] => [...roots.outputs.values(), ...roots.updates.values()]

/** Updates as a map; two updates of one variable are an error. */
export function collectUpdates(entry: string, updates: readonly Update[]): Map<Variable, Tensor> {
  const map = new Map<Variable, Tensor>()
  for (const [variable, next] of updates) {
    if (map.has(variable)) {
      throw new GraphError(
        `entry "${entry}": variable "${variable.name}" ${showShape(variable.shape)} is updated twice; ` +
          `two optimisers may not own one variable`,
      )
    }
    map.set(variable, next)
  }
  return map
}

/** The same roots over rewritten tensors. */
export function mapRoots(roots: Roots, rewritten: readonly Tensor[]): Roots {
  const outputs = [...roots.outputs.keys()].map((name, i) => [name, rewritten[i]!] as const)
  const offset = outputs.length
  const updates = [...roots.updates.keys()].map((v, i) => [v, rewritten[offset + i]!] as const)
  return { outputs: new Map(outputs), updates: new Map(updates) }
}

/**
 * Gives every root a tensor of its own: leaves and tensors that another root has already taken are copied. A variable
 * that keeps its value needs no update.
 */
export function distinctRoots(roots: Roots): Roots {
  const taken = new Set<Tensor>()
  const own = (t: Tensor): Tensor => {
    const mine = t.op.kind === 'leaf' || taken.has(t) ? identityT(t) : t
    taken.add(mine)
    return mine
  }
  // Updates first: one that owns its tensor can be written in place.
  const updates = [...roots.updates].filter(([v, next]) => next !== v).map(([v, next]) => [v, own(next)] as const)
  const outputs = [...roots.outputs].map(([name, t]) => [name, own(t)] as const)
  return { outputs: new Map(outputs), updates: new Map(updates) }
}
