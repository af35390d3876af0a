import { squaredDifference } from '../api/elementary'
import { cosineSimilarity as cosine } from '../api/losses'
import { add, div, mul, sqrt, square, sub } from '../api/math'
import { mean } from '../api/reduce'
import { std, variance } from '../api/statistics'
import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { aligned } from '../losses/align'
import { EPSILON } from '../losses/epsilon'
import { meanClass } from './mean'

const checkAxis = (className: string, axis: number): void => {
  if (!Number.isInteger(axis)) throw new GraphError(`${className}: axis must be a whole number, it is ${String(axis)}`)
}
/** The mean of what an axis, the last by default, of target and prediction gives. */
const alongAxis = (className: string, name: string, of: (y: Tensor, p: Tensor, axis: number) => Tensor) =>
  meanClass({
    className,
    name,
    defaults: { axis: -1 },
    check: ({ axis }) => checkAxis(className, axis),
    values: (target, prediction, { axis }) => ({ values: of(...aligned(className, target, prediction), axis) }),
  })

/** The root of the mean of squared differences of all elements. */
export const rootMeanSquaredError = meanClass({
  className: 'RootMeanSquaredError',
  name: 'root_mean_squared_error',
  defaults: {},
  values: (target, prediction) => {
    const [y, p] = aligned('RootMeanSquaredError', target, prediction)
    return { values: squaredDifference(p, y) }
  },
  result: sqrt,
})

/** The mean of the cosine between target and prediction along `axis`, the last by default: 1 where they point one way. */
export const cosineSimilarity = alongAxis('CosineSimilarity', 'cosine_similarity', (y, p, axis) =>
  cosine(y, p, { axis, epsilon: EPSILON }),
)

/** The mean of the correlation along `axis`, the last by default; NaN where either does not vary. */
export const pearsonCorrelation = alongAxis('PearsonCorrelation', 'pearson_correlation', (y, p, axis) => {
  const along = { axis, keepDims: true } as const
  const standard = (x: Tensor): Tensor => div(sub(x, mean(x, along)), std(x, along))
  return mean(mul(standard(y), standard(p)), { axis })
})

/**
 * The mean along `axis`, the last by default, of 2 cov(y, p) / (var(y) + var(p) + (mean(y) - mean(p))² + 1e-7). Source: Lin
 * 1989, "A concordance correlation coefficient to evaluate reproducibility".
 */
export const concordanceCorrelation = alongAxis('ConcordanceCorrelation', 'concordance_correlation', (y, p, axis) => {
  const along = { axis, keepDims: true } as const
  const [yMean, pMean] = [mean(y, along), mean(p, along)]
  const covariance = mul(sub(y, yMean), sub(p, pMean))
  const norm = add(add(variance(y, along), variance(p, along)), square(sub(yMean, pMean)))
  return mean(div(mul(covariance, 2), add(norm, EPSILON)), { axis })
})
