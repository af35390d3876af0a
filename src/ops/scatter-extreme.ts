import { axisOption, callF } from '../ir/formula'
import { GraphError } from '../ir/errors'
import type { LowerContext, Op, Vjp } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { type DType, showType, type TensorType } from '../ir/type'
import { divT } from './arith'
import { HIGHEST } from './extrema'
import {
  type AddAttrs,
  type Falling,
  fallsAlong,
  fallsByRows,
  gatherT,
  indexAddT,
  scatterAddT,
  scattered,
  takeAlongAxisT,
  typeAlong,
  typeByRows,
} from './gather'
import { castTensor } from './promote'
import { LOWEST } from './reduce'
import { equalOp, whereT } from './select'
import { like } from './unary'

export interface ExtremeAttrs extends AddAttrs {
  /** The smallest instead of the largest. */
  readonly smallest: boolean
}

/** What stands where nothing falls: the lowest number of a dtype, or the highest where the smallest is looked for. */
export const nothingOf = (dtype: DType, smallest: boolean): number => (smallest ? HIGHEST : LOWEST)[dtype]

function numbersOf(x: TensorType): TensorType {
  if (x.dtype === 'bool') throw new GraphError(`compares numbers, got ${showType(x)}; cast it to int32`)
  return x
}

type Take = (x: Tensor, indices: Tensor, axis: number) => Tensor
type Add = (x: Tensor, indices: Tensor, attrs: AddAttrs) => Tensor
/** Ties share the gradient equally, as in `max`. */
const shared =
  (take: Take, add: Add): Vjp<ExtremeAttrs> =>
  ({ inputs: [x, indices], output, cotangent, attrs: { axis, extent } }) => {
    const isOne = apply(equalOp, [x!, take(output, indices!, axis)], {})
    const count = add(castTensor(isOne, cotangent.dtype), indices!, { axis, extent })
    return [whereT(isOne, divT(take(cotangent, indices!, axis), take(count, indices!, axis)), like(0, cotangent)), null]
  }

const extreme = <N extends string>(
  name: N,
  type: (x: TensorType, indices: TensorType, attrs: AddAttrs) => TensorType,
  falls: (context: LowerContext<AddAttrs>) => Falling,
  vjp: Vjp<ExtremeAttrs>,
): Op<N, ExtremeAttrs> => ({
  name,
  kind: 'point',
  infer: ([x, indices], attrs) => type(numbersOf(x!), indices!, attrs),
  ranges: (_, { extent }) => [{ input: 1, below: extent }],
  vjp,
  lower: (context) => {
    const { output, attrs } = context
    const init = nothingOf(output.dtype, attrs.smallest)
    return scattered(context, falls(context), { combine: attrs.smallest ? 'min' : 'max', init })
  },
  formula: (operands, { axis, extent, smallest }) =>
    callF(smallest ? name.replace('Max', 'Min') : name, operands, axisOption(axis, extent)),
})

/** The largest, at each position along an axis, of all whose index it is; the lowest number where there is none. */
export const indexMaxOp = extreme('indexMax', typeByRows, fallsByRows, shared(gatherT, indexAddT))

/** The largest of the elements whose index says so along the axis. Indices broadcast elsewhere. */
export const scatterMaxOp = extreme('scatterMax', typeAlong, fallsAlong, shared(takeAlongAxisT, scatterAddT))

export const indexMaxT = (x: Tensor, indices: Tensor, attrs: ExtremeAttrs): Tensor =>
  apply(indexMaxOp, [x, indices], attrs)
export const scatterMaxT = (x: Tensor, indices: Tensor, attrs: ExtremeAttrs): Tensor =>
  apply(scatterMaxOp, [x, indices], attrs)
