import { GraphError } from '../ir/errors'
import { isShape, showShape, sizeOf } from '../ir/type'
import {
  arrayName,
  isNumberArray,
  isRecord,
  type Layout,
  type NumberArray,
  shapeOf,
  showValue,
  withShape,
} from './layout'

/** Rows that lie in memory. */
export interface Table {
  readonly extent: number
  readonly layout: Layout
  at(index: number): unknown
}

/** The shape of the rows of a flat typed array; for a record by name. */
export type RowShape = readonly number[] | { readonly [name: string]: RowShape | undefined }

/**
 * Cuts along the first axis: an array into what it holds, a typed array into numbers or views of it (nothing is copied),
 * a record of such, column by column, into records. Undefined for any other value. `name` is for errors.
 */
export function tableOf(what: string, name: string, value: unknown, rowShape?: RowShape): Table | undefined {
  if (isNumberArray(value)) return typedTable(what, name, value, rowShape)
  if (isRecord(value)) return recordTable(what, name, value, rowShape)
  if (!Array.isArray(value)) return undefined
  if (rowShape !== undefined)
    throw new GraphError(`${what}: rowShape is for typed arrays; ${called(name)} is ${showValue(value)}`)
  const rows = value as readonly unknown[]
  return { extent: rows.length, layout: undefined, at: (index) => rows[index] }
}

const called = (name: string): string => name || 'the source'
const below = (name: string, key: string): string => (name ? `${name}.${key}` : key)

function typedTable(what: string, name: string, array: NumberArray, rowShape: RowShape | undefined): Table {
  const [extent, row] = rowsOf(what, name, array, rowShape)
  if (row.length === 0) return { extent, layout: arrayName(array), at: (index) => array[index] }
  const size = sizeOf(row)
  const view = (index: number): NumberArray => array.subarray(index * size, (index + 1) * size)
  // A flat view is its own shape: rows are made often, and a property of their own would cost more than the view.
  const at = row.length === 1 ? view : (index: number) => withShape(view(index), row)
  return { extent, layout: arrayName(array), at }
}

function rowsOf(
  what: string,
  name: string,
  array: NumberArray,
  rowShape: RowShape | undefined,
): readonly [extent: number, row: readonly number[]] {
  if (rowShape === undefined) {
    const shape: unknown = shapeOf(array)
    if (!isShape(shape))
      throw new GraphError(
        `${what}: the shape of ${called(name)} must be a list of whole numbers from 0, it is ${String(shape)}`,
      )
    const [extent, ...row] = shape
    if (extent === undefined) throw new GraphError(`${what}: ${called(name)} has no axis to cut along, its shape is []`)
    if (extent * sizeOf(row) !== array.length)
      throw new GraphError(
        `${what}: ${called(name)} has ${array.length} values and says its shape is ${showShape([extent, ...row])}`,
      )
    return [extent, row]
  }
  if (!isShape(rowShape) || rowShape.includes(0))
    throw new GraphError(`${what}: rowShape of ${called(name)} must be an array of whole numbers from 1`)
  const extent = array.length / sizeOf(rowShape)
  if (Number.isInteger(extent)) return [extent, rowShape]
  throw new GraphError(
    `${what}: ${called(name)} has ${array.length} values, which are no whole number of rows of shape ${showShape(rowShape)}`,
  )
}

function recordTable(
  what: string,
  name: string,
  record: Readonly<Record<string, unknown>>,
  rowShape: RowShape | undefined,
): Table {
  if (rowShape !== undefined && !isRecord(rowShape))
    throw new GraphError(`${what}: rowShape of ${called(name)} must be a record, as ${called(name)} is one`)
  const keys = Object.keys(record)
  for (const key of Object.keys(rowShape ?? {}))
    if (!keys.includes(key))
      throw new GraphError(`${what}: rowShape has "${below(name, key)}"; the columns are ${keys.join(', ')}`)
  const columns = keys.map((key) => {
    const table = tableOf(what, below(name, key), record[key], rowShape?.[key])
    if (table) return [key, table] as const
    throw new GraphError(
      `${what}: ${below(name, key)} must be an array, a typed array or a record of such, it is ${showValue(record[key])}`,
    )
  })
  const [first, ...rest] = columns
  if (!first) throw new GraphError(`${what}: ${called(name)} is a record without columns`)
  const { extent } = first[1]
  for (const [key, table] of rest)
    if (table.extent !== extent)
      throw new GraphError(
        `${what}: ${below(name, first[0])} has ${extent} rows and ${below(name, key)} has ${table.extent}; ` +
          'columns are cut along their first axes, which must be equal',
      )
  return {
    extent,
    layout: Object.fromEntries(columns.map(([key, { layout }]) => [key, layout])),
    at: (index) => Object.fromEntries(columns.map(([key, table]) => [key, table.at(index)])),
  }
}
