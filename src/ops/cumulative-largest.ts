import { addScaled, type Axis, axisIndex, constIndex } from '../ir/affine'
import type { Stmt } from '../ir/loop'
import type { Op } from '../ir/op'
import { axisValue, call, castTo, int, type Scalar } from '../ir/scalar'
import { changing, elementAt, loopOver, loopOverRows, name, storeAt, when } from '../ir/statement'
import { apply, type Tensor } from '../ir/tensor'
import { isFloat, type TensorType } from '../ir/type'
import { addT, mulT, subT } from './arith'
import { columnsOf, linearRecurrenceT, linesOf, previousT, type RunAttrs, runFormula, turned } from './cumulative'
import { takeAlongAxisT } from './gather'
import { isFiniteOp } from './logic'

import { equalOp, whereT } from './select'
import { stopT } from './stop'
import { expT, floats, like, logT } from './unary'

export interface ExtremeAttrs extends RunAttrs {
  readonly smallest: boolean
}

/** Values as they are compared: bytes as int32. */
const keyDtype = ({ dtype }: TensorType) => (isFloat(dtype) ? dtype : 'int32')

/** Whether a takes the place of b: a NaN that of any number, and nothing that of a NaN. */
function isBetter(a: Scalar, b: Scalar, smallest: boolean): Scalar {
  const [low, high] = smallest ? [a, b] : [b, a]
  if (!isFloat(a.dtype)) return call('lt', low, high)
  return call('and', call('not', call('le', high, low)), call('eq', b, b))
}

/**
 * At each place the position (int32) of the largest, or the smallest, of all up to it along an axis; the first on the way of
 * those that are equal. From a NaN on it is that of the first NaN.
 */
export const cumArgMaxOp: Op<'cumArgMax', ExtremeAttrs> = {
  name: 'cumArgMax',
  kind: 'loops',
  infer: ([x]) => ({ dtype: 'int32', shape: x!.shape }),
  vjp: null,
  bound: ([x], { axis }) => x!.shape[axis]!,
  workspace: ([x], attrs) => columnsOf(x!, attrs, keyDtype(x!)),
  loops: ({ inputs: [x], output, attrs, operands: [values], result, workspace }) => {
    const lines = linesOf(output, attrs)
    const { extent, inner } = lines
    const place = (k: Scalar): Scalar => (attrs.reverse ? call('sub', int(extent - 1), k) : k)
    const key = (element: Scalar): Scalar => castTo(keyDtype(x!), element)
    const start = constIndex(0)
    return loopOver('i', lines.outer, (outer): Stmt[] => {
      const [from, to] = lines.rows([values!, result], outer, 0)
      if (inner === 1) {
        const best = changing('best', key(elementAt(values!, from!.from!)))
        const at = changing('at', place(int(0)))
        const steps = loopOverRows('k', extent, [from!, to!], ([p, q], k) => {
          const value = name('value', key(elementAt(values!, start, undefined, p)))
          const takes = [best.to(value.value), at.to(place(axisValue(k)))]
          return [
            value.set,
            when(isBetter(value.value, best.value, attrs.smallest), takes),
            storeAt(result, start, at.value, undefined, q),
          ]
        })
        return [best.set, at.set, ...steps]
      }
      const column = (j: Axis) => addScaled(from!.from!, axisIndex(j), 1)
      const rows = [...lines.rows([values!, result], outer, 1), to!]
      return [
        ...loopOver('j', inner, (j) => [
          storeAt(workspace!, axisIndex(j), key(elementAt(values!, column(j)))),
          storeAt(result, column(j), place(int(0))),
        ]),
        ...loopOverRows('k', extent - 1, rows, ([p, q, before], k) =>
          loopOver('j', inner, (j) => {
            const here = axisIndex(j)
            const value = name('value', key(elementAt(values!, here, undefined, p)))
            const at = changing('at', elementAt(result, here, undefined, before))
            const best = elementAt(workspace!, here)
            const takes = [storeAt(workspace!, here, value.value), at.to(place(call('add', axisValue(k), int(1))))]
            return [
              value.set,
              at.set,
              when(isBetter(value.value, best, attrs.smallest), takes),
              storeAt(result, here, at.value, undefined, q),
            ]
          }),
        ),
      ]
    })
  },
  formula: ([x], { smallest, ...attrs }) => runFormula(smallest ? 'cumArgMin' : 'cumArgMax')([x!], attrs),
}

export const cumArgMaxT = (x: Tensor, attrs: ExtremeAttrs): Tensor => apply(cumArgMaxOp, [x], attrs)

const isNothing = (y: Tensor): Tensor => apply(equalOp, [y, like(-Infinity, y)], {})
const orZero = (condition: Tensor, y: Tensor): Tensor => whereT(condition, like(0, y), y)

/**
 * log(sum(exp(x))) of all up to each place. The sum is kept relative to the largest so far: a recurrence, whose factors are
 * at most 1. The gradient, sum of g exp(x[j] - y[i]) over i from j on, is one in exp(y[j] - y[j + 1]), likewise at most 1. Of
 * -Infinity alone it is -Infinity, with gradient 0.
 */
export const logCumSumExpOp: Op<'logCumSumExp', RunAttrs> = {
  name: 'logCumSumExp',
  kind: 'composite',
  infer: ([x]) => ({ dtype: floats([x!]), shape: x!.shape }),
  vjp: ({ inputs: [x], output, cotangent, attrs }) => {
    const back = turned(attrs)
    const none = isNothing(output)
    const y = orZero(none, output)
    // Infinity behind the last: the factor there is 0.
    const factors = orZero(none, expT(subT(y, previousT(y, back, Infinity))))
    return [mulT(expT(subT(x!, y)), linearRecurrenceT(factors, cotangent, back))]
  },
  expand: ([x], attrs) => {
    const largest = stopT(takeAlongAxisT(x!, cumArgMaxT(x!, { ...attrs, smallest: false }), attrs.axis))
    const shift = whereT(apply(isFiniteOp, [largest], {}), largest, like(0, x!))
    const before = isNothing(previousT(largest, attrs, -Infinity))
    const factors = orZero(before, expT(subT(previousT(shift, attrs, 0), shift)))
    return addT(logT(linearRecurrenceT(factors, expT(subT(x!, shift)), attrs)), shift)
  },
  formula: runFormula('logCumSumExp'),
}
