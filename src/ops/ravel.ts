import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { call, castTo, literal, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { sameShape, showType, sizeOf, stridesOf } from '../ir/type'

const int = (value: number): Scalar => literal(value, 'int32')

/**
 * The row-major position int32 of points of a shape, from an index for each of its axes. Each is held within its axis: one
 * that is out of range is an error, which may be found only when all this has run.
 */
export const ravelIndexOp: Op<'ravelIndex', { readonly shape: readonly number[] }> = {
  name: 'ravelIndex',
  kind: 'point',
  pointwise: true,
  infer: (inputs, { shape }) => {
    const [first] = inputs
    if (inputs.length !== shape.length) throw new GraphError(`needs ${shape.length} indices, got ${inputs.length}`)
    for (const x of inputs)
      if ((x.dtype !== 'int32' && x.dtype !== 'uint8') || !sameShape(x.shape, first!.shape))
        throw new GraphError(`indices must be int32 or uint8 of one shape, they are ${inputs.map(showType).join(', ')}`)
    return { dtype: 'int32', shape: first!.shape }
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
