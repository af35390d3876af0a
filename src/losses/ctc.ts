import { concat, expandDims, slice, stack } from '../api/arrange'
import { range } from '../api/create'
import { takeAlongAxis } from '../api/indexing'
import { fill } from '../api/leaf'
import { logicalAnd, logicalOr } from '../api/logic'
import { add, cast, equal, mul, neg, notEqual, sub, where } from '../api/math'
import { logSoftmax } from '../api/nn'
import { scan } from '../api/scan'
import { reshape } from '../api/shape'
import { countNonZero, logSumExp } from '../api/statistics'
import { explained, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { toFloat } from '../ops/promote'
import { lossClass } from './loss'

type Labels = Tensor<readonly number[], 'int32'>

/**
 * -log of the probability that a sequence of labels comes out of logits [B, T, K] by any alignment, [B]: each step says a label
 * or the blank, class 0, and what it says twice in a row counts once. Labels [B, L] are class numbers, followed by zeros where a
 * sequence is shorter. Infinity where T steps cannot say the labels. Source: Graves et al. 2006, "Connectionist temporal
 * classification", forward variables (6) to (8), in logarithms.
 */
export const ctc = lossClass({
  className: 'CTC',
  name: 'ctc',
  defaults: {},
  values: (target, prediction) => {
    const [batch, length] = target.shape
    const [rows, , classes] = prediction.shape
    if (target.shape.length !== 2 || prediction.shape.length !== 3 || batch !== rows)
      throw explained(
        'CTC',
        `needs labels [B, L] and logits [B, T, K], not ${showShape(target.shape)} and ${showShape(prediction.shape)}`,
        [target, prediction],
      )
    if (classes! < 2) throw explained('CTC', 'needs the blank and one class or more', [prediction])
    const labels = cast(target, 'int32') as Labels
    const places = 2 * length! + 1
    const said = withBlanks(labels, places)
    // A label may follow another one at once, without a blank between them, unless they are the same.
    const skips = logicalAnd(notEqual(said, 0), notEqual(said, moved(said, 2, 0)))
    const logs = takeAlongAxis(logSoftmax(toFloat(prediction)), expandDims(said, 1) as Labels)
    const place = range(0, places)
    const ends = mul(reshape(countNonZero(labels, { axis: 1 }), [batch!, 1]), 2)
    const isEnd = logicalOr(equal(place, ends), equal(place, sub(ends, 1)))
    const first = where(equal(place, 0), fill([batch!, places], 0, { dtype: logs.dtype }), -Infinity)
    const { carry } = scan({
      carry: { forward: first },
      over: { now: logs },
      axis: 1,
      step: ({ forward }: { readonly forward: Tensor }, { now }: { readonly now: Tensor }) => {
        const [one, two] = [moved(forward, 1, -Infinity), moved(forward, 2, -Infinity)]
        const before = stack([forward, one, where(skips, two, -Infinity)], { axis: 0 })
        return { carry: { forward: add(logSumExp(before, { axis: 0 }), now) } }
      },
    })
    return neg(logSumExp(where(isEnd, carry.forward, -Infinity), { axis: 1 }))
  },
})

/** Labels with the blank before, between and after them. */
function withBlanks(labels: Labels, places: number): Labels {
  const [batch, length] = labels.shape as readonly [number, number]
  const blanks = fill([batch, length], 0, { dtype: 'int32' })
  const pairs = reshape(stack([blanks, labels], { axis: 2 }), [batch, places - 1])
  return concat([pairs, fill([batch, 1], 0, { dtype: 'int32' })], { axis: 1 })
}

/** Rows moved to the right by a few places, which are filled. */
function moved(x: Tensor, by: number, value: number): Tensor {
  const [batch, places] = x.shape as readonly [number, number]
  const count = Math.min(by, places)
  const front = fill([batch, count], value, { dtype: x.dtype })
  return concat([front, slice(x, [null, { end: places - count }])], { axis: 1 })
}
