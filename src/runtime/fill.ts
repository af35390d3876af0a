import { FeedError } from '../ir/errors'
import { convert } from '../ir/evaluate'
import { valueText } from '../ir/names-of'
import {
  arrayNameOf,
  type Data,
  type DType,
  isShape,
  sameShape,
  showShape,
  showType,
  type TensorType,
} from '../ir/type'

/**
 * Fills a view from a number, nested arrays or a typed array of the same dtype, or throws a FeedError that says what was
 * expected and what came. The view may be half filled when it throws. `takesRows` is for data of models: rows may be typed
 * arrays. Feeds are refused as the code that is printed refuses them.
 */
export function fillView(label: string, value: unknown, view: Data, type: TensorType, takesRows = false): void {
  const { dtype, shape } = type
  const fail = (got: string): never => {
    throw new FeedError(`${label} expects ${showType(type)}, got ${got}`)
  }
  const kind = takesRows ? kindOf : (value: unknown): string => typeof value
  const accept = (v: unknown, at: string): number =>
    numberOf(v, dtype) ?? fail(`${typeof v === 'number' ? v : v === undefined ? 'nothing' : kind(v)} at ${at}`)
  if (value === undefined || value === null) return fail(String(value))
  if (ArrayBuffer.isView(value)) {
    if (value instanceof BigInt64Array && dtype === 'int32' && value.length === view.length) {
      value.forEach((v, i) => (view[i] = accept(Number(v), `index ${i}`)))
      return
    }
    const given = value as Data
    if (given.constructor.name !== arrayNameOf(dtype))
      fail(`${given.constructor.name} (dtype is not converted: cast the data, or declare the input with its dtype)`)
    const own = ownShape(`${label} expects ${showType(type)}`, given)
    if (own && !sameShape(own, shape)) fail(`an array of shape ${showShape(own)}`)
    if (given.length !== view.length) fail(`${given.length} values instead of ${view.length}`)
    if (dtype === 'bool') for (let i = 0; i < given.length; i++) if (!(given[i]! <= 1)) accept(given[i], `index ${i}`)
    view.set(given)
    return
  }
  if (shape.length === 0) {
    if (typeof value !== 'number' && typeof value !== 'boolean') fail(Array.isArray(value) ? 'an array' : kind(value))
    view[0] = accept(value, 'rank 0')
    return
  }
  if (!Array.isArray(value)) return fail(kind(value))
  fillNested(value, view, shape, { accept, fail, kind, takesRows })
}

interface Filling {
  accept(v: unknown, at: string): number
  fail(got: string): never
  kind(value: unknown): string
  /** Whether rows may be typed arrays. */
  readonly takesRows: boolean
}

function fillNested(
  value: readonly unknown[],
  view: Data,
  shape: readonly number[],
  { accept, fail, kind, takesRows }: Filling,
): void {
  let next = 0
  const row = (part: ArrayLike<unknown>, depth: number, at: string): void => {
    const rest = shape.slice(depth)
    const own = measured(part)
    if (!sameShape(own, rest))
      fail(`an array of shape ${showShape(own)} where ${showShape(rest)} is needed${at && ` at index ${at}`}`)
    for (let i = 0; i < part.length; i++) view[next++] = accept(part[i], `index ${at}, ${i}`)
  }
  const visit = (part: unknown, depth: number, at: string): void => {
    const extent = shape[depth]
    if (extent === undefined) {
      view[next++] = accept(part, `index ${at}`)
      return
    }
    // Rows as typed arrays, such as samples that were collected one by one.
    if (takesRows && ArrayBuffer.isView(part) && 'length' in part)
      return row(part as unknown as ArrayLike<unknown>, depth, at)
    if (!Array.isArray(part))
      return fail(`${kind(part)} where an array of ${extent} is needed${at && ` at index ${at}`}`)
    if (part.length !== extent) {
      const seen = measured(value)
      return fail(
        sameShape(seen, shape)
          ? `${part.length} values instead of ${extent} at index ${at}`
          : `shape ${showShape(seen)}`,
      )
    }
    // Counted: forEach passes over what was never set.
    for (let i = 0; i < extent; i++) visit(part[i], depth + 1, `${at}${at && ', '}${i}`)
  }
  visit(value, 0, '')
}

/** The shape that a typed array says it has; a FeedError where that is none. */
export function ownShape(label: string, array: ArrayBufferView): readonly number[] | undefined {
  const { shape } = array as { readonly shape?: unknown }
  if (shape === undefined || isShape(shape)) return shape
  const found = Array.isArray(shape) ? showShape(shape) : String(shape)
  throw new FeedError(`${label}: the shape of an array must be a list of whole numbers from 0, it is ${found}`)
}

/** The shape that nested arrays seem to have, by their first elements; typed arrays may be the rows. */
export function measured(value: unknown): number[] {
  const shape: number[] = []
  let v = value
  for (; Array.isArray(v); v = v[0] as unknown) shape.push(v.length)
  if (!ArrayBuffer.isView(v) || !('length' in v)) return shape
  const { shape: own } = v as { readonly shape?: unknown }
  return [...shape, ...(isShape(own) ? own : [v.length as number])]
}

/** In a word, what is neither number nor array. */
const kindOf = (value: unknown): string =>
  typeof value === 'object' ? valueText(value) : value === undefined ? 'nothing' : typeof value

function numberOf(value: unknown, dtype: DType): number | undefined {
  if (typeof value === 'boolean') return dtype === 'bool' ? Number(value) : undefined
  if (typeof value !== 'number') return undefined
  const isFloat = dtype === 'float32' || dtype === 'float64'
  return isFloat || convert(value, dtype) === value ? value : undefined
}
