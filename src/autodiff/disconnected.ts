import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import { describe, type Tensor } from '../ir/tensor'
import { isFloat } from '../ir/type'
import { copiesOf } from './copies'

/** What to do about it where that is an option. */
export const PASS_ZEROS = "pass { disconnected: 'zeros' } if a zero gradient is meant"

/** The error for a tensor that no gradient reaches: it says where the path broke, and what to do about it. */
export function disconnected(op: string, outputs: readonly Tensor[], target: Tensor, advice = PASS_ZEROS): GraphError {
  const remedy = `; ${advice}`
  const order = toposort(outputs)
  const copies = copiesOf(order, [target])
  if (!order.includes(target) && !copies.has(target))
    return new GraphError(`${op}: ${describe(target)} is not used by ${outputs.map(describe).join(', ')}${remedy}`)
  const reached = new Set([target, ...copies.keys(), ...copies.values()])
  for (const t of order) {
    if (!t.inputs.some((x) => reached.has(x))) continue
    const passes = t.op.kind === 'region' || t.op.kind === 'part'
    if (!passes && (t.op.vjp === null || !isFloat(t.dtype))) {
      return new GraphError(
        `${op}: ${describe(target)} reaches ${outputs.map(describe).join(', ')} only through ${describe(t)}, ` +
          `and ${t.op.name} is not differentiable${remedy}`,
      )
    }
    reached.add(t)
  }
  return new GraphError(`${op}: no gradient flows to ${describe(target)}${remedy}`)
}
