import type { Join, Piece } from '../ir/block'
import { readersOf } from '../ir/graph'
import type { Tensor } from '../ir/tensor'
import { stridesOf } from '../ir/type'
import { wholeLoad } from './loop'
import { stridesThrough } from './strides'
import type { Lowered, Use } from './uses'

/** Tensors whose parts are computed straight into their place: joins, and results in another shape than they are computed in. */
export interface Joins {
  readonly joined: ReadonlyMap<Tensor, Join>
  /** The parts, with why they have memory. */
  readonly parts: ReadonlyMap<Tensor, string>
}

/** Parts that are only moved into their place, at most so many for each that is computed there. */
const MOST_MOVED = 2
/** Neighbours that a part must have, where others read it too: they find it in rows that lie apart. */
const MANY = 16

/** What has memory anyway, of parts that can be computed into their place in it, is no work of its own. */
export function joinsIn(
  order: readonly Tensor[],
  roots: ReadonlySet<Tensor>,
  lowered: ReadonlyMap<Tensor, Lowered>,
  uses: ReadonlyMap<Tensor, Use>,
): Joins {
  const joined = new Map<Tensor, Join>()
  const parts = new Map<Tensor, string>()
  const isResultOf = (t: Tensor): boolean => t.op.name === 'reshape' && roots.has(t)
  const found = order.filter((t) => isJoin(t) || isResultOf(t))
  if (found.length === 0) return { joined, parts }
  const readers = readersOf(order)

  const isMoved = (x: Tensor): boolean => lowered.get(x)!.isView || isJoin(x)
  const pieceOf = (x: Tensor, shift: number, strides: readonly number[]): Piece[] | undefined => {
    if (roots.has(x) || parts.has(x) || x.shape.includes(0)) return undefined
    const isForOne = readers.get(x)!.length === 1
    const inside = isForOne && (isJoin(x) || x.op.name === 'reshape') ? piecesOf(x, shift, strides) : undefined
    if (inside) return inside
    const block = x.op.kind === 'point' ? lowered.get(x)?.block : undefined
    if (!block || block.scatter) return undefined
    const { flat, looped } = uses.get(x)!
    const isRead = !flat && !looped && !isMoved(x) && neighbours(x.shape, strides) >= MANY
    return isForOne || isRead ? [{ tensor: x, shift, strides }] : undefined
  }
  /** Where the parts of a join lie, and of joins in it, or what is reshaped; undefined where one can't be computed there. */
  const piecesOf = (t: Tensor, shift: number, strides: readonly number[]): Piece[] | undefined => {
    if (t.op.name === 'reshape') {
      const [x] = t.inputs as [Tensor]
      const own = stridesThrough(x.shape, t.shape, strides)
      return own && pieceOf(x, shift, own)
    }
    const { axis } = t.attrs as { readonly axis: number }
    const pieces: Piece[] = []
    let from = 0
    for (const x of t.inputs) {
      const own = pieceOf(x, shift + from * strides[axis]!, strides)
      if (!own) return undefined
      pieces.push(...own)
      from += x.shape[axis]!
    }
    return new Set(pieces.map((p) => p.tensor)).size < pieces.length ? undefined : pieces
  }

  // Joins of joins are told from the outermost on.
  for (const t of found.toReversed()) {
    const { contracted, looped, flat } = uses.get(t)!
    if (!(roots.has(t) || contracted || looped || flat)) continue
    const pieces = piecesOf(t, 0, stridesOf(t.shape))
    const moved = pieces?.filter((p) => isMoved(p.tensor)).length
    if (!pieces || pieces.length - moved! < Math.max(1, moved! / MOST_MOVED)) continue
    const why = isJoin(t) ? 'it is written where it is joined' : 'it is written where its shape is another'
    joined.set(t, { kind: 'join', region: t, parts: pieces, reads: pieces.map((p) => wholeLoad(p.tensor)) })
    for (const { tensor } of pieces) parts.set(tensor, why)
  }
  return { joined, parts }
}

/** Elements that lie side by side. */
function neighbours(shape: readonly number[], strides: readonly number[]): number {
  let count = 1
  for (let i = shape.length - 1; i >= 0 && (shape[i] === 1 || strides[i] === count); i--) count *= shape[i]!
  return count
}

const isJoin = (t: Tensor): boolean => t.op.name === 'concat'
