import type { Affine } from '../ir/affine'
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
