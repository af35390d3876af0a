import { multiHot } from '../api/activation-more'
import { expandDims, slice } from '../api/arrange'
import { checkNumber } from '../api/build'
import { constant } from '../api/leaf'
import { logicalAnd, logicalNot, logicalOr } from '../api/logic'
import { add, cast, greater, mul, where } from '../api/math'
import { sum } from '../api/reduce'
import { broadcastTo, reshape } from '../api/shape'
import { topK as largest } from '../api/sorting'
import { divNoNan } from '../api/special-values'
import { GraphError } from '../ir/errors'
import { explained, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { aligned, stretched } from '../losses/align'
import type { Batch, States } from './metric'

/** The four cells of a confusion matrix of yes and no, by their names in state. */
export type Cell = 'truePositives' | 'falsePositives' | 'trueNegatives' | 'falseNegatives'

/** Below every prediction: Keras's threshold where the largest few are what is predicted. */
const NEVER = -1e10

export interface Counting {
  readonly thresholds: readonly number[]
  /** Only the largest so many predictions of each sample can be yes. */
  readonly topK?: number | null
  /** Only this class is looked at. */
  readonly classId?: number | null
  /** Labels of [B, labels] are counted apart. */
  readonly multiLabel?: boolean
  /** What the labels of [..., labels] count. */
  readonly labelWeights?: readonly number[] | null
}

/**
 * States with what a batch adds: predictions above each threshold are yes, targets other than 0 are yes. All thresholds are
 * compared in one pass; cells are [thresholds], or [thresholds, labels] where labels are counted apart.
 */
export function counted(
  name: string,
  cells: readonly Cell[],
  states: States,
  { target, prediction, weight }: Batch,
  counting: Counting,
): States {
  const { thresholds, topK = null, classId = null, multiLabel = false, labelWeights = null } = counting
  const [y, p] = ofClass(name, aligned(name, target, topK === null ? prediction : onlyTop(prediction, topK)), classId)
  const own = weight && stretched(name, 'the weight', cast(weight, 'float64'), p)
  const weights = labelWeights ? weighed(name, labelWeights, p, own) : own
  // Thresholds run along a new axis after that of the samples, or of all elements.
  const across = (t: Tensor): Tensor => expandDims(multiLabel ? t : reshape(t, [-1]), 1)
  const limits = constant(thresholds, { dtype: p.dtype })
  const says = greater(across(p), multiLabel ? expandDims(limits, 1) : limits)
  const is = across(cast(y, 'bool'))
  const given = weights && across(weights)
  const total = (which: Tensor): Tensor =>
    given ? sum(where(which, given, 0), { axis: 0 }) : cast(sum(which, { axis: 0 }), 'float64')
  const of: Readonly<Record<Cell, () => Tensor>> = {
    truePositives: () => logicalAnd(is, says),
    falsePositives: () => logicalAnd(logicalNot(is), says),
    trueNegatives: () => logicalNot(logicalOr(is, says)),
    falseNegatives: () => logicalAnd(is, logicalNot(says)),
  }
  return Object.fromEntries(cells.map((cell) => [cell, add(states[cell]!, total(of[cell]()))]))
}

function onlyTop(prediction: Tensor, k: number): Tensor {
  const classes = prediction.shape.at(-1)!
  return where(multiHot(largest(prediction, k).indices, classes, 'bool'), prediction, NEVER)
}

function ofClass(
  name: string,
  [y, p]: readonly [Tensor, Tensor],
  classId: number | null,
): readonly [y: Tensor, p: Tensor] {
  if (classId === null) return [y, p]
  if (classId >= p.shape.at(-1)!)
    throw explained(name, `classId ${classId} is out of range for the prediction ${showShape(p.shape)}`, [p])
  const only = (t: Tensor): Tensor =>
    slice(t, [...t.shape.slice(1).map(() => null), { start: classId, end: classId + 1 }])
  return [only(y), only(p)]
}

function weighed(name: string, labelWeights: readonly number[], p: Tensor, weights: Tensor | undefined): Tensor {
  if (labelWeights.length !== p.shape.at(-1))
    throw explained(name, `there are ${labelWeights.length} labelWeights for the prediction ${showShape(p.shape)}`, [p])
  const given = constant(labelWeights, { dtype: 'float64' })
  return weights ? mul(given, weights) : broadcastTo(given, p.shape)
}

/** Above which a prediction counts as positive: one number, several, or null for what the metric has by default. */
export type Thresholds = number | readonly number[] | null
/** Thresholds as a list, checked; those that are not given are 0.5, or what every prediction passes. */
export function thresholdsOf(name: string, thresholds: Thresholds, topK: number | null = null): readonly number[] {
  if (thresholds === null) return [topK === null ? 0.5 : NEVER]
  const list = typeof thresholds === 'number' ? [thresholds] : [...thresholds]
  if (list.length === 0 || !list.every((t) => typeof t === 'number' && t >= 0 && t <= 1))
    throw new GraphError(`${name}: thresholds must be from 0 to 1, they are ${JSON.stringify(thresholds)}`)
  return list
}

export function checkPicked(name: string, topK: number | null, classId: number | null): void {
  if (topK !== null) checkNumber(name, 'topK', topK, (v) => Number.isInteger(v) && v > 0, 'a whole number from 1')
  checkClassId(name, classId)
}
export function checkClassId(name: string, classId: number | null): void {
  if (classId !== null) checkNumber(name, 'classId', classId, (v) => Number.isInteger(v) && v >= 0, 'a class number')
}

/** a / (a + b), 0 where nothing was counted. */
export const rate = (a: Tensor, b: Tensor): Tensor => divNoNan(a, add(a, b))

/** The scalar where there is one threshold. */
export const perThreshold = (result: Tensor): Tensor => (result.shape[0] === 1 ? reshape(result, []) : result)

/** So many thresholds from 0 to 1, the ends included; of one it is 0.5. */
export const evenThresholds = (count: number): readonly number[] =>
  count === 1 ? [0.5] : Array.from({ length: count }, (_, i) => i / (count - 1))
