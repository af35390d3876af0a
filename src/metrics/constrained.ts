import { checkNumber } from '../api/build'
import { greaterEqual, where } from '../api/math'
import { max } from '../api/reduce'
import { type Cell, checkClassId, counted, evenThresholds, rate } from './confusion'
import { metricClass, sums } from './metric'

const CELLS: readonly Cell[] = ['truePositives', 'falsePositives', 'trueNegatives', 'falseNegatives']
type Rate = readonly [of: Cell, among: Cell]
const SENSITIVITY: Rate = ['truePositives', 'falseNegatives']
const SPECIFICITY: Rate = ['trueNegatives', 'falsePositives']
const PRECISION: Rate = ['truePositives', 'falsePositives']

/** The largest of one rate over thresholds at which another is at least what is asked for; 0 where there is none. */
const constrained = <K extends string>(className: string, name: string, option: K, atLeast: Rate, largest: Rate) =>
  metricClass<{ numThresholds: number; classId: number | null }, Readonly<Record<K, number>>>({
    className,
    name,
    defaults: { numThresholds: 200, classId: null },
    required: [option],
    check: (options) => {
      checkNumber(className, option, options[option], (v) => v >= 0 && v <= 1, 'from 0 to 1')
      checkNumber(className, 'numThresholds', options.numThresholds, (v) => Number.isInteger(v) && v > 0, 'a whole number from 1') // prettier-ignore
      checkClassId(className, options.classId)
    },
    states: (_target, _prediction, { numThresholds }) => sums([numThresholds], ...CELLS),
    update: (states, batch, { numThresholds, classId }) =>
      counted(className, CELLS, states, batch, { thresholds: evenThresholds(numThresholds), classId }),
    result: (states, options) => {
      const [held, found] = [atLeast, largest].map(([of, among]) => rate(states[of]!, states[among]!))
      const least: number = options[option]
      return max(where(greaterEqual(held!, least), found!, 0))
    },
  })

/** The largest sensitivity where specificity is at least `specificity`, of `numThresholds` (200) thresholds from 0 to 1. */
export const sensitivityAtSpecificity = constrained(
  'SensitivityAtSpecificity',
  'sensitivity_at_specificity',
  'specificity',
  SPECIFICITY,
  SENSITIVITY,
)
/** The largest specificity where sensitivity is at least `sensitivity`. */
export const specificityAtSensitivity = constrained(
  'SpecificityAtSensitivity',
  'specificity_at_sensitivity',
  'sensitivity',
  SENSITIVITY,
  SPECIFICITY,
)
/** The largest precision where recall is at least `recall`. */
export const precisionAtRecall = constrained(
  'PrecisionAtRecall',
  'precision_at_recall',
  'recall',
  SENSITIVITY,
  PRECISION,
)
/** The largest recall where precision is at least `precision`. */
export const recallAtPrecision = constrained(
  'RecallAtPrecision',
  'recall_at_precision',
  'precision',
  PRECISION,
  SENSITIVITY,
)
