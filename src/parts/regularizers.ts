import { checkNumber } from '../api/build'
import { eye } from '../api/create'
import { abs } from '../api/elementary'
import { add, mul, square, sub } from '../api/math'
import { sum } from '../api/reduce'
import { matmul, transpose } from '../api/shape'
import { l2Normalize } from '../api/statistics'
import { checkKeys, checkOneOf } from '../ir/names-of'
import { type Part, type PartConfig, partConfig, partFrom, type PartId, type PartKind, partOf } from '../ir/part'
import { explained, requireTensor, type Tensor } from '../ir/tensor'

/** A penalty on weights, or on what a layer gives: a scalar that is added to the loss. */
export type Regularizer = Part<(w: Tensor) => Tensor<[]>>
export type RegularizerId = PartId<(w: Tensor) => Tensor<[]>>

/** The factor 0 leaves a penalty out, so that no infinity is multiplied by it. */
const scaled = (factor: number, penalty: Tensor): Tensor => mul(penalty, factor)
const sizes = (w: Tensor): Tensor => sum(abs(w))
const squares = (w: Tensor): Tensor => sum(square(w))
const checkFactor = (what: string, name: string, value: number): void =>
  checkNumber(what, name, value, (v) => v >= 0 && v < Infinity, 'a finite number from 0')

/** l1 sum(|w|), the factor 0.01 by default. As `L1` in Keras. */
export function l1(options: { readonly l1?: number } = {}): Regularizer {
  checkKeys('l1', options, ['l1'])
  const { l1: factor = 0.01 } = options
  checkFactor('l1', 'l1', factor)
  return partFrom('L1', { l1: factor }, (w: Tensor) => scaled(factor, sizes(w)) as Tensor<[]>)
}

/** l2 sum(w²), the factor 0.01 by default. As `L2` in Keras. */
export function l2(options: { readonly l2?: number } = {}): Regularizer {
  checkKeys('l2', options, ['l2'])
  const { l2: factor = 0.01 } = options
  checkFactor('l2', 'l2', factor)
  return partFrom('L2', { l2: factor }, (w: Tensor) => scaled(factor, squares(w)) as Tensor<[]>)
}
