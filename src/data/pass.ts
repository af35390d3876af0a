import { FeedError } from '../ir/errors'
import { failedAt, isPromise, Pending, type PassPosition, type Stage } from './stage'

type Result<T> = IteratorResult<T, undefined>

/** One pass over a dataset, which holds its sources open until it ends or is closed. */
export interface Pass<T> extends Iterable<T>, AsyncIterable<T> {
  /** Where the pass is: another that begins there gives what this one gives next. */
  readonly position: PassPosition
  /** The next element: at once where nothing needs waiting for, else a promise. */
  next(): Result<T> | Promise<Result<T>>
  /** Closes the sources. A promise where a source closes asynchronously. */
  close(): void | Promise<void>
}

const DONE: Result<never> = { done: true, value: undefined }
const ignore = (): void => undefined

export function begin<T>(stage: Stage<T>, { epoch, skip }: PassPosition): Pass<T> {
  const closing: Parameters<Stage<T>['open']>[0]['closing'] = []
  const items = stage.open({ epoch, skip, closing })
  let taken = skip
  let busy: Promise<Result<T>> | undefined

  const closed = async (): Promise<void> => {
    const failures = await Promise.all(closing.splice(0))
    for (const failure of failures) if (failure) throw failure.error
  }

  const pull = (): Result<T> | Promise<Result<T>> => {
    let step: IteratorResult<T | Pending, void>
    try {
      step = items.next()
    } catch (error) {
      if (closing.length === 0) throw error
      const fail = (): never => {
        throw error
      }
      return closed().then(fail, fail)
    }
    if (step.done) return closing.length === 0 ? DONE : closed().then(() => DONE)
    if (step.value instanceof Pending) return step.value.promise.then(pull)
    taken++
    return step as Result<T>
  }

  const next = (): Result<T> | Promise<Result<T>> => {
    const result = busy ? busy.then(pull, pull) : pull()
    if (!isPromise(result)) return result
    const free = (): void => {
      if (busy === result) busy = undefined
    }
    busy = result
    result.then(free, free)
    return result
  }

  const close = (): void | Promise<void> => {
    items.return()
    return closing.length === 0 ? undefined : closed()
  }

  return {
    get position() {
      return { epoch, skip: taken }
    },
    next,
    close,
    [Symbol.asyncIterator]: () => ({
      next: async () => next(),
      return: async () => {
        await close()
        return DONE
      },
    }),
    [Symbol.iterator]: () => ({
      next: () => {
        const result = next()
        if (!isPromise(result)) return result
        result.then(ignore, ignore)
        Promise.resolve(close()).then(ignore, ignore)
        throw new FeedError(`dataset: element ${taken} comes asynchronously; use for await instead of for`)
      },
      return: () => {
        void close()
        return DONE
      },
    }),
  }
}

/** Calls a function on every element in turn and waits for what it returns. */
export async function eachOf<T>(pass: Pass<T>, f: (element: T, index: number) => unknown): Promise<void> {
  for (let index = pass.position.skip; ; index++) {
    let step = pass.next()
    if (isPromise(step)) step = await step
    if (step.done) return
    try {
      const made = f(step.value, index)
      if (isPromise(made)) await made
    } catch (error) {
      await Promise.resolve(pass.close()).catch(ignore)
      throw failedAt('dataset.forEach: the function', index, error)
    }
  }
}
