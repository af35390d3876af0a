import { checkNumber } from '../api/build'
import { abs } from '../api/elementary'
import { logicalAnd } from '../api/logic'
import { add, cast, greater, greaterEqual, mul, sub } from '../api/math'
import { max, mean, sum } from '../api/reduce'
import { divNoNan } from '../api/special-values'
import { GraphError } from '../ir/errors'
import { explained, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { aligned, stretched } from '../losses/align'
import { rate } from './confusion'
import { type Batch, metricClass, type States, sums } from './metric'

const AVERAGES = [null, 'micro', 'macro', 'weighted'] as const
type Average = (typeof AVERAGES)[number]
const KEPT = ['truePositives', 'falsePositives', 'falseNegatives', 'intermediateWeights'] as const

interface Score {
  readonly average: Average
  readonly threshold: number | null
  readonly beta: number
}

/** The rules of both scores, which differ in what may be asked for. */
const rulesOf = (className: string) => ({
  check: ({ average, threshold, beta }: Score): void => {
    if (!AVERAGES.includes(average))
      throw new GraphError(
        `${className}: average must be one of ${AVERAGES.map(String).join(', ')}, it is ${String(average)}`,
      )
    checkNumber(className, 'beta', beta, (v) => v > 0, 'a positive number')
    if (threshold !== null)
      checkNumber(className, 'threshold', threshold, (v) => v > 0 && v <= 1, 'above 0 and at most 1, or null')
  },
  states: (_target: Tensor, prediction: Tensor, { average }: Score) => {
    const { shape } = prediction
    if (shape.length !== 2)
      throw explained(className, `the prediction must be [samples, classes], it is ${showShape(shape)}`, [prediction])
    return sums(average === 'micro' ? [] : [shape[1]!], ...KEPT)
  },
  update: (states: States, batch: Batch, score: Score): States => added(className, states, batch, score),
  result: scoreOf,
})

function added(
  className: string,
  states: States,
  { target, prediction, weight }: Batch,
  { average, threshold }: Score,
): States {
  const [y, p] = aligned(className, target, prediction).map((t) => cast(t, 'float64')) as [Tensor, Tensor]
  // Without a threshold the largest is predicted, unless it is 0.
  const isLargest = (): Tensor =>
    logicalAnd(greaterEqual(p, max(p, { axis: -1, keepDims: true })), greater(abs(p), 1e-9))
  const says = cast(threshold === null ? isLargest() : greater(p, threshold), 'float64')
  const weights = weight && stretched(className, 'the weight', cast(weight, 'float64'), p)
  const total = (t: Tensor): Tensor => {
    const weighted = weights ? mul(t, weights) : t
    return average === 'micro' ? sum(weighted) : sum(weighted, { axis: 0 })
  }
  return {
    truePositives: add(states['truePositives']!, total(mul(y, says))),
    falsePositives: add(states['falsePositives']!, total(mul(sub(1, y), says))),
    falseNegatives: add(states['falseNegatives']!, total(mul(y, sub(1, says)))),
    intermediateWeights: add(states['intermediateWeights']!, total(y)),
  }
}

function scoreOf(states: States, { average, beta }: Score): Tensor {
  const precision = rate(states['truePositives']!, states['falsePositives']!)
  const recall = rate(states['truePositives']!, states['falseNegatives']!)
  const square = beta * beta
  const scores = mul(divNoNan(mul(precision, recall), add(mul(precision, square), recall)), 1 + square)
  if (average === null) return scores
  if (average !== 'weighted') return mean(scores)
  const weights = states['intermediateWeights']!
  return divNoNan(sum(mul(scores, weights)), sum(weights))
}

/**
 * (1 + beta²) precision recall / (beta² precision + recall) of each class of [B, classes], 0 where both are 0: a vector, or
 * with `average` their 'macro' mean, their mean 'weighted' by how often a class is true, or 'micro', of all classes as one. What
 * is above `threshold` is predicted, without one the largest of each sample.
 */
export const fBetaScore = metricClass({
  className: 'FBetaScore',
  name: 'fbeta_score',
  defaults: { average: null as Average, beta: 1, threshold: null as number | null },
  ...rulesOf('FBetaScore'),
})

const f1 = rulesOf('F1Score')
/** `fBetaScore` with beta 1: the harmonic mean of precision and recall. */
export const f1Score = metricClass({
  className: 'F1Score',
  name: 'f1_score',
  defaults: { average: null as Average, threshold: null as number | null },
  check: (options) => f1.check({ ...options, beta: 1 }),
  states: (target, prediction, options) => f1.states(target, prediction, { ...options, beta: 1 }),
  update: (states, batch, options) => f1.update(states, batch, { ...options, beta: 1 }),
  result: (states, options) => f1.result(states, { ...options, beta: 1 }),
})
