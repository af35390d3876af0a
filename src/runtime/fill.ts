import { FeedError } from '../ir/errors'
import { convert } from '../ir/evaluate'
import { arrayNameOf, type Data, type DType, sameShape, showShape, showType, type TensorType } from '../ir/type'

/**
 * Fills a view from a number, nested arrays or a typed array of the same dtype, or throws a FeedError that says what was
 * expected and what came. The view may be half filled when it throws.
 */
export function fillView(label: string, value: unknown, view: Data, type: TensorType): void {
  const fail = (got: string): never => {
    throw new FeedError(`${label} expects ${showType(type)}, got ${got}`)
  }
  if (ArrayBuffer.isView(value)) {
    if (value instanceof BigInt64Array && type.dtype === 'int32' && value.length === view.length) {
      value.forEach((v, i) => (view[i] = numberOf(Number(v), 'int32') ?? fail(`${v} at index ${i}`)))
      return
    }
    const given = value as Data & { readonly shape?: readonly number[] }
    if (given.constructor.name !== arrayNameOf(type.dtype))
      fail(`${given.constructor.name}; the dtype is not converted`)
    if (given.shape && !sameShape(given.shape, type.shape)) fail(`an array of shape ${showShape(given.shape)}`)
    if (given.length !== view.length) fail(`${given.length} values instead of ${view.length}`)
    if (type.dtype === 'bool') given.forEach((v, i) => numberOf(v, 'bool') ?? fail(`${v} at index ${i}`))
    view.set(given)
    return
  }
  let next = 0
  const visit = (part: unknown, depth: number): void => {
    if (depth === type.shape.length) {
      view[next++] = numberOf(part, type.dtype) ?? fail(`${String(part)} among the values`)
      return
    }
    if (!Array.isArray(part) || part.length !== type.shape[depth])
      return fail(Array.isArray(part) ? `an array of length ${part.length} in dimension ${depth}` : typeof part)
    for (const inner of part) visit(inner, depth + 1)
  }
  visit(value, 0)
}

function numberOf(value: unknown, dtype: DType): number | undefined {
  if (typeof value === 'boolean') return dtype === 'bool' ? Number(value) : undefined
  if (typeof value !== 'number') return undefined
  const isFloat = dtype === 'float32' || dtype === 'float64'
  return isFloat || convert(value, dtype) === value ? value : undefined
}
