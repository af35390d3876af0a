import { asFloat, checkNumber } from '../api/build'
import { fillDiagonal } from '../api/triangles'
import { matmul, transpose } from '../api/shape'
import { checkKeys, checkOneOf } from '../ir/names-of'
import { type Part, type PartConfig, partConfig, partFrom, type PartId, type PartKind, partOf } from '../ir/part'
import { apply, explained, type Tensor } from '../ir/tensor'
import { showShape } from '../ir/type'
import { addT, mulT } from '../ops/arith'
import { sumT } from '../ops/broadcast'
import { absT } from '../ops/rounding'
import { l2NormalizeOp } from '../ops/statistics'
import { squareT } from '../ops/transcendental'
import { like } from '../ops/unary'

/** A penalty on weights, or on what a layer gives: a scalar that is added to the loss. */
export type Regularizer = Part<(w: Tensor) => Tensor<[]>>
/** A regularizer: its name, its class and config, or a function. */
export type RegularizerId = PartId<(w: Tensor) => Tensor<[]>>

const total = (x: Tensor): Tensor => sumT(x, { axes: x.shape.map((_, i) => i), keepDims: false })
const times = (factor: number, x: Tensor): Tensor => mulT(like(factor, x), x)

function checkFactors(what: string, factors: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(factors))
    checkNumber(what, name, value, (v) => v >= 0 && v < Infinity, 'a finite number from 0')
}

/** l1 sum(|w|); the factor is 0.01 by default. As `L1` in Keras. */
export function l1(options: { readonly l1?: number } = {}): Regularizer {
  checkKeys('l1', options, ['l1'])
  const { l1 = 0.01 } = options
  checkFactors('l1', { l1 })
  return partFrom('L1', { l1 }, (w: Tensor) => times(l1, total(absT(asFloat('l1', w)))) as Tensor<[]>)
}

/** l2 sum(w²); the factor is 0.01 by default. As `L2` in Keras. */
export function l2(options: { readonly l2?: number } = {}): Regularizer {
  checkKeys('l2', options, ['l2'])
  const { l2 = 0.01 } = options
  checkFactors('l2', { l2 })
  return partFrom('L2', { l2 }, (w: Tensor) => times(l2, total(squareT(asFloat('l2', w)))) as Tensor<[]>)
}

/** l1 sum(|w|) + l2 sum(w²); both factors are 0 by default, and what has the factor 0 is not computed. As `L1L2` in Keras. */
export function l1l2(options: { readonly l1?: number; readonly l2?: number } = {}): Regularizer {
  checkKeys('l1l2', options, ['l1', 'l2'])
  const { l1 = 0, l2 = 0 } = options
  checkFactors('l1l2', { l1, l2 })
  return partFrom('L1L2', { l1, l2 }, (weights: Tensor) => {
    const w = asFloat('l1l2', weights)
    const parts = [
      ...(l1 === 0 ? [] : [times(l1, total(absT(w)))]),
      ...(l2 === 0 ? [] : [times(l2, total(squareT(w)))]),
    ]
    return parts.reduce(addT, like(0, w)) as Tensor<[]>
  })
}

const MODES = ['rows', 'columns'] as const

/** Options of `orthogonalRegularizer`. */
export interface OrthogonalRegularizerOptions {
  /** 0.01 by default. */
  readonly factor?: number
  /** Which vectors of the matrix are to be orthogonal, its rows by default. */
  readonly mode?: (typeof MODES)[number]
}

/**
 * factor times the mean of |cos| of the angles between any two rows, or columns, of a matrix; of a single one it is 0. Throws
 * for any other rank. As `OrthogonalRegularizer` in Keras, but that a single row gives NaN there.
 */
export function orthogonalRegularizer(options: OrthogonalRegularizerOptions = {}): Regularizer {
  checkKeys('orthogonalRegularizer', options, ['factor', 'mode'])
  const { factor = 0.01, mode = 'rows' } = options
  checkFactors('orthogonalRegularizer', { factor })
  checkOneOf('orthogonalRegularizer', 'mode', mode, MODES)
  return partFrom('OrthogonalRegularizer', { factor, mode }, (weights: Tensor) => {
    const w = asFloat('orthogonalRegularizer', weights)
    if (w.shape.length !== 2)
      throw explained('orthogonalRegularizer', `a matrix is needed, the shape is ${showShape(w.shape)}`, [weights])
    const [along, count] = mode === 'rows' ? [1, w.shape[0]!] : [0, w.shape[1]!]
    const unit = apply(l2NormalizeOp, [w], { axes: [along], epsilon: 1e-12 })
    const turned = transpose(unit)
    const cosines: Tensor = mode === 'rows' ? matmul(unit, turned) : matmul(turned, unit)
    // Each pair stands in the matrix twice.
    const pairs = Math.max(1, count * (count - 1))
    return times(factor / pairs, total(absT(fillDiagonal(cosines, 0)))) as Tensor<[]>
  })
}

const REGULARIZERS: PartKind<(w: Tensor) => Tensor<[]>> = {
  kind: 'regularizer',
  classes: { L1: l1, L2: l2, L1L2: l1l2, OrthogonalRegularizer: orthogonalRegularizer },
}
/** The class names of all regularizers. */
export const regularizerNames: readonly string[] = Object.keys(REGULARIZERS.classes)

/**
 * The regularizer that a layer is told: one of Keras's by name, case and underscores aside, with its defaults; as
 * { className, config } with options; or any function from weights to a scalar. `null`, like nothing, is none. Throws for a
 * name or an option that is not known.
 */
export const regularizerOf = (id: RegularizerId | null | undefined): Regularizer | undefined =>
  id === null || id === undefined ? undefined : partOf(REGULARIZERS, id)

/** What JSON holds of a regularizer, `null` of none. Throws for a function of the user's own. */
export const regularizerConfig = (regularizer: Regularizer | undefined): PartConfig | null =>
  regularizer === undefined ? null : partConfig('regularizer', regularizer)
