import { GraphError } from '../ir/errors'
import { withBodies } from '../ir/graph'
import { describe, type Tensor } from '../ir/tensor'
import type { Owed } from '../ir/trace'
import type { Variable } from '../ir/variable'

/**
 * Refuses an entry that uses a result, or a gradient through it, without the updates that belong to it: running statistics
 * would silently stay as they were.
 */
export function checkOwed(
  entry: string,
  owed: readonly Owed[],
  order: readonly Tensor[],
  updates: ReadonlyMap<Variable, Tensor>,
): void {
  if (owed.length === 0) return
  const used = usedAttrs(order)
  for (const { op, output, updates: own } of owed) {
    if (!used.has(output.attrs)) continue
    const missing = own.flatMap(([v, next]) => (updates.has(v) && used.has(next.attrs) ? [] : [v]))
    if (missing.length === 0) continue
    const names = missing.map((v) => `"${v.name}"`).join(' and ')
    const others = missing.some((v) => updates.has(v))
      ? `another update takes their place, and two calls of ${op} cannot both update one variable`
      : `write updates: [...sgd(...), ...result.updates] with the result of ${op}`
    throw new GraphError(
      `entry "${entry}": the updates of ${names} that belong to ${describe(output)} are not among those returned; ` +
        `${others}, or give ${op} { track: false } to leave them as they are`,
    )
  }
}

/**
 * Attributes stay the same object when a tensor is named or labelled anew, and in the steps of loops and the arms of
 * choices; gradients lead back to whose rule made them.
 */
function usedAttrs(order: readonly Tensor[]): Set<unknown> {
  const attrs = new Set<unknown>()
  const rules = new Set<Tensor>()
  for (const t of withBodies(order)) {
    attrs.add(t.attrs)
    for (let { rule } = t.origin; rule && !rules.has(rule); { rule } = rule.origin) {
      rules.add(rule)
      attrs.add(rule.attrs)
    }
  }
  return attrs
}
