import type { StackOptions, SlidingOptions } from './batch'
import type { Pass } from './pass'
import type { Stacked, Unstacked } from './rows'
import type { ShuffleOptions } from './shuffle'
import type { PassPosition } from './stage'

/**
 * Elements that are made when they are asked for, pass by pass. Nothing is kept beyond the buffers of `shuffle`, `window`,
 * `prefetch` and `cache`, so a dataset may be larger than memory. Each loop over it (`for` where nothing is asynchronous,
 * else `for await`), `forEach` and `toArray` is its next epoch: 0, 1, 2, ... A wrong argument is a GraphError when the
 * method is called; what goes wrong with an element is a FeedError with its index.
 */
export interface Dataset<T> extends Iterable<T>, AsyncIterable<T> {
  /** The number of elements of a pass, Infinity for an endless one; undefined where only a pass can tell. */
  readonly size: number | undefined
  /**
   * A pass over epoch `epoch` from element `skip` on, both 0 by default, with exactly the elements of the whole pass. What
   * is skipped is not made where its place can be told: rows in memory are not touched, functions of `map` not called.
   */
  iterate(position?: Partial<PassPosition>): Pass<T>

  /**
   * `size` rows in one, along a new first axis: numbers and nested arrays of them as a Float32Array (or `dtype`), typed
   * arrays as one of their type, all with a `shape`; records and tuples part by part; other things in arrays. The last
   * batch may be smaller unless `dropRemainder`. Rows of other shapes or types are an error that names the row.
   */
  batch(size: number, options?: StackOptions): Dataset<Stacked<T>>
  /** Windows that slide over the rows, stacked as `batch` stacks. Without `dropRemainder` those at the end are shorter. */
  window(options: SlidingOptions): Dataset<Stacked<T>>
  /** The rows of batches: `batch` undone. An array is a list of rows; one that holds typed arrays is a tuple of columns. */
  unbatch<R = Unstacked<T>>(): Dataset<R>
  /**
   * Elements drawn from a buffer of the next `bufferSize`; one that holds all (Infinity does) makes every order equally
   * likely. The order is a function of `seed` and the epoch.
   */
  shuffle(bufferSize: number, options?: ShuffleOptions): Dataset<T>
  /** The results of a function, awaited one after another where they are promises. */
  map<U>(f: (element: T, index: number) => U | PromiseLike<U>): Dataset<U>
  /** The elements for which a function gives true or promises it. */
  filter<U extends T>(test: (element: T, index: number) => element is U): Dataset<U>
  filter(test: (element: T, index: number) => boolean | PromiseLike<boolean>): Dataset<T>
  /** The first `count` elements. */
  take(count: number): Dataset<T>
  /** All but the first `count` elements. */
  skip(count: number): Dataset<T>
  /** `count` passes one after another, each an epoch of its own; endless by default. */
  repeat(count?: number): Dataset<T>
  /** All elements, then those of another dataset. */
  concatenate<U>(other: Dataset<U>): Dataset<T | U>
  /** Pairs of the index in the pass and the element. */
  enumerate(): Dataset<[index: number, element: T]>
  /** Keeps `count` elements ready: while one is used, asynchronous sources and functions work on the next. */
  prefetch(count: number): Dataset<T>
  /** Keeps all elements of the first pass, in their order, for those that follow. */
  cache(): Dataset<T>

  /** Calls a function on each element of the next epoch and waits for what it returns. */
  forEach(f: (element: T, index: number) => unknown): Promise<void>
  /** All elements of the next epoch. */
  toArray(): Promise<T[]>
}

export type ElementOf<D> = D extends Dataset<infer T> ? T : never
