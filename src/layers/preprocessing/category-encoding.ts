import { GraphError } from '../../ir/errors'
import { explained } from '../../ir/tensor'
import { sameShape } from '../../ir/type'
import { defineLayer } from '../layer'
import { choice, flag, integer, required } from '../option'
import { encoded } from './encode'

/**
 * Whole numbers from 0 to numTokens - 1 as rows of numTokens numbers: [..., n] gives [..., numTokens] by `multiHot` (1 for
 * each number that is there) and `count` (how often), [..., n, numTokens] by `oneHot`, or [..., numTokens] of [..., 1]. With
 * `count`, a second input in the shape of the first has what each number counts.
 */
export const categoryEncoding = defineLayer({
  className: 'CategoryEncoding',
  name: 'category_encoding',
  options: {
    numTokens: required(integer()),
    outputMode: choice(['multiHot', 'oneHot', 'count'], 'multiHot'),
    sparse: flag(false),
  },
  arity: { least: 1, most: 2 },
  check({ sparse }, where) {
    if (sparse) throw new GraphError(`${where}: tensors here are dense; leave sparse out`)
  },
  call([x, weights], { numTokens, outputMode }) {
    if (weights && outputMode !== 'count')
      throw explained('CategoryEncoding', `weights are for outputMode 'count', it is '${outputMode}'`, [x!, weights])
    if (weights && !sameShape(weights.shape, x!.shape))
      throw explained('CategoryEncoding', 'weights have the shape of the numbers', [x!, weights])
    return encoded('CategoryEncoding', x!, outputMode, numTokens, 'float32', weights)
  },
})
