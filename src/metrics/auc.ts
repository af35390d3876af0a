import { slice } from '../api/arrange'
import { checkNumber } from '../api/build'
import { clip } from '../api/elementary'
import { constant } from '../api/leaf'
import { logicalAnd } from '../api/logic'
import { add, div, equal, greater, log, maximum, minimum, mul, sigmoid, sub, where } from '../api/math'
import { mean, sum } from '../api/reduce'
import { divNoNan } from '../api/special-values'
import { GraphError } from '../ir/errors'
import { explained, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { EPSILON } from '../losses/epsilon'
import { toFloat } from '../ops/promote'
import { type Cell, counted, evenThresholds, rate } from './confusion'
import { metricClass, type States, sums } from './metric'

const CURVES = ['ROC', 'PR', 'PRGAIN'] as const
const METHODS = ['interpolation', 'minoring', 'majoring'] as const
const CELLS: readonly Cell[] = ['truePositives', 'falsePositives', 'trueNegatives', 'falseNegatives']

const DEFAULTS = {
  numThresholds: 200,
  curve: 'ROC' as (typeof CURVES)[number],
  summationMethod: 'interpolation' as (typeof METHODS)[number],
  /** In place of `numThresholds`: those between 0 and 1. */
  thresholds: null as readonly number[] | null,
  multiLabel: false,
  numLabels: null as number | null,
  labelWeights: null as readonly number[] | null,
  fromLogits: false,
}
type Options = typeof DEFAULTS

/**
 * The area under a curve through so many points: of recall over the rate of false positives (ROC), of precision over recall
 * (PR), or of their gains (PRGAIN). `summationMethod`: heights between points are their mean, the smaller or the larger; for PR
 * 'interpolation' is that of Davis and Goadrich 2006, "The relationship between Precision-Recall and ROC curves". With
 * `multiLabel` the mean, weighted by `labelWeights`, of the areas of each label of [B, labels]; else `labelWeights` weigh
 * elements. Predictions are probabilities, or logits with `fromLogits`.
 */
export const auc = metricClass({
  className: 'AUC',
  name: 'auc',
  defaults: DEFAULTS,
  check: checkOptions,
  states: (_target, prediction, options) => {
    const { length } = thresholdsOf(options)
    if (!options.multiLabel) return sums([length], ...CELLS)
    const [, labels] = prediction.shape
    if (prediction.shape.length !== 2 || labels !== (options.numLabels ?? labels))
      throw explained(
        'AUC',
        `with multiLabel the prediction must be [samples, ${options.numLabels ?? 'labels'}], it is ${showShape(prediction.shape)}`,
        [prediction],
      )
    const { labelWeights } = options
    if (labelWeights !== null && labelWeights.length !== labels)
      throw explained('AUC', `there are ${labelWeights.length} labelWeights for ${labels} labels`, [prediction])
    return sums([length, labels!], ...CELLS)
  },
  update: (states, { target, prediction, weight }, options) => {
    const p = toFloat(prediction)
    const within = options.fromLogits ? sigmoid(p) : clip(p, 0, 1)
    return counted('AUC', CELLS, states, { target, prediction: within, weight }, {
      thresholds: thresholdsOf(options),
      multiLabel: options.multiLabel,
      labelWeights: options.multiLabel ? null : options.labelWeights,
    }) // prettier-ignore
  },
  result: (states, options) => {
    const { curve, summationMethod, multiLabel, labelWeights } = options
    const parts =
      curve === 'PR' && summationMethod === 'interpolation' ? interpolated(states) : trapezoids(states, options)
    if (!multiLabel) return sum(parts)
    const areas = sum(parts, { axis: 0 })
    if (labelWeights === null) return mean(areas)
    const weights = constant(labelWeights, { dtype: 'float64' })
    return divNoNan(sum(mul(areas, weights)), sum(weights))
  },
})

function checkOptions(options: Options): void {
  const { numThresholds, curve, summationMethod, thresholds, multiLabel, numLabels } = options
  checkNumber('AUC', 'numThresholds', numThresholds, (v) => Number.isInteger(v) && v > 1, 'a whole number from 2')
  if (!CURVES.includes(curve)) throw new GraphError(`AUC: curve must be one of ${CURVES.join(', ')}, it is ${String(curve)}`) // prettier-ignore
  if (!METHODS.includes(summationMethod))
    throw new GraphError(`AUC: summationMethod must be one of ${METHODS.join(', ')}, it is ${String(summationMethod)}`)
  if (thresholds !== null && !thresholds.every((t) => t >= 0 && t <= 1))
    throw new GraphError(`AUC: thresholds must be from 0 to 1, they are ${JSON.stringify(thresholds)}`)
  if (numLabels !== null && !multiLabel) throw new GraphError('AUC: numLabels is for multiLabel: true')
}

/** The ends lie outside, so that a prediction of 0 is above the first and one of 1 not above the last. */
function thresholdsOf({ numThresholds, thresholds }: Options): readonly number[] {
  const inner = thresholds ? [...thresholds].sort((a, b) => a - b) : evenThresholds(numThresholds).slice(1, -1)
  return [-EPSILON, ...inner, 1 + EPSILON]
}

/** All points but the last, and all but the first. */
const neighbours = (x: Tensor): readonly [before: Tensor, after: Tensor] => [
  slice(x, [{ end: x.shape[0]! - 1 }]),
  slice(x, [{ start: 1 }]),
]

function trapezoids(states: States, { curve, summationMethod }: Options): Tensor {
  const [x, y] = pointsOf(states, curve)
  const [[x0, x1], [y0, y1]] = [neighbours(x), neighbours(y)]
  const heights =
    summationMethod === 'interpolation'
      ? div(add(y0, y1), 2)
      : summationMethod === 'minoring'
        ? minimum(y0, y1)
        : maximum(y0, y1)
  return mul(sub(x0, x1), heights)
}

function pointsOf(states: States, curve: Options['curve']): readonly [x: Tensor, y: Tensor] {
  const { truePositives, falsePositives, trueNegatives, falseNegatives } = states as Readonly<Record<Cell, Tensor>>
  const recall = rate(truePositives, falseNegatives)
  if (curve === 'ROC') return [rate(falsePositives, trueNegatives), recall]
  if (curve === 'PR') return [recall, rate(truePositives, falsePositives)]
  // Flach and Kull 2015, "Precision-Recall-Gain curves": 1 - (p / n) (errors / true positives).
  const odds = divNoNan(add(truePositives, falseNegatives), add(trueNegatives, falsePositives))
  const none = equal(truePositives, 0)
  const gain = (errors: Tensor, atNone: number): Tensor =>
    where(none, atNone, sub(1, mul(odds, divNoNan(errors, truePositives))))
  return [maximum(gain(falseNegatives, 0), 0), gain(falsePositives, 1)]
}

/** Between points true positives grow in proportion to what is predicted; the area under the precision that gives. */
function interpolated(states: States): Tensor {
  const { truePositives, falsePositives, falseNegatives } = states as Readonly<Record<Cell, Tensor>>
  const [t0, t1] = neighbours(truePositives)
  const [p0, p1] = neighbours(add(truePositives, falsePositives))
  const slope = divNoNan(sub(t0, t1), maximum(sub(p0, p1), 0))
  const intercept = sub(t1, mul(slope, p1))
  const isBoth = logicalAnd(greater(p0, 0), greater(p1, 0))
  const ratio = where(isBoth, divNoNan(p0, p1), 1)
  const grown = mul(slope, add(sub(t0, t1), mul(intercept, log(ratio))))
  return divNoNan(grown, add(t1, neighbours(falseNegatives)[1]))
}
