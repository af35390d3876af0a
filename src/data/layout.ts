import type { Data } from '../ir/type'

/** Typed arrays that hold numbers. */
export type NumberArray = Data | Int8Array | Uint8ClampedArray | Int16Array | Uint16Array | Uint32Array
const ARRAYS = {
  Float32Array,
  Float64Array,
  Int8Array,
  Int16Array,
  Int32Array,
  Uint8Array,
  Uint8ClampedArray,
  Uint16Array,
  Uint32Array,
} as const
export type ArrayName = keyof typeof ARRAYS

/**
 * What is known of elements before there are any: the array type in which single numbers were stored, so that a batch of
 * them is stored alike; parts of records by name; of tuples, which `zip` makes, in order. Undefined: the elements tell.
 */
export type Layout = ArrayName | readonly Layout[] | { readonly [name: string]: Layout } | undefined

export function sameLayout(a: Layout, b: Layout): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [p, q] = [Object.entries(a), Object.entries(b)]
  return p.length === q.length && p.every(([name, part]) => Object.hasOwn(b, name) && sameLayout(part, partOf(b, name)))
}

export const partOf = (layout: Layout, name: string | number): Layout =>
  typeof layout === 'object' && Object.hasOwn(layout, name)
    ? (layout as Readonly<Record<string | number, Layout>>)[name]
    : undefined

// By tag and not by constructor: Node's Buffer is a Uint8Array whose constructor is another.
export const arrayName = (array: NumberArray): ArrayName => array[Symbol.toStringTag]
export const isNumberArray = (value: unknown): value is NumberArray =>
  ArrayBuffer.isView(value) && Object.hasOwn(ARRAYS, (value as NumberArray)[Symbol.toStringTag])
export const newArray = (name: ArrayName, length: number): NumberArray => new ARRAYS[name](length)

/** A typed array with its shape, row-major; one without the property is flat. */
export type Shaped<A extends NumberArray = NumberArray> = A & { readonly shape: readonly number[] }

export const shapeOf = (array: NumberArray): readonly number[] =>
  (array as Partial<Pick<Shaped, 'shape'>>).shape ?? [array.length]

export const withShape = <A extends NumberArray>(array: A, shape: readonly number[]): Shaped<A> =>
  Object.assign(array, { shape })

export const isNumber = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean'

/** Numbers, or arrays of such to any depth: the nested arrays of one row. */
export const isNumeric = (value: unknown): boolean =>
  isNumber(value) || (Array.isArray(value) && value.every(isNumeric))

export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

export const showValue = (value: unknown): string => {
  if (isNumberArray(value)) return `${arrayName(value)}[${shapeOf(value).join(', ')}]`
  if (Array.isArray(value)) return `an array of ${value.length}`
  if (isNumber(value)) return String(value)
  if (isRecord(value)) return `a record { ${Object.keys(value).join(', ')} }`
  return value === null ? 'null' : typeof value === 'object' ? `a ${value.constructor.name}` : typeof value
}
