import { GraphError } from './errors'
import { isTensor } from './tensor'
import { sameShape, showType } from './type'
import { isVariable, type Update } from './variable'

/** Throws for what are no updates, and for one of another type than its variable. */
export function checkedUpdates(where: string, updates: unknown): readonly Update[] {
  if (!Array.isArray(updates)) throw new GraphError(`${where}: updates must be an array; combine several by spread`)
  for (const item of updates as readonly unknown[]) {
    const [v, next] = Array.isArray(item) ? (item as unknown[]) : []
    if (!isTensor(v) || !isVariable(v) || !isTensor(next))
      throw new GraphError(`${where}: each of updates must come from update(variable, next)`)
    if (v.dtype !== next.dtype || !sameShape(v.shape, next.shape))
      throw new GraphError(
        `${where}: the update of "${v.name}" ${showType(v)} is ${showType(next)}; use update(variable, next)`,
      )
  }
  return updates as readonly Update[]
}
