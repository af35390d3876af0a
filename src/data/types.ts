import type { SlidingOptions, StackDType, StackOptions } from './batch'
import type { Shaped } from './layout'
import type { Pass } from './pass'
import type { Stacked, Unstacked, WithDType } from './rows'
import type { ShuffleOptions } from './shuffle'
import type { PassPosition } from './stage'

/**
 * Elements that are made when they are asked for, pass by pass. Nothing is kept beyond the buffers of `shuffle`, `window`,
 * `prefetch` and `cache`, so a dataset may be larger than memory. Each loop over it (`for` where nothing is asynchronous,
 * else `for await`), `forEach` and `toArray` is its next epoch: 0, 1, 2, ... A wrong argument is a GraphError when the
 * method is called; what goes wrong with an element is a FeedError with its index.
 * `B` is what `batch` stacks elements into, where it is known: a function that takes a Dataset<T> takes any dataset of T.
 */
export interface Dataset<out T, out B = unknown> extends Iterable<T>, AsyncIterable<T> {
  /** The number of elements of a pass, Infinity for an endless one; undefined where only a pass can tell. */
  readonly size: number | undefined
  /**
   * A pass over epoch `epoch` from element `skip` on, both 0 by default, with exactly the elements of the whole pass. What
   * is skipped is not made where its place can be told: rows in memory are not touched, functions of `map` not called.
   */
  iterate(position?: Partial<PassPosition>): Pass<T>

  /**
   * `size` rows in one, along a new first axis: numbers and nested arrays of them as a Float32Array, booleans as a
   * Uint8Array, typed arrays as one of their type, or any of these as `dtype` says, all with a `shape`; records and tuples part by part; other things in arrays. The last
   * batch may be smaller unless `dropRemainder`. Rows of other shapes or types are an error that names the row.
   */
  batch<const D extends StackDType | undefined = undefined>(
    size: number,
    options?: StackOptions<D>,
  ): Dataset<WithDType<B, D>, WithDType<B, D>>
  /** Windows that slide over the rows, stacked as `batch` stacks. Without `dropRemainder` those at the end are shorter. */
  window<const D extends StackDType | undefined = undefined>(
    options: SlidingOptions<D>,
  ): Dataset<WithDType<B, D>, WithDType<B, D>>
  /** The rows of batches: `batch` undone. An array is a list of rows; one that holds typed arrays is a tuple of columns. */
  unbatch<R = Unstacked<T>>(): Dataset<R, T>
  /**
   * Elements drawn from a buffer of the next `bufferSize`; one that holds all (Infinity does) makes every order equally
   * likely. The order is a function of `seed` and the epoch.
   */
  shuffle(bufferSize: number, options?: ShuffleOptions): Dataset<T, B>
  /** The results of a function, awaited one after another where they are promises. */
  map<U>(f: (element: T, index: number) => U | PromiseLike<U>): Dataset<U, Stacked<U>>
  /** The elements for which a function gives true or promises it. */
  filter<U extends T>(test: (element: T, index: number) => element is U): Dataset<U, B>
  /** The elements for which a function gives true or promises it. */
  filter(test: (element: T, index: number) => boolean | PromiseLike<boolean>): Dataset<T, B>
  /** The first `count` elements. */
  take(count: number): Dataset<T, B>
  /** All but the first `count` elements. */
  skip(count: number): Dataset<T, B>
  /** `count` passes one after another, each an epoch of its own; endless by default. */
  repeat(count?: number): Dataset<T, B>
  /** All elements, then those of another dataset. Numbers whose array types differ are stacked as float32. */
  concatenate<U, C>(other: Dataset<U, C>): Dataset<T | U, B | C>
  /** Pairs of the index in the pass and the element. */
  enumerate(): Dataset<[index: number, element: T], [index: Shaped<Int32Array>, element: B]>
  /** Keeps `count` elements ready: while one is used, asynchronous sources and functions work on the next. */
  prefetch(count: number): Dataset<T, B>
  /** Keeps all elements of the first pass, in their order, for those that follow. */
  cache(): Dataset<T, B>

  /** Calls a function on each element of the next epoch and waits for what it returns. */
  forEach(f: (element: T, index: number) => unknown): Promise<void>
  /** All elements of the next epoch. */
  toArray(): Promise<T[]>
}

/** What a dataset gives, one at a time. */
export type ElementOf<D> = D extends Dataset<infer T, unknown> ? T : never
export type StackedOf<D> = D extends Dataset<unknown, infer B> ? B : never
