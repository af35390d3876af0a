import { FeedError } from '../ir/errors'
import type { Data } from '../ir/type'
import type { FeedNames } from './program'
import { type Column, sliced } from './columns'
import type { SampleSet } from './samples'

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

/** Batches of samples that the program holds: a step takes their places. */
export class ResidentFeeder implements Feeder {
  readonly steps: number
  private order: Int32Array = new Int32Array(0)
  private at = 0
  private readonly fed: Fed = { feeds: {}, count: 0 }

  constructor(
    private readonly total: number,
    private readonly batch: number,
    private readonly orderOf: (epoch: number) => Int32Array,
  ) {
    this.steps = Math.ceil(total / batch)
  }

  begin(epoch: number, from: number): void {
    this.order = this.orderOf(epoch)
    this.at = from * this.batch
  }

  next(): Fed | undefined {
    const from = this.at
    if (from >= this.total) return undefined
    const to = Math.min(from + this.batch, this.total)
    this.at = to
    this.fed.feeds.index = this.order.subarray(from, to)
    this.fed.count = to - from
    return this.fed
  }
}

/** Batches of arrays: parts of them where they are in order, else copies of their rows. */
export class ArrayFeeder implements Feeder {
  readonly steps: number
  private order: Int32Array | undefined
  private at = 0
  private readonly fed: Fed = { feeds: {}, count: 0 }
  private readonly total: number
  private readonly columns: readonly (readonly [name: string, column: Column, buffer: Data | undefined])[]

  constructor(
    set: SampleSet,
    names: FeedNames,
    private readonly batch: number,
    /** Whether extents besides that of the batch are open, so that arrays must say their shape. */
    private readonly isOpen: boolean,
    private readonly orderOf?: (epoch: number) => Int32Array,
    /** How many samples every batch must have, where the model says it. */
    fixed?: number,
  ) {
    this.total = set.count
    checkFixed(fixed, set.count, batch)
    this.steps = Math.ceil(set.count / batch)
    const some = (columns: readonly (Column | undefined)[], own: readonly string[]) =>
      columns.flatMap((c, i) => {
        if (!c) return []
        const buffer = orderOf && c.data.slice(0, Math.min(batch, c.count) * c.size)
        return [[own[i]!, c, buffer] as const]
      })
    this.columns = [
      ...some(set.inputs, names.inputs),
      ...some(set.targets, names.targets),
      ...some(set.weights, names.weights),
    ]
  }

  begin(epoch: number, from: number): void {
    this.order = this.orderOf?.(epoch)
    this.at = from * this.batch
  }

  next(): Fed | undefined {
    const from = this.at
    if (from >= this.total) return undefined
    const to = Math.min(from + this.batch, this.total)
    this.at = to
    for (const [name, column, buffer] of this.columns) {
      const data = this.order && buffer ? rows(column, this.order, from, to, buffer) : sliced(column, from, to).data
      this.fed.feeds[name] = this.isOpen ? shaped(data, [to - from, ...column.shape]) : data
    }
    this.fed.count = to - from
    return this.fed
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
