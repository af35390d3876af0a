import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { call, castTo, int } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { showType, sizeOf, stridesOf } from '../ir/type'
import { broadcastOrThrow } from './elementwise'

/**
 * The row-major position int32 of points of a shape, from an index for each of its axes. Each is held within its axis: one
 * that is out of range is an error, which may be found only when all this has run.
 */
export const ravelIndexOp: Op<'ravelIndex', { readonly shape: readonly number[] }> = {
  name: 'ravelIndex',
  kind: 'point',
  pointwise: true,
  infer: (inputs, { shape }) => {
    if (inputs.length !== shape.length) throw new GraphError(`needs ${shape.length} indices, got ${inputs.length}`)
    if (inputs.some((x) => x.dtype !== 'int32' && x.dtype !== 'uint8'))
      throw new GraphError(`indices must be int32 or uint8, they are ${inputs.map(showType).join(', ')}`)
    const [first, ...others] = inputs
    return { dtype: 'int32', shape: others.reduce((now, x) => broadcastOrThrow(now, x.shape), first!.shape) }
  },
  ranges: (_, { shape }) => shape.map((below, input) => ({ input, below })),
  bound: (_, { shape }) => sizeOf(shape),
  vjp: null,
  lower: ({ index, attrs: { shape }, read }) => {
    const strides = stridesOf(shape)
    const terms = shape.map((extent, i) => {
      const held = call('min', call('max', castTo('int32', read(i, index)), int(0)), int(extent - 1))
      return strides[i] === 1 ? held : call('mul', held, int(strides[i]!))
    })
    return { value: terms.reduce((sum, term) => call('add', sum, term)) }
  },
}

export const ravelIndexT = (indices: readonly Tensor[], shape: readonly number[]): Tensor =>
  apply(ravelIndexOp, indices, { shape })
