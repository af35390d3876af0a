import { callF } from '../ir/formula'
import type { Op } from '../ir/op'
import { indexValue } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'

/** Positions 0, 1, ... along an axis, int32: an index by which points are compared, never stored where it is read. */
export const iotaOp: Op<'iota', { readonly extent: number }> = {
  name: 'iota',
  kind: 'point',
  infer: (_, { extent }) => ({ dtype: 'int32', shape: [extent] }),
  vjp: null,
  lower: ({ index }) => ({ value: indexValue(index[0]!) }),
  formula: (_, { extent }) => callF('iota', [], extent),
}
export const iotaT = (extent: number): Tensor => apply(iotaOp, [], { extent })
