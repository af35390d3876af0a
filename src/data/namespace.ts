import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import { zipped } from './combine'
import { datasetOf, stageOf } from './dataset'
import { isRecord, type NumberArray, showValue } from './layout'
import type { BatchOf, Columns, Row, Stacked } from './rows'
import { sourceStage } from './source'
import type { RowShape } from './table'
import { timeSeries } from './time-series'
import type { Dataset, ElementOf, StackedOf } from './types'

/** Options of `dataset.from`. */
export interface FromOptions<S extends RowShape = RowShape> {
  /** The shape of a row of a typed array without a `shape` of its own; for a record by column. Default [], numbers. */
  readonly rowShape?: S
}
type Iterated<T> = Iterable<T> | AsyncIterable<T> | Iterator<T> | AsyncIterator<T>

/**
 * A dataset of what a source gives:
 * - an array: what it holds, nested arrays being rows;
 * - a typed array: its rows along the first axis, views without a copy, or numbers where it is flat;
 * - a record of such, `{ x, y }`: records of the rows of every column, which must have equally many;
 * - an iterable or async iterable, such as a stream;
 * - a function that makes one, such as a generator function, called for every pass.
 *
 * An iterator, such as a generator object, gives its elements once: its second pass is a FeedError.
 */
function from<T>(source: () => Iterated<T>): Dataset<T, Stacked<T>>
/** A dataset of the rows of a typed array. */
function from<C extends NumberArray>(source: C): Dataset<Row<C>, BatchOf<C>>
/** A dataset of the rows of a typed array, each of the shape given. */
function from<C extends NumberArray, const S extends readonly number[]>(
  source: C,
  options: FromOptions<S>,
): Dataset<Row<C, S>, BatchOf<C>>
/** A dataset of what an array, an iterable or a stream gives. */
function from<T>(source: Iterated<T>): Dataset<T, Stacked<T>>
/** A dataset of records of the rows of every column. */
function from<
  C extends { readonly [name: string]: Columns },
  // eslint-disable-next-line @typescript-eslint/no-empty-object-type -- no column has a shape where none is given
  const S extends { readonly [name: string]: RowShape } = {},
>(source: C, options?: FromOptions<S>): Dataset<Row<C, S>, BatchOf<C>>
function from(source: unknown, options: FromOptions = {}): Dataset<unknown> {
  checkKeys('dataset.from', options, ['rowShape'])
  return datasetOf(sourceStage(source, options.rowShape))
}

/** Tuples, or records by name, of elements side by side, as many as the shortest dataset has. */
function zip<const S extends readonly Dataset<unknown>[] | { readonly [name: string]: Dataset<unknown> }>(
  datasets: S,
): Dataset<{ -readonly [K in keyof S]: ElementOf<S[K]> }, { -readonly [K in keyof S]: StackedOf<S[K]> }>
function zip(datasets: unknown): Dataset<unknown> {
  const what = 'dataset.zip'
  if (!Array.isArray(datasets) && !isRecord(datasets))
    throw new GraphError(`${what}: an array or a record of datasets is needed, it is ${showValue(datasets)}`)
  const names = Object.keys(datasets)
  if (names.length === 0) throw new GraphError(`${what}: there are no datasets`)
  const stages = names.map((name) => stageOf(`${what}: ${name}`, (datasets as Record<string, unknown>)[name]))
  const layouts = stages.map(({ layout }) => layout)
  if (Array.isArray(datasets)) return datasetOf(zipped(stages, layouts, (elements) => elements))
  const named = <V>(values: readonly V[]): Record<string, V> =>
    Object.fromEntries(names.map((name, i) => [name, values[i]!]))
  return datasetOf(zipped(stages, named(layouts), named))
}

/** Datasets from arrays, iterables and functions. */
export const dataset = {
  /** A dataset of what a source gives. */
  from,
  /** Datasets side by side. */
  zip,
  /** Sequences that slide over a series, and their targets. */
  timeSeries,
} as const
