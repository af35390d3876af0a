import { addScaled, type Affine, type Axis, axisIndex, constIndex } from '../ir/affine'
import type { Block } from '../ir/block'
import { indexValue, type Scalar } from '../ir/scalar'
import type { Tensor } from '../ir/tensor'
import { sizeOf } from '../ir/type'
import { hasOwnMemory, operandsOf, roleOf } from '../ops/region'
import type { Space } from './lower'

/** What is read in place of a stand-in by row-major position, and how far in. */
interface Outside {
  readonly from: Tensor
  readonly lead: Affine
}

/** How tensors are read that have no memory of their own. */
export interface Scope {
  readonly spaceOf: (shape: readonly number[]) => Space
  /** Their values at a point. */
  readonly virtual: Map<Tensor, Block>
  /** For stand-ins of a body, what is read in place of them by row-major position, and how far in. */
  readonly outside: ReadonlyMap<Tensor, Outside>
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

/** How the stand-ins of a region are read: through to what they stand for, slices at the place of a loop. */
export function scopeWithin(region: Tensor, outer: Scope, spaceOf: Scope['spaceOf'], time?: Axis): Scope {
  const virtual = new Map<Tensor, Block>()
  const outside = new Map<Tensor, Outside>()
  for (const { operand, stand } of operandsOf(region)) {
    if (!stand || hasOwnMemory(stand)) continue
    const { axes, index } = spaceOf(stand.shape)
    const isSlice = time !== undefined && roleOf(stand) === 'slice'
    const lead = isSlice ? [axisIndex(time)] : []
    virtual.set(stand, { tensor: stand, axes, value: outer.read(operand, [...lead, ...index]) })
    const step = isSlice ? { base: 0, terms: new Map([[time, sizeOf(stand.shape)]]) } : constIndex(0)
    const { from, at } = placeOf(operand, step, outer)
    outside.set(stand, { from, lead: at })
  }
  if (time && region.op.kind === 'region')
    for (const { turn } of region.op.bodies(region.attrs))
      virtual.set(turn, { tensor: turn, axes: [], value: indexValue(axisIndex(time)) })
  return { ...outer, spaceOf, virtual, outside }
}
