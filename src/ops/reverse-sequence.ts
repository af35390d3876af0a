import { GraphError } from '../ir/errors'
import { axisOption, callF } from '../ir/formula'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { showShape, showType } from '../ir/type'
import { subT } from './arith'
import { takeAlongAxisT } from './gather'
import { iotaT } from './iota'
import { castTensor } from './promote'
import { scalarConstant } from './leaf'
import { lessT, whereT } from './select'
import { reshapeT } from './view'

export interface SequenceAttrs {
  readonly axis: number
  readonly batchAxis: number
}

/** The first elements along an axis in reverse, as many as the length of each sequence says; the rest stays. */
export const reverseSequenceOp: Op<'reverseSequence', SequenceAttrs> = {
  name: 'reverseSequence',
  kind: 'composite',
  keepsFormula: true,
  movesGradient: true,
  infer: ([x, lengths], { axis, batchAxis }) => {
    if (axis === batchAxis) throw new GraphError(`axis and batchAxis are both ${axis} of ${showShape(x!.shape)}`)
    if (lengths!.dtype !== 'int32' && lengths!.dtype !== 'uint8')
      throw new GraphError(`lengths must be int32 or uint8, they are ${showType(lengths!)}; cast them`)
    const batch = x!.shape[batchAxis]!
    if (lengths!.shape.length !== 1 || lengths!.shape[0] !== batch)
      throw new GraphError(
        `lengths ${showShape(lengths!.shape)} must be [${batch}], one for each of axis ${batchAxis} of ${showShape(x!.shape)}`,
      )
    return x!
  },
  ranges: ([x], { axis }) => [{ input: 1, below: x!.shape[axis]! + 1 }],
  // Reversed twice, everything is back in its place.
  vjp: ({ inputs: [, lengths], cotangent, attrs }) => [apply(reverseSequenceOp, [cotangent, lengths!], attrs), null],
  expand: ([x, lengths], { axis, batchAxis }) => {
    const along = (i: number): number[] => x!.shape.map((d, k) => (k === i ? d : 1))
    const here = reshapeT(iotaT(x!.shape[axis]!), along(axis))
    const length = reshapeT(castTensor(lengths!, 'int32'), along(batchAxis))
    const mirrored = subT(subT(length, scalarConstant(1, 'int32')), here)
    return takeAlongAxisT(x!, whereT(lessT(here, length), mirrored, here), axis)
  },
  formula: (operands, { axis }) => callF('reverseSequence', operands, axisOption(axis)),
}

export const reverseSequenceT = (x: Tensor, lengths: Tensor, attrs: SequenceAttrs): Tensor =>
  apply(reverseSequenceOp, [x, lengths], attrs)
