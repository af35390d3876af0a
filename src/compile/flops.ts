import type { Entry } from '../api/types'
import { flopsOf } from '../codegen/provenance'
import { type Buffer, type Item, itemsIn } from '../ir/plan'
import { sizeOf } from '../ir/type'
import type { Variable } from '../ir/variable'
import { settingsOf } from './options'
import { compileTraced } from './pipeline'
import { traceEntry } from './trace-entry'

/**
 * What a run of an entry without named dimensions costs, by the scope in which it was written: additions, multiplications and
 * the like, dearer functions by their cost, of each tensor by itself. Nothing is allocated and no code made.
 */
export function flopsByScope(entry: Entry): ReadonlyMap<string, number> {
  const traced = traceEntry('main', entry, new Map(), new Map())
  const { plan } = compileTraced(traced, { bufferOf }, settingsOf({ fuse: false, target: 'js', threads: 1 }))
  const found = new Map<string, number>()
  const count = (item: Item, times: number): void => {
    if (item.kind === 'run') {
      const { fused } = item.kernel
      const { scope } = fused.values[0]!.tensor.origin
      found.set(scope, (found.get(scope) ?? 0) + times * flopsOf(fused))
    }
    for (const inner of itemsIn(item)) count(inner, item.kind === 'loop' ? times * item.time.extent : times)
  }
  for (const item of plan.items) count(item, 1)
  return found
}

/** Where a variable would lie. */
const bufferOf = (of: Variable): Buffer => ({
  ...{ name: of.name, dtype: of.dtype, shape: of.shape, size: sizeOf(of.shape), of },
  ...{ region: 'state', offset: 0, live: [0, Infinity] },
})
