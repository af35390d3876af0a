import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys, valueText } from '../ir/names-of'
import { describe, isTensor } from '../ir/tensor'
import { checkDType } from '../ir/type'
import { shown } from './option'
import type { WeightOptions } from './weight'

/** What may be said of a weight; a row that is missing or too many fails to type-check. */
const KNOWN = Object.keys({
  initializer: true,
  regularizer: true,
  constraint: true,
  trainable: true,
  dtype: true,
} satisfies Record<keyof WeightOptions, true>)

/** Throws a GraphError for a weight that a layer asks for in a way that says nothing. */
export function checkWeight(where: string, name: unknown, shape: unknown, options: WeightOptions): void {
  if (typeof name !== 'string' || name === '')
    throw new GraphError(`${where}: at.weight takes a name first, a string, it is ${valueText(name)}`)
  const own = `${where} "${name}"`
  if (!Array.isArray(shape)) throw new GraphError(`${own}: the shape must be a list of extents, it is ${shown(shape)}`)
  checkKeys(own, options, KNOWN)
  checkFlags(own, options, ['trainable'])
  if (options.dtype !== undefined) checkDType(own, options.dtype)
}

/** Throws a GraphError for what cannot be added to a loss. */
export function checkLoss(where: string, value: unknown): void {
  if (isTensor(value) && value.shape.length === 0) return
  const is = isTensor(value) ? describe(value) : valueText(value)
  throw new GraphError(`${where}: at.loss takes a scalar tensor, such as mean(square(y)); it is ${is}`)
}
