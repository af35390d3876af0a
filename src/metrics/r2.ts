import { checkNumber } from '../api/build'
import { squaredDifference } from '../api/elementary'
import { fill } from '../api/leaf'
import { isInf } from '../api/logic'
import { add, cast, div, less, mul, sub, where } from '../api/math'
import { mean, sum } from '../api/reduce'
import { any, countNonZero } from '../api/statistics'
import { GraphError } from '../ir/errors'
import { explained, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { aligned, stretched } from '../losses/align'
import { metricClass, type States, sums } from './metric'

const AGGREGATIONS = ['uniformAverage', 'varianceWeightedAverage', null] as const
type Aggregation = (typeof AGGREGATIONS)[number]
const PER_CLASS = ['squaredSum', 'sum', 'residual', 'count'] as const

/**
 * 1 - sum((y - p)²) / sum((y - mean(y))²) of each output of [B, outputs], 0 where that is infinite: the mean of them, or with
 * `classAggregation` weighted by the variances, or null, a vector. With `numRegressors` k the score is adjusted to 1 - (1 - R²)
 * (n - 1) / (n - k - 1) for n samples of weight other than 0, where n is above k + 1.
 */
export const r2Score = metricClass<{ classAggregation: Aggregation; numRegressors: number }>({
  className: 'R2Score',
  name: 'r2_score',
  defaults: { classAggregation: 'uniformAverage', numRegressors: 0 },
  check: ({ classAggregation, numRegressors }) => {
    if (!AGGREGATIONS.includes(classAggregation))
      throw new GraphError(
        `R2Score: classAggregation must be one of ${AGGREGATIONS.map(String).join(', ')}, it is ${String(classAggregation)}`,
      )
    checkNumber('R2Score', 'numRegressors', numRegressors, (v) => Number.isInteger(v) && v >= 0, 'a whole number from 0') // prettier-ignore
  },
  states: (_target, { shape }) => [...sums([shape[1] ?? 1], ...PER_CLASS), ...sums([], 'numSamples')],
  update: (states, { target, prediction, weight }) => {
    const [y, p] = aligned('R2Score', target, prediction).map((t) => cast(t, 'float64')) as [Tensor, Tensor]
    if (p.shape.length !== 2)
      throw explained('R2Score', `the prediction must be [samples, outputs], it is ${showShape(p.shape)}`, [prediction])
    const weights = weight
      ? stretched('R2Score', 'the weight', cast(weight, 'float64'), p)
      : fill(p.shape, 1, { dtype: 'float64' })
    const total = (t: Tensor): Tensor => sum(mul(t, weights), { axis: 0 })
    const samples = weight ? cast(countNonZero(any(weights, { axis: 1 })), 'float64') : p.shape[0]!
    return {
      squaredSum: add(states['squaredSum']!, total(mul(y, y))),
      sum: add(states['sum']!, total(y)),
      residual: add(states['residual']!, total(squaredDifference(y, p))),
      count: add(states['count']!, sum(weights, { axis: 0 })),
      numSamples: add(states['numSamples']!, samples),
    }
  },
  result: (states, { classAggregation, numRegressors }) => {
    const score = aggregated(states, classAggregation)
    if (numRegressors === 0) return score
    const most = sub(states['numSamples']!, 1)
    const adjusted = sub(1, div(mul(sub(1, score), most), sub(most, numRegressors)))
    return where(less(numRegressors, most), adjusted, score)
  },
})

function aggregated(states: States, aggregation: Aggregation): Tensor {
  const { squaredSum, sum: total, residual, count } = states as Readonly<Record<(typeof PER_CLASS)[number], Tensor>>
  const spread = sub(squaredSum, mul(total, div(total, count)))
  const raw = sub(1, div(residual, spread))
  const scores = where(isInf(raw), 0, raw)
  if (aggregation === null) return scores
  if (aggregation === 'uniformAverage') return mean(scores)
  return div(sum(mul(spread, scores)), sum(spread))
}
