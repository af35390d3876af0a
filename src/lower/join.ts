import type { Join } from '../ir/block'
import { readersOf } from '../ir/graph'
import type { Tensor } from '../ir/tensor'
import { wholeLoad } from './loop'
import type { Lowered, Use } from './uses'

/** Joins whose parts are computed straight into their place, by the tensor that is joined. */
export interface Joins {
  readonly joined: ReadonlySet<Tensor>
  readonly parts: ReadonlySet<Tensor>
}

/** A join that has memory anyway, of parts that are computed for it alone, is no work of its own. */
export function joinsIn(
  order: readonly Tensor[],
  roots: ReadonlySet<Tensor>,
  lowered: ReadonlyMap<Tensor, Lowered>,
  uses: ReadonlyMap<Tensor, Use>,
): Joins {
  const joined = new Set<Tensor>()
  const parts = new Set<Tensor>()
  const found = order.filter((t) => t.op.name === 'concat')
  if (found.length === 0) return { joined, parts }
  const readers = readersOf(order)
  const isPart = (x: Tensor): boolean => {
    const block = lowered.get(x)
    const isComputed = x.op.kind === 'point' && block !== undefined && !block.isView && !block.block.scatter
    return isComputed && !roots.has(x) && x.op.name !== 'concat' && readers.get(x)!.length === 1 && !x.shape.includes(0)
  }
  for (const t of found) {
    const { contracted, looped, flat } = uses.get(t)!
    const isStored = roots.has(t) || contracted || looped || flat
    if (!isStored || new Set(t.inputs).size < t.inputs.length || !t.inputs.every(isPart)) continue
    joined.add(t)
    for (const x of t.inputs) parts.add(x)
  }
  return { joined, parts }
}

export const makeJoin = (t: Tensor): Join => ({ kind: 'join', region: t, reads: t.inputs.map(wholeLoad) })
