import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import type { Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { type Update, type Variable, variableAttrs } from '../ir/variable'
import { identityT } from '../ops/unary'

/** What a step must leave behind: outputs by name, and the next value of each variable. */
export interface Roots {
  readonly outputs: ReadonlyMap<string, Tensor>
  readonly updates: ReadonlyMap<Variable, Tensor>
  /** Counts (int32, rank 0) that must be 0 before any state is written, by the message of the error. */
  readonly checks: ReadonlyMap<string, Tensor>
}

export const rootTensors = (roots: Roots): Tensor[] => [
  ...roots.outputs.values(),
  ...roots.updates.values(),
  ...roots.checks.values(),
]

/**
 * Roots in the order in which their kernels should run. Where something is recomputed, those come first that lie least deep:
 * the gradient of a weight then follows the cotangent it is made of, and what was recomputed for it dies soon.
 */
export function rootsInOrder(roots: Roots): Tensor[] {
  const all = rootTensors(roots)
  const order = toposort(all)
  if (!order.some((t) => t.op.waitsFor)) return all
  const depth = new Map<Tensor, number>()
  for (const t of order)
    depth.set(
      t,
      t.inputs.reduce((most, x) => Math.max(most, depth.get(x)! + 1), 0),
    )
  return all.sort((a, b) => depth.get(a)! - depth.get(b)!)
}

/** Updates as a map; two updates of one variable are an error. */
export function collectUpdates(entry: string, updates: readonly Update[]): Map<Variable, Tensor> {
  const map = new Map<Variable, Tensor>()
  for (const [variable, next] of updates) {
    if (map.has(variable)) {
      throw new GraphError(
        `entry "${entry}": variable "${variable.name}" ${showShape(variable.shape)} is updated twice: two of the ` +
          `updates returned are for it, and one may be; ${remedyFor(variable)}`,
      )
    }
    map.set(variable, next)
  }
  return map
}

/** Optimisers do not own what is untrained. */
const remedyFor = (variable: Variable): string =>
  variableAttrs(variable).role.kind === 'untrained'
    ? 'where batchNorm is called twice with it, give one of the calls { track: false }'
    : 'leave it to one optimiser, or to one call of what updates it'

/** The same roots over rewritten tensors. */
export function mapRoots(roots: Roots, rewritten: readonly Tensor[]): Roots {
  let next = 0
  const take = <K>(old: ReadonlyMap<K, Tensor>): Map<K, Tensor> =>
    new Map([...old.keys()].map((key) => [key, rewritten[next++]!]))
  return { outputs: take(roots.outputs), updates: take(roots.updates), checks: take(roots.checks) }
}

/**
 * Gives every root a tensor of its own: leaves and tensors that another root has already taken are copied. A variable
 * that keeps its value needs no update.
 */
export function distinctRoots(roots: Roots): Roots {
  const taken = new Set<Tensor>()
  const own = (t: Tensor): Tensor => {
    const mine = t.op.kind === 'leaf' || t.op.kind === 'part' || taken.has(t) ? identityT(t) : t
    taken.add(mine)
    return mine
  }
  // Updates first: one that owns its tensor can be written in place.
  const updates = [...roots.updates].filter(([v, next]) => next !== v).map(([v, next]) => [v, own(next)] as const)
  const outputs = [...roots.outputs].map(([name, t]) => [name, own(t)] as const)
  const checks = [...roots.checks].map(([message, t]) => [message, own(t)] as const)
  return { outputs: new Map(outputs), updates: new Map(updates), checks: new Map(checks) }
}
