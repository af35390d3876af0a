import { FeedError, GraphError } from '../ir/errors'
import { isRecord, showValue } from './layout'
import { failedAt, type Failure, isPromise, type Items, type Opening, settled, type Stage } from './stage'
import type { RowShape, Table } from './table'
import { tableOf } from './table'

const WHAT = 'dataset.from'

/** Rows in memory, each by its index. */
export function tableStage<T>({ extent, layout, at }: Table): Stage<T> {
  const row = at as (index: number) => T
  return { size: extent, layout, at: row, open: ({ skip }) => rowsFrom(extent, row, skip) }
}

export function* rowsFrom<T>(size: number, at: (index: number) => T, skip: number): Items<T> {
  for (let index = skip; index < size; index++) yield at(index)
}

type AnyIterator = Iterator<unknown, unknown, undefined> | AsyncIterator<unknown, unknown, undefined>

export function sourceStage(source: unknown, rowShape: RowShape | undefined): Stage<unknown> {
  if (Array.isArray(source) || ArrayBuffer.isView(source) || (isRecord(source) && !isSource(source))) {
    const table = tableOf(WHAT, '', source, rowShape)
    if (table) return tableStage(table)
  }
  if (rowShape !== undefined) throw new GraphError(`${WHAT}: rowShape is for typed arrays and records of them`)
  if (typeof source === 'function') return iteratedStage(() => iteratorOf(source(), 'what the function returns'), false)
  if (typeof source === 'object' && source !== null && isSource(source))
    return iteratedStage(() => iteratorOf(source, 'the source'), true)
  throw new GraphError(
    `${WHAT}: the source must be an array, a typed array, a record of arrays, an iterable, an async iterable or a ` +
      `generator function, it is ${showValue(source)}`,
  )
}

const isSource = (value: object): boolean =>
  Symbol.asyncIterator in value || Symbol.iterator in value || typeof (value as { next?: unknown }).next === 'function'

/** One of the two protocols, or a bare iterator. */
function iteratorOf(value: unknown, label: string): AnyIterator {
  if (typeof value === 'object' && value !== null) {
    if (Symbol.asyncIterator in value) return (value as AsyncIterable<unknown, unknown, undefined>)[Symbol.asyncIterator]() // prettier-ignore
    if (Symbol.iterator in value) return (value as Iterable<unknown, unknown, undefined>)[Symbol.iterator]()
    if (isSource(value)) return value as AnyIterator
  }
  throw new FeedError(`${WHAT}: ${label} must be iterable, it is ${showValue(value)}`)
}

const onlyOnce = (why: string): FeedError =>
  new FeedError(
    `${WHAT}: the source is an iterator, which gives its elements once, and ${why}; give a function that makes ` +
      'it anew, dataset.from(function* () { ... }), or keep its elements with cache()',
  )

/** The second pass over a source that gives its elements once is an error, not an empty pass. */
function iteratedStage(begin: () => AnyIterator, isObject: boolean): Stage<unknown> {
  const begun = new WeakSet<AnyIterator>()
  // Streams give a new iterator each time they are asked, and nothing more once they were read.
  let given = 0
  return {
    size: undefined,
    layout: undefined,
    *open({ skip, closing }) {
      const iterator = begin()
      if (begun.has(iterator)) throw onlyOnce('a pass over it has begun already')
      begun.add(iterator)
      let isOpen = true
      let index = 0
      try {
        for (;;) {
          let step: IteratorResult<unknown> | PromiseLike<IteratorResult<unknown>>
          try {
            step = iterator.next()
            if (isPromise(step)) step = yield* settled(step)
          } catch (error) {
            isOpen = false
            throw failedAt(`${WHAT}: the source`, index, error)
          }
          isOpen = !step.done
          if (!isOpen) break
          if (index++ >= skip) yield step.value
        }
        if (isObject && index === 0 && given > 0) throw onlyOnce(`it gave ${given} in an earlier pass, now none`)
        given = Math.max(given, index)
      } finally {
        if (isOpen) close(iterator, closing)
      }
    },
  }
}

function close(iterator: AnyIterator, closing: Opening['closing']): void {
  const closed = iterator.return?.()
  if (!isPromise(closed)) return
  const failed = (error: unknown): Failure => ({ error })
  closing.push(Promise.resolve(closed).then(() => undefined, failed))
}
