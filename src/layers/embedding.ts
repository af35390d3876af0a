import { gather, type Indices } from '../api/indexing'
import { cast, notEqual } from '../api/math'
import { defineLayer } from './layer'
import { flag, integer, required } from './option'
import { constraint, initializer, regularizer } from './part-options'

/**
 * The row of `embeddings` [inputDim, outputDim] that each element says: [...] whole numbers give [..., outputDim]; floats are
 * cut. With `maskZero` what is 0 does not count in the layers behind. Numbers outside 0 to inputDim - 1 are errors, as in
 * `gather`.
 */
export const embedding = defineLayer({
  className: 'Embedding',
  name: 'embedding',
  options: {
    inputDim: required(integer()),
    outputDim: required(integer()),
    embeddingsInitializer: initializer('uniform'),
    embeddingsRegularizer: regularizer(),
    embeddingsConstraint: constraint(),
    maskZero: flag(false),
  },
  mask: (_masks, [x], _outputs, { maskZero }) => (maskZero ? notEqual(x!, 0) : undefined),
  call([x], o, at) {
    const table = at.weight('embeddings', [o.inputDim, o.outputDim], {
      initializer: o.embeddingsInitializer,
      regularizer: o.embeddingsRegularizer,
      constraint: o.embeddingsConstraint,
    })
    return gather(table, (x!.dtype === 'int32' || x!.dtype === 'uint8' ? x! : cast(x!, 'int32')) as Indices)
  },
})
