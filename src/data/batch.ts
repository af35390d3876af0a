import { FeedError, GraphError } from '../ir/errors'
import { arrayNameOf, type DType, DTYPES } from '../ir/type'
import { isNumberArray, isRecord, type Layout, partOf, showValue } from './layout'
import { stack } from './stack'
import { failedAt, Pending, type Stage } from './stage'
import { type Table, tableOf } from './table'

/** A dtype; for records by name, for tuples in order. */
export type StackDType =
  DType | readonly (StackDType | undefined)[] | { readonly [name: string]: StackDType | undefined }

/** Options of `batch`. */
export interface StackOptions<D extends StackDType | undefined = StackDType | undefined> {
  /** Whether rows at the end that do not fill a batch or window are left out. Default false. */
  readonly dropRemainder?: boolean
  /**
   * What rows are stored as; a value that an integer dtype cannot hold is an error. Default: for typed arrays and numbers
   * that were cut from one its own type; else float32, for booleans bool.
   */
  readonly dtype?: D
}
/** Options of `window`. */
export interface SlidingOptions<D extends StackDType | undefined = StackDType | undefined> extends StackOptions<D> {
  /** Rows in a window. */
  readonly size: number
  /** How far the first rows of neighbouring windows are apart. Default `size`. */
  readonly shift?: number
  /** How far neighbouring rows of a window are apart. Default 1. */
  readonly stride?: number
}

/** Rows stacked along a new first axis. With `size` and `shift` equal: batches. */
export function windows<T>(what: string, source: Stage<T>, options: SlidingOptions): Stage<unknown> {
  const { size, shift = size, stride = 1, dropRemainder = false, dtype } = options
  const layout = refined(what, source.layout, dtype)
  const span = (size - 1) * stride + 1
  const rows = source.size
  const whole = rows === undefined ? undefined : rows < span ? 0 : Math.floor((rows - span) / shift) + 1
  const stacked = (buffer: readonly T[], start: number): unknown => {
    const taken = stride === 1 ? buffer : buffer.filter((_, i) => i % stride === 0)
    return stack({ what, indexOf: (row) => start + row * stride }, taken, layout)
  }
  return {
    size: rows === undefined || dropRemainder ? whole : Math.ceil(rows / shift),
    layout,
    *open(opening) {
      let start = opening.skip * shift
      // Rows of the window that begins at `start`; between windows that are further apart than long some are left out.
      const buffer: T[] = []
      let gap = 0
      for (const item of source.open({ ...opening, skip: start })) {
        if (item instanceof Pending) yield item
        else if (gap > 0) gap--
        else if (buffer.push(item) === span) {
          // What leaves the buffer is let go before the batch is given, for it may be used for long.
          const made = stacked(buffer, start)
          buffer.splice(0, shift)
          gap = Math.max(0, shift - span)
          start += shift
          yield made
        }
      }
      for (; !dropRemainder && buffer.length > 0; start += shift) {
        yield stacked(buffer, start)
        buffer.splice(0, shift)
      }
    },
  }
}

/** The layout with the dtypes that are given. */
function refined(what: string, layout: Layout, dtype: StackDType | undefined): Layout {
  if (dtype === undefined) return layout
  if (typeof dtype === 'string') {
    if (DTYPES.includes(dtype)) return arrayNameOf(dtype)
    throw new GraphError(`${what}: dtype must be one of ${DTYPES.join(', ')}, it is "${String(dtype)}"`)
  }
  if (Array.isArray(dtype)) {
    const count = Math.max(dtype.length, Array.isArray(layout) ? layout.length : 0)
    return Array.from({ length: count }, (_, i) =>
      refined(what, partOf(layout, i), (dtype as readonly (StackDType | undefined)[])[i]),
    )
  }
  if (!isRecord(dtype)) throw new GraphError(`${what}: dtype must be a name, or a record of such, it is ${showValue(dtype)}`) // prettier-ignore
  const names = new Set([...Object.keys(dtype), ...(isRecord(layout) ? Object.keys(layout) : [])])
  const given = dtype as Readonly<Record<string, StackDType | undefined>>
  return Object.fromEntries([...names].map((name) => [name, refined(what, partOf(layout, name), given[name])]))
}

/** Batches cut into their rows again. */
export const unbatched = (source: Stage<unknown>): Stage<unknown> => ({
  size: undefined,
  layout: source.layout,
  *open({ epoch, skip, closing }) {
    let left = skip
    let index = 0
    for (const item of source.open({ epoch, skip: 0, closing })) {
      if (item instanceof Pending) yield item
      else {
        const { extent, at } = rowsOf(item, source.layout, index++)
        for (let row = Math.min(left, extent); row < extent; row++) yield at(row)
        left = Math.max(0, left - extent)
      }
    }
  },
})

/** An array is a list of rows, but a tuple of columns where it is known to be one or holds typed arrays. */
function rowsOf(batch: unknown, layout: Layout, index: number): Table {
  const isTuple = Array.isArray(batch) && (Array.isArray(layout) || batch.some(isNumberArray))
  try {
    // The columns of a tuple are those of a record named 0, 1, ...
    const table = tableOf('dataset.unbatch', '', isTuple ? { ...(batch as unknown[]) } : batch)
    if (!table) throw new FeedError(`an array, a typed array or a record of such has rows, it is ${showValue(batch)}`)
    return isTuple ? { ...table, at: (row) => Object.values(table.at(row) as object) } : table
  } catch (error) {
    throw failedAt('dataset.unbatch', index, error)
  }
}
