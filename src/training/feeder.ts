import { FeedError } from '../ir/errors'
import type { Data } from '../ir/type'
import type { FeedNames } from './program'
import { type Column, sliced } from './columns'
import { namedColumns, type SampleSet } from './samples'

/** One batch for an entry. The object is used again for the next one. */
export interface Fed {
  feeds: Record<string, unknown>
  /** How many samples. */
  count: number
}

/** Gives the batches of epochs, one at a time. */
export interface Feeder {
  /** Batches of an epoch, where that is known. */
  readonly steps: number | undefined
  /** Goes to a batch of an epoch. */
  begin(epoch: number, from: number): void | Promise<void>
  /** The next one; undefined at the end of the epoch. */
  next(): Fed | undefined | Promise<Fed | undefined>
  /** Closes sources that are open still. */
  close?(): void | Promise<void>
}

/** Goes through places in steps; the last one may be smaller. */
class Cursor {
  from = 0
  to = 0

  constructor(
    readonly total: number,
    readonly batch: number,
  ) {}

  get steps(): number {
    return Math.ceil(this.total / this.batch)
  }

  /** Puts the next step before the batch of that number. */
  begin(batch: number): void {
    this.to = batch * this.batch
  }

  /** Whether there is one more. */
  advance(): boolean {
    this.from = this.to
    this.to = Math.min(this.from + this.batch, this.total)
    return this.from < this.total
  }
}

/** Batches of samples that the program holds: a step takes their places. */
export class ResidentFeeder implements Feeder {
  private readonly cursor: Cursor
  private order: Int32Array = new Int32Array(0)
  private readonly fed: Fed = { feeds: {}, count: 0 }

  constructor(
    total: number,
    batch: number,
    private readonly orderOf: (epoch: number) => Int32Array,
  ) {
    this.cursor = new Cursor(total, batch)
  }

  get steps(): number {
    return this.cursor.steps
  }

  begin(epoch: number, from: number): void {
    this.order = this.orderOf(epoch)
    this.cursor.begin(from)
  }

  next(): Fed | undefined {
    const { cursor, fed } = this
    if (!cursor.advance()) return undefined
    fed.feeds.index = this.order.subarray(cursor.from, cursor.to)
    fed.count = cursor.to - cursor.from
    return fed
  }
}

/** Epochs of a number of steps: each goes on where the one before it ended, over pass after pass. */
class EpochFeeder implements Feeder {
  private pass = 0

  constructor(
    private readonly passes: ArrayFeeder | ResidentFeeder,
    readonly steps: number,
  ) {}

  begin(epoch: number, from: number): void {
    const { steps, passes } = this
    const place = epoch * steps + from
    this.pass = Math.floor(place / passes.steps)
    passes.begin(this.pass, place % passes.steps)
  }

  next(): Fed | undefined {
    const fed = this.passes.next()
    if (fed) return fed
    this.passes.begin(++this.pass, 0)
    return this.passes.next()
  }
}
export const inEpochs = (passes: ArrayFeeder | ResidentFeeder, steps: number | undefined): Feeder =>
  steps === undefined ? passes : new EpochFeeder(passes, steps)

/** How arrays are cut into batches. */
export interface Cut {
  readonly batch: number
  /** Whether extents besides that of the batch are open, so that arrays must say their shape. */
  readonly isOpen: boolean
  /** The places of the samples in an epoch; in order without it. */
  readonly orderOf?: ((epoch: number) => Int32Array) | undefined
  /** How many samples every batch must have, where the model says it. */
  readonly fixed?: number | undefined
}

/** Batches of arrays: parts of them where they are in order, else copies of their rows. */
export class ArrayFeeder implements Feeder {
  private readonly cursor: Cursor
  private order: Int32Array | undefined
  private readonly fed: Fed = { feeds: {}, count: 0 }
  private readonly columns: readonly (readonly [name: string, column: Column, buffer: Data | undefined])[]

  constructor(
    set: SampleSet,
    names: FeedNames,
    private readonly cut: Cut,
  ) {
    const { batch, orderOf, fixed } = cut
    checkFixed(fixed, set.count, batch)
    this.cursor = new Cursor(set.count, batch)
    this.columns = namedColumns(set, names).map(([name, c]) => [
      name,
      c,
      orderOf && c.data.slice(0, Math.min(batch, c.count) * c.size),
    ])
  }

  get steps(): number {
    return this.cursor.steps
  }

  begin(epoch: number, from: number): void {
    this.order = this.cut.orderOf?.(epoch)
    this.cursor.begin(from)
  }

  next(): Fed | undefined {
    const { cursor, fed, order } = this
    if (!cursor.advance()) return undefined
    const { from, to } = cursor
    for (const [name, column, buffer] of this.columns) {
      const data = order && buffer ? rows(column, order, from, to, buffer) : sliced(column, from, to).data
      fed.feeds[name] = this.cut.isOpen ? shaped(data, [to - from, ...column.shape]) : data
    }
    fed.count = to - from
    return fed
  }
}

function checkFixed(fixed: number | undefined, total: number, batch: number): void {
  if (fixed === undefined || (total % fixed === 0 && Math.min(total, batch) === fixed)) return
  throw new FeedError(
    `the model takes batches of ${fixed} samples; give batchSize ${fixed} and a number of samples that it divides, not ${batch} and ${total}`,
  )
}

function rows({ data, size }: Column, order: Int32Array, from: number, to: number, buffer: Data): Data {
  const into = (to - from) * size === buffer.length ? buffer : buffer.subarray(0, (to - from) * size)
  for (let i = from, at = 0; i < to; i++, at += size) {
    const start = order[i]! * size
    if (size <= 32) for (let k = 0; k < size; k++) into[at + k] = data[start + k]!
    else into.set(data.subarray(start, start + size), at)
  }
  return into
}

/** Says its shape, so that extents that the model leaves open are told apart. */
const shaped = (data: Data, shape: readonly number[]): Data =>
  Object.defineProperty(data, 'shape', { value: shape, configurable: true })
