import { addScaled, type Affine } from '../ir/affine'
import type { Block } from '../ir/block'
import type { Scalar } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import type { Space } from './lower'

/** How tensors are read that have no memory of their own. */
export interface Scope {
  readonly spaceOf: (shape: readonly number[]) => Space
  /** Their values at a point. */
  readonly virtual: Map<Tensor, Block>
  /** For stand-ins of a body, what is read in place of them by row-major position, and how far in. */
  readonly outside: ReadonlyMap<Tensor, { readonly from: Tensor; readonly lead: Affine }>
  /** A tensor outside at a point. */
  read(x: Tensor, index: readonly Affine[]): Scalar
}

/**
 * Where a row-major position of a tensor lies in what has memory: outside of the body for a stand-in, in its operand for a
 * reshape, which keeps positions. Nothing else that is read so is virtual.
 */
export function placeOf(x: Tensor, position: Affine, { virtual, outside }: Pick<Scope, 'virtual' | 'outside'>) {
  let from = x
  let at = position
  for (;;) {
    const beyond = outside.get(from)
    if (beyond) {
      from = beyond.from
      at = addScaled(at, beyond.lead, 1)
    } else if (virtual.has(from) && from.op.name === 'reshape') from = from.inputs[0]!
    else return { from, at }
  }
}
