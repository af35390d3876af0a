import { FeedError } from '../ir/errors'
import { sameShape, showShape, sizeOf } from '../ir/type'
import {
  arrayName,
  isNumber,
  isNumberArray,
  isNumeric,
  isRecord,
  type Layout,
  newArray,
  type NumberArray,
  partOf,
  type Shaped,
  shapeOf,
  showValue,
  withShape,
} from './layout'

export interface Stacking {
  /** The function that stacks, for errors. */
  readonly what: string
  /** The index of a row in its dataset. */
  readonly indexOf: (row: number) => number
}

/**
 * Rows, at least one, along a new first axis. Numbers and nested arrays of them become a typed array with a shape, in the
 * array type their layout names, else Float32Array (Uint8Array for booleans); typed arrays one of their own type; records
 * and tuples are stacked part by part; anything else is kept in an array. Rows that differ are a FeedError.
 */
export function stack(stacking: Stacking, rows: readonly unknown[], layout: Layout, name = ''): unknown {
  const first = rows[0]
  if (isNumberArray(first)) return typedRows(stacking, rows, first, layout, name)
  if (isNumber(first) || (!Array.isArray(layout) && isNumeric(first))) return numbers(stacking, rows, layout, name)
  const inner = (key: string | number): unknown =>
    stack(stacking, rows.map((row) => (row as Record<string | number, unknown>)[key]), partOf(layout, key), name ? `${name}.${key}` : String(key)) // prettier-ignore
  if (Array.isArray(first)) {
    checkAll(stacking, rows, name, (row) => Array.isArray(row) && row.length === first.length)
    return first.map((_, i) => inner(i))
  }
  if (isRecord(first)) {
    const keys = Object.keys(first)
    const fits = (row: unknown): boolean =>
      isRecord(row) && Object.keys(row).length === keys.length && keys.every((key) => Object.hasOwn(row, key))
    checkAll(stacking, rows, name, fits)
    return Object.fromEntries(keys.map((key) => [key, inner(key)]))
  }
  return [...rows]
}

function checkAll(
  { what, indexOf }: Stacking,
  rows: readonly unknown[],
  name: string,
  fits: (row: unknown) => boolean,
  show: (row: unknown) => string = showValue,
): void {
  const at = rows.findIndex((row) => !fits(row))
  if (at < 0) return
  const of = name ? ` of ${name}` : ''
  throw new FeedError(
    `${what}: row ${indexOf(at)}${of} is ${show(rows[at])}, row ${indexOf(0)} is ${show(rows[0])}; ` +
      'rows that are stacked must be alike: map them to one shape and type first',
  )
}

function typedRows(
  stacking: Stacking,
  rows: readonly unknown[],
  first: NumberArray,
  layout: Layout,
  name: string,
): Shaped {
  const type = arrayName(first)
  const shape = shapeOf(first)
  const fits = (row: unknown): boolean =>
    isNumberArray(row) && arrayName(row) === type && sameShape(shapeOf(row), shape)
  checkAll(stacking, rows, name, fits)
  const all = newArray(typeof layout === 'string' ? layout : type, rows.length * first.length)
  rows.forEach((row, i) => {
    const values = row as NumberArray
    if (arrayName(all) === type) all.set(values, i * first.length)
    else values.forEach((value, j) => put(stacking, all, i * first.length + j, value, i, name))
  })
  return withShape(all, [rows.length, ...shape])
}

function numbers(stacking: Stacking, rows: readonly unknown[], layout: Layout, name: string): Shaped {
  const first = rows[0]
  const shape = nestedShape(first)
  const show = (row: unknown): string => {
    const seen = Array.isArray(row) && isNumeric(row) ? nestedShape(row) : undefined
    return seen && isEven(row, seen) ? `an array of shape ${showShape(seen)}` : showValue(row)
  }
  checkAll(stacking, rows, name, (row) => isEven(row, shape), show)
  const usual = typeof leaf(first) === 'boolean' ? 'Uint8Array' : 'Float32Array'
  const all = newArray(typeof layout === 'string' ? layout : usual, rows.length * sizeOf(shape))
  let next = 0
  const fill = (value: unknown, row: number): void => {
    if (Array.isArray(value)) for (const part of value) fill(part, row)
    else put(stacking, all, next++, Number(value), row, name)
  }
  rows.forEach(fill)
  return withShape(all, [rows.length, ...shape])
}

/** Stores a value, which must be one that an array of integers can hold. */
function put(
  { what, indexOf }: Stacking,
  all: NumberArray,
  at: number,
  value: number,
  row: number,
  name: string,
): void {
  all[at] = value
  if (all[at] === value || all instanceof Float32Array || all instanceof Float64Array) return
  const of = name ? ` of ${name}` : ''
  throw new FeedError(`${what}: row ${indexOf(row)}${of} has the value ${value}, which ${arrayName(all)} cannot hold`)
}

const leaf = (value: unknown): unknown => (Array.isArray(value) ? leaf(value[0]) : value)
const nestedShape = (value: unknown): number[] => (Array.isArray(value) ? [value.length, ...nestedShape(value[0])] : [])

const isEven = (value: unknown, [extent, ...inner]: readonly number[]): boolean =>
  extent === undefined
    ? isNumber(value)
    : Array.isArray(value) && value.length === extent && value.every((part) => isEven(part, inner))
