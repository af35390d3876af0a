import { cast, mul } from '../../api/math'
import { isFloat } from '../../ir/type'
import { sum } from '../../api/reduce'
import { requireIndices } from '../../api/indexing'
import { explained, type Tensor } from '../../ir/tensor'
import { expandDimsT } from '../../ops/arrange'
import { type DType, showShape } from '../../ir/type'
import { maxT, oneHotT } from '../../ops/reduce'
import { reshapeT } from '../../ops/view'

/** How whole numbers appear: as they are, or as rows of `depth` numbers. */
export type Encoding = 'int' | 'oneHot' | 'multiHot' | 'count'

/**
 * Whole numbers from 0 to depth - 1 as rows: `oneHot` gives [..., depth] of [...], or of [..., 1]; `multiHot` and `count` give
 * [..., depth] of samples [..., n]. Weights, in the shape of the numbers, are what each counts. A number out of range is an
 * error of the call that runs the graph.
 */
export function encoded(
  where: string,
  numbers: Tensor,
  mode: Encoding,
  depth: number,
  dtype: DType,
  weights?: Tensor,
): Tensor {
  requireIndices(where, numbers)
  if (mode === 'int') return cast(numbers, 'int32')
  const x = numbers.shape.length === 0 ? reshapeT(numbers, [1]) : numbers
  if (mode === 'oneHot') {
    const isColumn = x.shape.length > 1 && x.shape.at(-1) === 1
    return oneHotT(isColumn ? reshapeT(x, x.shape.slice(0, -1)) : x, depth, dtype, true)
  }
  const axis = x.shape.length - 1
  if (x.shape[axis] === 0) throw explained(where, `the last axis of ${showShape(x.shape)} holds no numbers`, [numbers])
  const each = oneHotT(x, depth, weights && isFloat(weights.dtype) ? weights.dtype : dtype, true)
  if (mode === 'multiHot') return maxT(each, { axes: [axis], keepDims: false })
  return sum(weights ? mul(each, expandDimsT(weights, [axis + 1])) : each, { axis })
}
