import { FeedError } from '../ir/errors'
import type { Layout } from './layout'

/**
 * What a stage gives instead of an element that is not there yet: wait for the promise, which never rejects, then ask
 * again. So each stage is written once, as a generator, and is synchronous wherever its source and functions are.
 */
export class Pending {
  readonly #promise: Promise<unknown>
  constructor(promise: Promise<unknown>) {
    this.#promise = promise
  }
  get promise(): Promise<unknown> {
    return this.#promise
  }
}

/** Where a pass is: how many elements of the pass `epoch` have been taken. Both count from 0. */
export interface PassPosition {
  readonly epoch: number
  readonly skip: number
}

/** A pass that begins. */
export interface Opening extends PassPosition {
  /** What closes asynchronously is put here; these promises never reject. */
  readonly closing: Promise<Failure | undefined>[]
}
export interface Failure {
  readonly error: unknown
}

export type Items<T> = Generator<T | Pending, void, undefined>

/** A step of a pipeline: plain data and a function that begins a pass. */
export interface Stage<T> {
  /** The number of elements of a pass; undefined where only a pass can tell. */
  readonly size: number | undefined
  readonly layout: Layout
  /** The elements from `skip` on. Nothing is opened before the first is asked for. */
  open(opening: Opening): Items<T>
  /** Any element by its index, at once and the same in every pass: only where elements lie in memory. */
  readonly at?: (index: number) => T
}

export const isPromise = <V>(value: V | PromiseLike<V>): value is PromiseLike<V> =>
  typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'

/** What a promise gives, for generators: `const value = yield* settled(promise)`. */
export function* settled<V>(promise: PromiseLike<V>): Generator<Pending, V, undefined> {
  let outcome: { readonly value: V } | Failure | undefined
  const pending = new Pending(
    Promise.resolve(promise).then(
      (value) => (outcome = { value }),
      (error: unknown) => (outcome = { error }),
    ),
  )
  while (outcome === undefined) yield pending
  const found = outcome
  if ('error' in found) throw found.error
  return found.value
}

/** The next element of items, once it is there; undefined at the end. */
export function* pulled<T>(items: Items<T>): Generator<Pending, { readonly value: T } | undefined, undefined> {
  for (;;) {
    const { done, value } = items.next()
    if (done) return undefined
    if (!(value instanceof Pending)) return { value }
    yield value
  }
}

/** Closes items in order; each is closed even where another fails to, and the first failure is thrown. */
export function closeAll(all: readonly Items<unknown>[]): void {
  const failures: Failure[] = []
  for (const items of all) {
    try {
      items.return()
    } catch (error) {
      failures.push({ error })
    }
  }
  if (failures[0]) throw failures[0].error
}

/** An error of the user's code, with the index of the element it was met at. */
export function failedAt(what: string, index: number, error: unknown): FeedError {
  const said = error instanceof Error ? error.message : String(error)
  return new FeedError(`${what} failed at element ${index}: ${said}`, { cause: error })
}

/** Calls a function of the user's on the element of an index and waits for its result if it is a promise. */
export function* called<V>(what: string, index: number, call: () => V | PromiseLike<V>): Generator<Pending, V> {
  try {
    const made = call()
    return isPromise(made) ? yield* settled(made) : made
  } catch (error) {
    throw failedAt(`${what}: the function`, index, error)
  }
}
