import { type Cell, checkPicked, counted, perThreshold, rate, type Thresholds, thresholdsOf } from './confusion'
import { metricClass, sums } from './metric'

/** How often a cell was met at each threshold: a number, or a vector where there are several thresholds. */
const countOf = (className: string, name: string, cell: Cell) =>
  metricClass({
    className,
    name,
    defaults: { thresholds: null as Thresholds },
    check: ({ thresholds }) => void thresholdsOf(className, thresholds),
    states: (_target, _prediction, { thresholds }) => sums([thresholdsOf(className, thresholds).length], cell),
    update: (states, batch, { thresholds }) =>
      counted(className, [cell], states, batch, { thresholds: thresholdsOf(className, thresholds) }),
    result: (states) => perThreshold(states[cell]!),
  })

/** The weight of what is predicted and true; a prediction is yes above the threshold, 0.5 by default, or each of several. */
export const truePositives = countOf('TruePositives', 'true_positives', 'truePositives')
/** The weight of what is predicted and not true, thresholds as for `truePositives`. */
export const falsePositives = countOf('FalsePositives', 'false_positives', 'falsePositives')
/** The weight of what is neither predicted nor true, thresholds as for `truePositives`. */
export const trueNegatives = countOf('TrueNegatives', 'true_negatives', 'trueNegatives')
/** The weight of what is true and not predicted, thresholds as for `truePositives`. */
export const falseNegatives = countOf('FalseNegatives', 'false_negatives', 'falseNegatives')

const PICKED = { thresholds: null as Thresholds, topK: null as number | null, classId: null as number | null }
/** The share of true positives among them and what another cell holds. */
const shareOf = (className: string, name: string, other: Cell) =>
  metricClass({
    className,
    name,
    defaults: PICKED,
    check: ({ thresholds, topK, classId }) => {
      thresholdsOf(className, thresholds, topK)
      checkPicked(className, topK, classId)
    },
    states: (_target, _prediction, { thresholds, topK }) =>
      sums([thresholdsOf(className, thresholds, topK).length], 'truePositives', other),
    update: (states, batch, { thresholds, topK, classId }) =>
      counted(className, ['truePositives', other], states, batch, {
        thresholds: thresholdsOf(className, thresholds, topK),
        topK,
        classId,
      }),
    result: (states) => perThreshold(rate(states['truePositives']!, states[other]!)),
  })

/**
 * How much of what is predicted is true: 0 where nothing is predicted, a vector where there are several thresholds. With `topK`
 * only the k largest predictions of a sample can be yes, with `classId` only one class is looked at.
 */
export const precision = shareOf('Precision', 'precision', 'falsePositives')
/** How much of what is true is predicted, options as for `precision`. */
export const recall = shareOf('Recall', 'recall', 'falseNegatives')
