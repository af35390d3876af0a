import { FeedError, GraphError } from '../ir/errors'
import type { Column } from './columns'
import type { Fed, Feeder } from './feeder'
import type { FeedNames } from './program'
import { namedColumns, type SampleSet } from './samples'

/** One pass over batches; a dataset's own, or an iterator. */
interface Pass {
  next(): IteratorResult<unknown> | Promise<IteratorResult<unknown>>
  close(): unknown
}

/** Batches that come from outside: a dataset, or anything that can be iterated, each element one batch. */
export interface BatchSource {
  readonly size?: number | undefined
  /** Present on datasets, which can go to a place at once. */
  iterate?(position: { readonly epoch: number; readonly skip: number }): Pass
}

export function isBatchSource(x: unknown): x is BatchSource {
  if (typeof x !== 'object' || x === null || Array.isArray(x) || ArrayBuffer.isView(x)) return false
  return 'iterate' in x || Symbol.asyncIterator in x || Symbol.iterator in x
}

/** Throws where a pass would never come to its end. */
export function requireEnd(what: string, data: BatchSource, steps: number | undefined, option: string): void {
  if (data.size === Infinity && steps === undefined) throw new GraphError(`${what} endless; give ${option}`)
}

function passOf(source: BatchSource, epoch: number, skip: number): Pass {
  if (source.iterate) return source.iterate({ epoch, skip })
  const iterable = source as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  const pass = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]!()
  let left = skip
  const next = (): IteratorResult<unknown> | Promise<IteratorResult<unknown>> => {
    const result = pass.next()
    if (left === 0) return result
    return Promise.resolve(result).then((r) => (r.done || left-- === 0 ? r : next()))
  }
  return { next, close: () => pass.return?.() }
}

const END: IteratorResult<unknown> = { done: true, value: undefined }

/** Batches of a source; with a number of steps the passes go on from epoch to epoch. */
export class DatasetFeeder implements Feeder {
  private pass: Pass | undefined
  private passes = 0
  /** What was looked at and not yet given. */
  private first: IteratorYieldResult<unknown> | undefined
  private readonly fed: Fed = { feeds: {}, count: 0 }

  constructor(
    private readonly source: BatchSource,
    readonly steps: number | undefined,
    /** Whether an epoch is a number of steps and not a pass. */
    private readonly isEndless: boolean,
    /** Where the run begins: nothing went before it. */
    private readonly firstEpoch: number,
    private readonly read: (element: unknown) => { readonly set: SampleSet; readonly names: FeedNames },
  ) {}

  /**
   * What is made of the first element, which says what the data look like; the first epoch begins with it. Closes the source
   * where that fails.
   */
  async peek<T>(make: (first: unknown) => T): Promise<T> {
    this.pass = passOf(this.source, 0, 0)
    this.passes = 1
    try {
      const result = await this.pass.next()
      if (result.done) throw new FeedError('the data have no batches')
      this.first = { done: false, value: result.value }
      return make(result.value)
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async begin(epoch: number, from: number): Promise<void> {
    const isFresh = this.passes === 1 && this.first !== undefined
    if (isFresh && from === 0 && (epoch === 0 || (epoch === this.firstEpoch && !this.source.iterate))) return
    if (!this.isEndless) {
      this.first = undefined
      await this.close()
      this.pass = passOf(this.source, epoch, from)
      this.passes = epoch + 1
      return
    }
    // Epochs follow one another without a gap; only a run that is resumed has to find its place.
    if (!isFresh) return
    const begun = Math.max(0, epoch - this.firstEpoch)
    for (let left = begun * (this.steps ?? 0) + from; left > 0; left--) await this.pull()
  }

  async next(): Promise<Fed | undefined> {
    const result = await this.pull()
    if (result.done) return undefined
    const { set, names } = this.read(result.value)
    this.fed.feeds = Object.fromEntries(namedColumns(set, names).map(([name, c]) => [name, shaped(c)]))
    this.fed.count = set.count
    return this.fed
  }

  async close(): Promise<void> {
    const { pass } = this
    this.pass = undefined
    await pass?.close()
  }

  private async pull(): Promise<IteratorResult<unknown>> {
    if (this.first !== undefined) {
      const { first } = this
      this.first = undefined
      return first
    }
    for (let tries = 0; tries < 2 && this.pass; tries++) {
      const result = await this.pass.next()
      if (!result.done) return result
      this.pass = undefined
      if (!this.isEndless) return END
      this.pass = passOf(this.source, this.passes++, 0)
    }
    if (!this.isEndless) return END
    throw new FeedError(
      'the data have no more batches, and a second pass gives none; give a source that can be gone through again',
    )
  }
}

const shaped = ({ data, count, shape }: Column): Column['data'] =>
  Object.defineProperty(data.subarray(), 'shape', { value: [count, ...shape] })
