import { checkNumber } from '../api/build'
import { gather } from '../api/indexing'
import { constant, fill } from '../api/leaf'
import { logicalAnd } from '../api/logic'
import { add, cast, greaterEqual, less, mul, notEqual, sub, where } from '../api/math'
import { diagonal } from '../api/products'
import { argMax, sum } from '../api/reduce'
import { segmentSum } from '../api/segments'
import { reshape } from '../api/shape'
import { divNoNan } from '../api/special-values'
import { countNonZero } from '../api/statistics'
import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { countTo } from '../ir/count-to'
import { normalizeAxis } from '../ops/axes'
import { sameRank, stretched } from '../losses/align'
import { type Batch, metricClass, type States } from './metric'

// The weight of each pair of target and predicted class is kept; fractions of weights count (Keras 3.16 cuts them off).

interface Pairs {
  readonly numClasses: number
  /** Rows whose target is this class count nowhere. */
  readonly ignoreClass?: number | null
  /** Class numbers, or scores of classes along `axis`. */
  readonly sparseYTrue?: boolean
  readonly sparseYPred?: boolean
  readonly axis?: number
}
type Classes = Tensor<readonly number[], 'int32'>

const MATRIX = 'totalConfusionMatrix'
const matrixOf = (numClasses: number) =>
  [{ name: MATRIX, shape: [numClasses, numClasses], dtype: 'float64' as const }] as const

function updated(name: string, states: States, { target, prediction, weight }: Batch, pairs: Pairs): States {
  const { numClasses, ignoreClass = null, sparseYTrue = true, sparseYPred = true, axis = -1 } = pairs
  const numbers = (t: Tensor, isSparse: boolean): Tensor =>
    isSparse ? cast(t, 'int32') : argMax(t, { axis: normalizeAxis(name, axis, t.shape) })
  const [y, p] = sameRank(name, numbers(target, sparseYTrue), numbers(prediction, sparseYPred), [target, prediction])
  const within = (t: Tensor): Tensor => logicalAnd(greaterEqual(t, 0), less(t, numClasses))
  const known = logicalAnd(within(y), within(p))
  const counts = ignoreClass === null ? known : logicalAnd(known, notEqual(y, ignoreClass))
  const given = weight
    ? stretched(name, 'the weight', cast(weight, 'float64'), y)
    : fill(y.shape, 1, { dtype: 'float64' })
  const flat = (t: Tensor): Tensor => reshape(where(counts, t, 0), [-1])
  const pair = add(mul(flat(y), numClasses), flat(p)) as Classes
  const added = reshape(segmentSum(flat(given), pair, numClasses * numClasses), [numClasses, numClasses])
  return { [MATRIX]: add(states[MATRIX]!, added) }
}

/** The mean over classes that were met of intersection / union. */
function meanOver(states: States, classes: readonly number[]): Tensor {
  const matrix = states[MATRIX]!
  const both = diagonal(matrix)
  const either = sub(add(sum(matrix, { axis: 0 }), sum(matrix, { axis: 1 })), both)
  const of = (t: Tensor): Tensor => gather(t, constant(classes, { dtype: 'int32' }))
  return divNoNan(sum(divNoNan(of(both), of(either))), cast(countNonZero(of(either)), 'float64'))
}

function checkPairs(name: string, { numClasses, ignoreClass, axis = -1 }: Pairs, classes: readonly number[]): void {
  checkNumber(name, 'numClasses', numClasses, (v) => Number.isInteger(v) && v > 0, 'a whole number from 1')
  checkNumber(name, 'axis', axis, Number.isInteger, 'a whole number')
  if (ignoreClass != null) checkNumber(name, 'ignoreClass', ignoreClass, Number.isInteger, 'a class number')
  const isClass = (c: number): boolean => Number.isInteger(c) && c >= 0 && c < numClasses
  if (!Array.isArray(classes) || classes.length === 0 || !classes.every(isClass))
    throw new GraphError(
      `${name}: targetClassIds must be class numbers below ${numClasses}, they are ${JSON.stringify(classes)}`,
    )
}
const SPARSE = { ignoreClass: null as number | null, sparseYTrue: true, sparseYPred: true, axis: -1 }
const ONE_HOT = { ignoreClass: null as number | null, sparseYPred: false, axis: -1 }
interface ForClasses {
  readonly numClasses: number
  readonly targetClassIds: readonly number[]
}
interface ForAll {
  readonly numClasses: number
}

/** Of some classes, `targetClassIds`. */
const some = <D extends Omit<Pairs, 'numClasses'>>(
  className: string,
  name: string,
  defaults: D,
  always: Partial<Pairs>,
) =>
  metricClass<D, ForClasses>({
    className,
    name,
    defaults,
    required: ['numClasses', 'targetClassIds'],
    check: (options) => checkPairs(className, options, options.targetClassIds),
    states: (_target, _prediction, { numClasses }) => matrixOf(numClasses),
    update: (states, batch, options) => updated(className, states, batch, { ...options, ...always }),
    result: (states, { targetClassIds }) => meanOver(states, targetClassIds),
  })
/** Of all classes. */
const every = <D extends Omit<Pairs, 'numClasses'>>(
  className: string,
  name: string,
  defaults: D,
  always: Partial<Pairs>,
) =>
  metricClass<D, ForAll>({
    className,
    name,
    defaults,
    required: ['numClasses'],
    check: (options) => checkPairs(className, options, countTo(options.numClasses)),
    states: (_target, _prediction, { numClasses }) => matrixOf(numClasses),
    update: (states, batch, options) => updated(className, states, batch, { ...options, ...always }),
    result: (states, { numClasses }) => meanOver(states, countTo(numClasses)),
  })

/**
 * Intersection over union of target and prediction, the mean over those classes of `targetClassIds` that were met. Both are
 * class numbers of one shape, or scores of `numClasses` along `axis` where `sparseYTrue` or `sparseYPred` is false; what is no
 * class counts nowhere, and neither does what is of class `ignoreClass`.
 */
export const iou = some('IoU', 'io_u', SPARSE, {})
/** `iou` of all classes. */
export const meanIou = every('MeanIoU', 'mean_io_u', SPARSE, {})
/** `iou` of one-hot targets, and of scores, or class numbers with `sparseYPred`. */
export const oneHotIou = some('OneHotIoU', 'one_hot_io_u', ONE_HOT, { sparseYTrue: false })
/** `oneHotIou` of all classes. */
export const oneHotMeanIou = every('OneHotMeanIoU', 'one_hot_mean_io_u', ONE_HOT, { sparseYTrue: false })

/** `iou` of the classes 0 and 1, or of one of them; a prediction is 1 from `threshold` (0.5) on. */
export const binaryIou = metricClass({
  className: 'BinaryIoU',
  name: 'binary_io_u',
  defaults: { targetClassIds: [0, 1] as readonly number[], threshold: 0.5 },
  check: ({ targetClassIds, threshold }) => {
    checkPairs('BinaryIoU', { numClasses: 2 }, targetClassIds)
    checkNumber('BinaryIoU', 'threshold', threshold, Number.isFinite, 'a finite number')
  },
  states: () => matrixOf(2),
  update: (states, { target, prediction, weight }, { threshold }) => {
    const says = cast(greaterEqual(prediction, threshold), 'int32')
    return updated('BinaryIoU', states, { target, prediction: says, weight }, { numClasses: 2 })
  },
  result: (states, { targetClassIds }) => meanOver(states, targetClassIds),
})
