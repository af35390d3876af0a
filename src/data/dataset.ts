import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import { unbatched, type SlidingOptions, windows } from './batch'
import { cached, prefetched } from './buffer'
import { checkCount, checkFunction, checkSeed } from './checks'
import { concatenated, repeated } from './combine'
import { filtered, mapped, numbered, skipped, taken } from './elements'
import { showValue } from './layout'
import { begin, eachOf } from './pass'
import { shuffled } from './shuffle'
import type { PassPosition, Stage } from './stage'
import type { Dataset } from './types'

const stages = new WeakMap<object, Stage<unknown>>()

/** The stage behind a dataset. */
export function stageOf<T>(what: string, dataset: unknown): Stage<T> {
  const stage = typeof dataset === 'object' && dataset !== null ? stages.get(dataset) : undefined
  if (!stage) throw new GraphError(`${what}: a dataset is needed, it is ${showValue(dataset)}; dataset.from makes one`)
  return stage as Stage<T>
}

const STACKING = ['dropRemainder', 'dtype']

/** `B` is for the caller to say: what the layout of the stage makes of its elements when they are stacked. */
export function datasetOf<T, B = unknown>(stage: Stage<T>): Dataset<T, B> {
  let epoch = 0
  const nextPass = (): ReturnType<typeof begin<T>> => begin(stage, { epoch: epoch++, skip: 0 })
  const alike = (stage: Stage<T>): Dataset<T, B> => datasetOf<T, B>(stage)
  // The interface says what these steps make; to follow it here would take the compiler through every type of batch.
  const other = (stage: Stage<unknown>): Dataset<never, never> => datasetOf<never, never>(stage as Stage<never>)
  const sliding = (what: string, options: SlidingOptions): Dataset<never, never> => {
    const { size, shift = size, stride = 1 } = options
    for (const [name, value] of Object.entries({ size, shift, stride })) checkCount(what, name, value, 1)
    checkFlags(what, options, ['dropRemainder'])
    return other(windows(what, stage, options))
  }

  const dataset: Dataset<T, B> = {
    size: stage.size,
    iterate: (position = {}) => {
      checkKeys('dataset.iterate', position, ['epoch', 'skip'])
      const { epoch = 0, skip = 0 } = position
      for (const [name, value] of Object.entries({ epoch, skip } satisfies PassPosition))
        checkCount('dataset.iterate', name, value, 0)
      return begin(stage, { epoch, skip })
    },
    [Symbol.iterator]: () => nextPass()[Symbol.iterator](),
    [Symbol.asyncIterator]: () => nextPass()[Symbol.asyncIterator](),

    batch: (size, options = {}) => {
      checkKeys('dataset.batch', options, STACKING)
      return sliding('dataset.batch', { ...options, size })
    },
    window: (options) => {
      checkKeys('dataset.window', options, ['size', 'shift', 'stride', ...STACKING])
      return sliding('dataset.window', options)
    },
    unbatch: () => other(unbatched(stage)),
    shuffle: (bufferSize, options = {}) => {
      checkCount('dataset.shuffle', 'bufferSize', bufferSize, 1, true)
      checkKeys('dataset.shuffle', options, ['seed', 'reshuffle'])
      checkFlags('dataset.shuffle', options, ['reshuffle'])
      const { seed = 0, reshuffle = true } = options
      checkSeed('dataset.shuffle', seed)
      if (bufferSize === Infinity && stage.size === Infinity)
        throw new GraphError('dataset.shuffle: an endless dataset needs a buffer of a size; or shuffle before repeat()')
      return alike(shuffled(stage, bufferSize, { seed, reshuffle }))
    },
    map: (f) => {
      checkFunction('dataset.map', f)
      return other(mapped<T, unknown>(stage, f))
    },
    filter: (test: (element: T, index: number) => boolean | PromiseLike<boolean>): Dataset<never, never> => {
      checkFunction('dataset.filter', test)
      return other(filtered(stage, test))
    },
    take: (count) => {
      checkCount('dataset.take', 'count', count, 0, true)
      return alike(taken(stage, count))
    },
    skip: (count) => {
      checkCount('dataset.skip', 'count', count, 0)
      return alike(skipped(stage, count))
    },
    repeat: (count = Infinity) => {
      checkCount('dataset.repeat', 'count', count, 0, true)
      return alike(repeated(stage, count))
    },
    concatenate: (next) => other(concatenated<unknown>(stage, stageOf('dataset.concatenate', next))),
    enumerate: () => other(numbered(stage)),
    prefetch: (count) => {
      checkCount('dataset.prefetch', 'count', count, 1)
      return alike(prefetched(stage, count))
    },
    cache: () => alike(cached(stage)),

    forEach: async (f) => {
      checkFunction('dataset.forEach', f)
      await eachOf(nextPass(), f)
    },
    toArray: async () => {
      if (stage.size === Infinity) throw new GraphError('dataset.toArray: the dataset is endless; take(n) comes first')
      const elements: T[] = []
      await eachOf(nextPass(), (element) => void elements.push(element))
      return elements
    },
  }
  stages.set(Object.freeze(dataset), stage)
  return dataset
}
