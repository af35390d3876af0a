import { checkNumber } from '../api/build'
import { abs, squaredDifference } from '../api/elementary'
import { cosineSimilarity as cosine, huber as huberValues, logCosh as logCoshValues } from '../api/losses'
import { add, div, log, maximum, mul, neg, sub } from '../api/math'
import { mean } from '../api/reduce'
import type { Tensor } from '../ir/tensor'
import { aligned } from './align'
import { EPSILON } from './epsilon'
import { lossClass } from './loss'

// Target and prediction [B, ..., n] give [B, ...], the mean over the last axis. Formulas: Keras 3, losses/losses.py.

const last = { axis: -1 } as const
/** A loss that is the mean of a function of each element. */
const pointwise = (className: string, name: string, each: (y: Tensor, p: Tensor) => Tensor) =>
  lossClass({
    className,
    name,
    defaults: {},
    values: (target, prediction) => mean(each(...aligned(className, target, prediction)), last),
  })

/** Mean of (p - y)². */
export const meanSquaredError = pointwise('MeanSquaredError', 'mean_squared_error', (y, p) => squaredDifference(p, y))
/** Mean of |p - y|. */
export const meanAbsoluteError = pointwise('MeanAbsoluteError', 'mean_absolute_error', (y, p) => abs(sub(p, y)))
/** Mean of 100 |y - p| / max(|y|, 1e-7). */
export const meanAbsolutePercentageError = pointwise(
  'MeanAbsolutePercentageError',
  'mean_absolute_percentage_error',
  (y, p) => mul(abs(div(sub(y, p), maximum(abs(y), EPSILON))), 100),
)
/** Mean of (log(1 + p) - log(1 + y))², both at least 1e-7. */
export const meanSquaredLogarithmicError = pointwise(
  'MeanSquaredLogarithmicError',
  'mean_squared_logarithmic_error',
  (y, p) => {
    const logOf = (x: Tensor): Tensor => log(add(maximum(x, EPSILON), 1))
    return squaredDifference(logOf(p), logOf(y))
  },
)
/** Mean of log(cosh(p - y)). */
export const logCosh = pointwise('LogCosh', 'log_cosh', (y, p) => logCoshValues(p, y))

/** Mean of d² / 2 for a difference d up to `delta` (1 by default), of delta |d| - delta² / 2 beyond. */
export const huber = lossClass({
  className: 'Huber',
  name: 'huber_loss',
  defaults: { delta: 1 },
  check: ({ delta }) => checkNumber('Huber', 'delta', delta, (v) => v > 0, 'a positive number'),
  values: (target, prediction, { delta }) => {
    const [y, p] = aligned('Huber', target, prediction)
    return mean(huberValues(p, y, { delta }), last)
  },
})

/** Minus the cosine between target and prediction along `axis`, the last by default; lengths are at least 1e-7. */
export const cosineSimilarity = lossClass({
  className: 'CosineSimilarity',
  name: 'cosine_similarity',
  defaults: { axis: -1 },
  values: (target, prediction, { axis }) => {
    const [y, p] = aligned('CosineSimilarity', target, prediction)
    return neg(cosine(y, p, { axis, epsilon: EPSILON }))
  },
})
