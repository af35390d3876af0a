import { flatten } from '../ir/affine'
import { GraphError } from '../ir/errors'
import { callF } from '../ir/formula'
import type { Op } from '../ir/op'
import { call, int, type Scalar } from '../ir/scalar'
import { apply, type Tensor } from '../ir/tensor'
import { isFloat, sameShape, showShape, showType, stridesOf } from '../ir/type'
import { broadcastT } from './broadcast'
import { scatterAddOp, takeAlongAxisT } from './gather'
import { scalarConstant } from './leaf'

export interface SearchAttrs {
  /** Behind those that are equal, instead of before them. */
  readonly right: boolean
}

/**
 * How many elements of a sorted line stand before a value, int32 in the shape of the values: the line is one [n], or there is
 * one for each of the leading dimensions of the values. NaN is the largest. A binary search written out, without a branch.
 */
export const searchSortedOp: Op<'searchSorted', SearchAttrs> = {
  name: 'searchSorted',
  kind: 'point',
  infer: ([sorted, values]) => {
    const lead = sorted!.shape.slice(0, -1)
    const isOne = sorted!.shape.length === 1
    const fits = sorted!.shape.length === values!.shape.length && sameShape(lead, values!.shape.slice(0, -1))
    if (sorted!.shape.length === 0 || !(isOne || fits))
      throw new GraphError(
        `sorted is one line [n], or [..., n] with values [..., m]; got ${showShape(sorted!.shape)} and ${showShape(values!.shape)}`,
      )
    if (sorted!.dtype !== values!.dtype)
      throw new GraphError(`needs operands of one dtype, got ${showType(sorted!)} and ${showType(values!)}`)
    return { dtype: 'int32', shape: values!.shape }
  },
  vjp: null,
  bound: ([sorted]) => sorted!.shape.at(-1)! + 1,
  lower: ({ inputs: [sorted], index, attrs: { right }, read, readFlat }) => {
    const n = sorted!.shape.at(-1)!
    if (n === 0) return { value: int(0) }
    const value = read(1, index)
    const lead = sorted!.shape.length - 1
    const line = flatten(index.slice(0, lead), stridesOf(sorted!.shape).slice(0, lead))
    let count: Scalar = int(0)
    for (let step = 2 ** Math.floor(Math.log2(n)); step >= 1; step /= 2) {
      const more = call('add', count, int(step))
      // Where there are not so many, it is held within the line and not taken.
      const held = call('min', call('add', count, int(step - 1)), int(n - 1))
      const stands = standsBefore(readFlat(0, line, held), value, right)
      count = call('select', call('and', call('le', more, int(n)), stands), more, count)
    }
    return { value: count }
  },
  formula: (operands, { right }) => callF('searchSorted', operands, ...(right ? ['right'] : [])),
}

function standsBefore(element: Scalar, value: Scalar, right: boolean): Scalar {
  if (!isFloat(element.dtype)) return call(right ? 'le' : 'lt', element, value)
  if (right) return call('or', call('le', element, value), call('ne', value, value))
  return call('and', call('not', call('le', value, element)), call('eq', element, element))
}

export interface BincountAttrs {
  readonly length: number
}

/** How often each number below a length stands along the last axis, or the sum of the weights that stand with it. */
export const bincountOp: Op<'bincount', BincountAttrs> = {
  name: 'bincount',
  kind: 'composite',
  movesGradient: true,
  infer: ([x, weights], { length }) => {
    if (x!.dtype !== 'int32' && x!.dtype !== 'uint8')
      throw new GraphError(`counts int32 or uint8, got ${showType(x!)}; cast it`)
    if (x!.shape.length === 0) throw new GraphError('a scalar has no axis to count along')
    if (weights && !sameShape(weights.shape, x!.shape))
      throw new GraphError(`weights ${showShape(weights.shape)} must be ${showShape(x!.shape)}, one for each number`)
    if (weights && !isFloat(weights.dtype) && weights.dtype !== 'int32')
      throw new GraphError(`weights are floats or int32, got ${weights.dtype}; cast them`)
    return { dtype: weights?.dtype ?? 'int32', shape: [...x!.shape.slice(0, -1), length] }
  },
  ranges: (_, { length }) => [{ input: 0, below: length }],
  vjp: ({ inputs: [x], cotangent }) => [null, takeAlongAxisT(cotangent, x!, x!.shape.length - 1)],
  expand: ([x, weights], { length }) => {
    const each = weights ?? broadcastT(scalarConstant(1, 'int32'), x!.shape)
    return apply(scatterAddOp, [each, x!], { axis: x!.shape.length - 1, extent: length })
  },
  formula: (operands, { length }) => callF('bincount', operands, length),
}

export const searchSortedT = (sorted: Tensor, values: Tensor, right: boolean): Tensor =>
  apply(searchSortedOp, [sorted, values], { right })
export const bincountT = (operands: readonly Tensor[], length: number): Tensor =>
  apply(bincountOp, operands, { length })
