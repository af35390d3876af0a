import { checkNumber } from '../api/build'
import type { Checked, Scalar } from '../ir/shapes'
import { apply, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { addT, divT, mulT, powConstant, subT } from '../ops/arith'
import { expandDimsT } from '../ops/arrange'
import { minimumT } from '../ops/binary'
import { scalarConstant } from '../ops/leaf'
import { meanT } from '../ops/reduce'
import { maximumOp } from '../ops/select'
import { squareT } from '../ops/transcendental'
import { like, sqrtT } from '../ops/unary'
import { movingAverage } from './ema'
import type { Hyper } from './hyper'
import { COMMON, type OptimizerOptions } from './options'
import { optimize, type Rule, type RuleContext } from './optimizer'

/** Options of `adafactor`. */
export interface AdafactorOptions extends OptimizerOptions {
  /** The relative step is at most this, 0.001 by default, and at most 1 / √t. */
  readonly learningRate?: Hyper
  /** The decay of averages is 1 - t^beta2Decay; at most 0, -0.8 by default. */
  readonly beta2Decay?: number
  /** Added to squared gradients, 1e-30 by default. */
  readonly epsilon1?: Hyper
  /** Weights count as at least this large, 0.001 by default. */
  readonly epsilon2?: Hyper
  /** The root of the mean square of a step before it is scaled, at most; 1 by default. */
  readonly clipThreshold?: Hyper
  /** Bounds the rate by 1 / √t. Kept for configurations of Keras, whose formula bounds it either way; true by default. */
  readonly relativeStep?: boolean
}

const rootMeanSquare = (x: Tensor): Tensor =>
  sqrtT(meanT(squareT(x), { axes: x.shape.map((_, i) => i), keepDims: false }))

/** The average of squares: for matrices the product of the averages of their rows and columns, which is all that is kept. */
function averageSquare(squares: Tensor, decay: Tensor, slot: RuleContext['slot']): readonly [Tensor, Update[]] {
  const { shape } = squares
  const rank = shape.length
  if (rank < 2) {
    const v = slot('v')
    const next = movingAverage(v, squares, decay)
    return [next, [[v, next]]]
  }
  const rows = slot('rows', 0, shape.slice(0, -1))
  const columns = slot('columns', 0, [...shape.slice(0, -2), shape.at(-1)!])
  const row = movingAverage(rows, meanT(squares, { axes: [rank - 1], keepDims: false }), decay)
  const column = movingAverage(columns, meanT(squares, { axes: [rank - 2], keepDims: false }), decay)
  const share = divT(row, meanT(row, { axes: [rank - 2], keepDims: true }))
  const product = mulT(expandDimsT(share, [rank - 1]), expandDimsT(column, [rank - 2]))
  return [
    product,
    [
      [rows, row],
      [columns, column],
    ],
  ]
}

export const adafactorRule: Rule<AdafactorOptions> = {
  name: 'adafactor',
  className: 'Adafactor',
  defaults: {
    ...COMMON,
    learningRate: 0.001,
    beta2Decay: -0.8,
    epsilon1: 1e-30,
    epsilon2: 1e-3,
    clipThreshold: 1,
    relativeStep: true,
  },
  check: ({ beta2Decay }) =>
    checkNumber('adafactor', 'beta2Decay', beta2Decay, (v) => Number.isFinite(v) && v <= 0, 'at most 0'),
  hypers: ({ learningRate, epsilon1, epsilon2, clipThreshold }) => ({
    learningRate,
    epsilon1,
    epsilon2,
    clipThreshold,
  }),
  write: ({ weight, gradient, slot, hyper, cast, scalars, step }, { beta2Decay }) => {
    const one = scalarConstant(1, 'float64')
    const decay = subT(one, powConstant(step(), beta2Decay))
    const rate = cast(minimumT(scalars['learningRate']!, divT(one, sqrtT(step()))))
    const scale = mulT(apply(maximumOp, [hyper('epsilon2'), rootMeanSquare(weight)], {}), rate)
    const [spread, slots] = averageSquare(addT(squareT(gradient), hyper('epsilon1')), decay, slot)
    const change = divT(gradient, sqrtT(spread))
    const excess = divT(rootMeanSquare(change), hyper('clipThreshold'))
    const bounded = divT(change, apply(maximumOp, [like(1, excess), excess], {}))
    return { next: subT(weight, mulT(scale, bounded)), slots }
  },
}

/**
 * Adafactor: steps relative to the size of the weights, by averages of squared gradients that matrices keep for rows and
 * columns only (of the last two axes). With R the root of the mean square: w - max(epsilon2, R(w)) min(lr, 1 / √t) u / max(1,
 * R(u) / clipThreshold), u = g / √v. Source: Shazeer & Stern 2018, arXiv:1804.04235.
 */
export function adafactor<V extends Variable, L extends Tensor>(
  loss: Checked<Scalar<'adafactor', L['shape']>, L>,
  variables: readonly V[],
  options: AdafactorOptions = {},
): Update<V>[] {
  return optimize(adafactorRule, loss as Tensor, variables, options) as never
}
