import { asFloat, checkNumber, noBool } from '../api/build'
import { GraphError } from '../ir/errors'
import { checkKeys, valueText } from '../ir/names-of'
import { type Part, type PartConfig, partConfig, partFrom, type PartId, type PartKind, partOf } from '../ir/part'
import { apply, type Tensor } from '../ir/tensor'
import { addT, divT, mulT } from '../ops/arith'
import { normalizeAxes } from '../ops/axes'
import { clipT } from '../ops/binary'
import { reluOp } from '../ops/select'
import { normT } from '../ops/statistics'
import { like } from '../ops/unary'

/** What weights are moved to after each step: as many, in the same shape and dtype. */
export type Constraint = Part<(w: Tensor) => Tensor>
/** A constraint: its name, its class and config, or a function. */
export type ConstraintId = PartId<(w: Tensor) => Tensor>

interface AxisOption {
  /** Along which axes norms are taken: one, the first by default, or several, as [0, 1, 2] for filters of images. */
  readonly axis?: number | readonly number[]
}
/** Is added to norms before anything is divided by them, as in Keras. */
const EPSILON = 1e-7

const checkNorm = (what: string, name: string, value: number): void =>
  checkNumber(what, name, value, (v) => v >= 0 && v < Infinity, 'a finite number from 0')

function checkAxis(what: string, axis: unknown): void {
  if (!(Array.isArray(axis) ? axis : [axis]).every(Number.isInteger))
    throw new GraphError(`${what}: axis must be a whole number or a list of them, it is ${valueText(axis)}`)
}

/** Weights with norms of length `desired` instead of their own. */
function rescaled(op: string, weights: Tensor, axis: AxisOption['axis'], desired: (norms: Tensor) => Tensor): Tensor {
  const w = asFloat(op, weights)
  const norms = normT(w, { axes: normalizeAxes(op, axis, w.shape), keepDims: true })
  return mulT(w, divT(desired(norms), addT(norms, like(EPSILON, norms))))
}

/** Norms of at most `maxValue`, 2 by default: w min(|w|, maxValue) / (|w| + 1e-7). As `MaxNorm` in Keras. */
export function maxNorm(options: AxisOption & { readonly maxValue?: number } = {}): Constraint {
  checkKeys('maxNorm', options, ['maxValue', 'axis'])
  const { maxValue = 2, axis = 0 } = options
  checkNorm('maxNorm', 'maxValue', maxValue)
  checkAxis('maxNorm', axis)
  return partFrom('MaxNorm', { maxValue, axis }, (w: Tensor) =>
    rescaled('maxNorm', w, axis, (norms) => clipT(norms, 0, maxValue)),
  )
}

/** max(w, 0). As `NonNeg` in Keras. */
export function nonNeg(options: Readonly<Record<never, never>> = {}): Constraint {
  checkKeys('nonNeg', options, [])
  return partFrom('NonNeg', {}, (w: Tensor) => apply(reluOp, [noBool('nonNeg', w)], {}))
}

/** Norms of 1: w / (|w| + 1e-7). As `UnitNorm` in Keras. */
export function unitNorm(options: AxisOption = {}): Constraint {
  checkKeys('unitNorm', options, ['axis'])
  const { axis = 0 } = options
  checkAxis('unitNorm', axis)
  return partFrom('UnitNorm', { axis }, (w: Tensor) => rescaled('unitNorm', w, axis, (norms) => like(1, norms)))
}

/** Options of `minMaxNorm`. */
export interface MinMaxNormOptions extends AxisOption {
  /** 0 by default. */
  readonly minValue?: number
  /** 1 by default. */
  readonly maxValue?: number
  /** How far norms go from their own, 0, to the nearest that is allowed, 1, which is the default. */
  readonly rate?: number
}
/**
 * Norms n between two bounds: w (rate clip(n, minValue, maxValue) + (1 - rate) n) / (n + 1e-7). As `MinMaxNorm` in Keras.
 */
export function minMaxNorm(options: MinMaxNormOptions = {}): Constraint {
  checkKeys('minMaxNorm', options, ['minValue', 'maxValue', 'rate', 'axis'])
  const { minValue = 0, maxValue = 1, rate = 1, axis = 0 } = options
  checkAxis('minMaxNorm', axis)
  checkNorm('minMaxNorm', 'minValue', minValue)
  checkNorm('minMaxNorm', 'maxValue', maxValue)
  if (minValue > maxValue)
    throw new GraphError(`minMaxNorm: minValue must not be above maxValue, they are ${minValue} and ${maxValue}`)
  checkNumber('minMaxNorm', 'rate', rate, (v) => v >= 0 && v <= 1, 'a number from 0 to 1')
  return partFrom('MinMaxNorm', { minValue, maxValue, rate, axis }, (w: Tensor) =>
    rescaled('minMaxNorm', w, axis, (norms) => {
      const inside = clipT(norms, minValue, maxValue)
      return rate === 1 ? inside : addT(mulT(inside, like(rate, inside)), mulT(norms, like(1 - rate, norms)))
    }),
  )
}

const CONSTRAINTS: PartKind<(w: Tensor) => Tensor> = {
  kind: 'constraint',
  classes: { MaxNorm: maxNorm, NonNeg: nonNeg, UnitNorm: unitNorm, MinMaxNorm: minMaxNorm },
}
/** The class names of all constraints. */
export const constraintNames: readonly string[] = Object.keys(CONSTRAINTS.classes)

/**
 * The constraint that a layer is told: one of Keras's by name, case and underscores aside, with its defaults; as
 * { className, config } with options; or any function from weights to weights. `null`, like nothing, is none. Throws for a
 * name or an option that is not known.
 */
export const constraintOf = (id: ConstraintId | null | undefined): Constraint | undefined =>
  id === null || id === undefined ? undefined : partOf(CONSTRAINTS, id)

/** What JSON holds of a constraint, `null` of none. Throws for a function of the user's own. */
export const constraintConfig = (constraint: Constraint | undefined): PartConfig | null =>
  constraint === undefined ? null : partConfig('constraint', constraint)
