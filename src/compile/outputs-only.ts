import { toposort } from '../ir/graph'
import type { Tensor } from '../ir/tensor'
import { indexUses } from '../ops/index-range'
import { rootTensors } from '../plan/roots'
import type { Traced } from './trace-entry'

/** A graph with other outputs, tensors of its own by name, and without what it changes. */
export function outputsOnly(traced: Traced, outputs: ReadonlyMap<string, Tensor>): Traced {
  const roots = { outputs, updates: new Map(), checks: traced.roots.checks }
  const order = toposort(rootTensors(roots))
  return { ...traced, roots, order, indices: indexUses(order) }
}
