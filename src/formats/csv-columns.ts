import { GraphError } from '../ir/errors'
import { FormatError, quoted } from './error'

/** What the cells of a column are: numbers, whole numbers, text, or one of some words, which becomes its place in the list. */
export type CsvColumn = 'float32' | 'float64' | 'int32' | 'text' | readonly string[]
/** What is read of a CSV file: columns by name, and what each holds. */
export type CsvColumns = Readonly<Record<string, CsvColumn>>

/** A row: numbers, and strings for text. */
export type CsvRow<C extends CsvColumns> = { [K in keyof C]: C[K] extends 'text' ? string : number }
/** The columns of a whole file. */
export type CsvTable<C extends CsvColumns> = {
  [K in keyof C]: C[K] extends 'text'
    ? string[]
    : C[K] extends 'float32'
      ? Float32Array
      : C[K] extends 'float64'
        ? Float64Array
        : Int32Array
}

const FORMAT = 'csv'
// A number that a float64 tells from others has far fewer.
const MOST_DIGITS = 400
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i
const MISSING: readonly string[] = ['', 'na', 'n/a', 'nan', 'null', 'none']

export function refuseCell(row: number, column: string, what: string): never {
  throw new FormatError(FORMAT, `row ${row}, column ${quoted(column)}: ${what}`, `row ${row}, column ${column}`)
}

/** Reads the cell of a column; `missing` stands for cells without a number, which are refused where there is none. */
export type ReadCell = (text: string, row: number) => number | string

export function cellReader(name: string, type: CsvColumn, missing: number | undefined): ReadCell {
  if (type === 'text') return (text) => text
  if (Array.isArray(type)) {
    const places = new Map((type as readonly string[]).map((word, i) => [word, i]))
    return (text, row) =>
      places.get(text) ?? refuseCell(row, name, `${quoted(text)} is none of ${quoted([...places.keys()].join(', '))}`)
  }
  if (type !== 'float32' && type !== 'float64' && type !== 'int32')
    throw new GraphError(
      `csv: column ${quoted(name)} must be float32, float64, int32, text or a list of words, it is ${String(type)}`,
    )
  return (cell, row) => {
    const text = cell.trim()
    if (missing !== undefined && MISSING.includes(text.toLowerCase())) return missing
    const value = text.length <= MOST_DIGITS && NUMBER.test(text) ? Number(text) : NaN
    const fits =
      type === 'int32' ? (value | 0) === value : Number.isFinite(type === 'float32' ? Math.fround(value) : value)
    return fits ? value : refuseCell(row, name, `${quoted(cell)} is no ${type}`)
  }
}

/** Values of a column as they come; typed arrays double when they are full. */
export function columnBuilder(type: CsvColumn): { push(value: number | string): void; done(): unknown } {
  if (type === 'text') {
    const texts: unknown[] = []
    return { push: (value) => void texts.push(value), done: () => texts }
  }
  const make = (size: number): Float32Array | Float64Array | Int32Array =>
    type === 'float32' ? new Float32Array(size) : type === 'float64' ? new Float64Array(size) : new Int32Array(size)
  let [values, length] = [make(64), 0]
  return {
    push(value) {
      if (length === values.length) {
        const more = make(2 * length)
        more.set(values)
        values = more
      }
      values[length++] = value as number
    },
    done: () => values.slice(0, length),
  }
}
