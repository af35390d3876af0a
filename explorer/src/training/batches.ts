import { generator, shuffled } from '../../../examples/lib/shuffle'
import type { Column, Columns } from './columns'

type Array = Float32Array | Float64Array | Int32Array | Uint8Array
export type Feeds = Readonly<Record<string, Array>>

const ARRAYS: Readonly<Record<string, new (length: number) => Array>> = {
  float32: Float32Array,
  float64: Float64Array,
  int32: Int32Array,
  uint8: Uint8Array,
}

/** An array for so many rows of a column, which says its shape: extents with names are read off it. */
function newArray({ dtype, shape, width }: Column, rows: number): Array {
  const array = new (ARRAYS[dtype] ?? Float32Array)(rows * width)
  return Object.defineProperty(array, 'shape', { value: [rows, ...shape] })
}

/** Rows of columns at the given positions as feeds. The arrays are made once for each size and used again. */
export class Feeder {
  private readonly kept = new Map<string, Record<string, Array>>()

  constructor(private readonly columns: readonly Column[]) {}

  take(positions: ArrayLike<number>): Feeds {
    const size = positions.length
    const key = String(size)
    let feeds = this.kept.get(key)
    if (!feeds) {
      feeds = Object.fromEntries(this.columns.map((column) => [column.input, newArray(column, size)]))
      this.kept.set(key, feeds)
    }
    for (const { input, width, data } of this.columns) {
      const to = feeds[input]!
      for (let i = 0; i < size; i++) {
        const from = positions[i]! * width
        for (let k = 0; k < width; k++) to[i * width + k] = data[from + k]!
      }
    }
    return feeds
  }
}

/** Batches of the rows to learn from: every row once an epoch, in an order that a seed gives; a remainder is left out. */
export class Batches {
  epoch = 0
  private order: Int32Array
  private at = 0
  private random: () => number
  private readonly feeder: Feeder

  constructor(
    private readonly columns: Columns,
    private readonly seed: number,
  ) {
    this.feeder = new Feeder([columns.sample, ...(columns.target ? [columns.target] : [])])
    this.random = generator(seed)
    this.order = shuffled(columns.learnt, this.random)
  }

  next(size: number): Feeds {
    const { learnt } = this.columns
    if (this.at + size > learnt) {
      this.epoch++
      this.order = shuffled(learnt, this.random)
      this.at = 0
    }
    this.at += size
    return this.feeder.take(this.order.subarray(this.at - size, this.at))
  }

  /** Goes on where other batches of the same rows are. */
  takeOver({ epoch, order, at, random }: Batches): void {
    Object.assign(this, { epoch, order, at, random })
  }

  reset(): void {
    this.random = generator(this.seed)
    this.order = shuffled(this.columns.learnt, this.random)
    this.at = this.epoch = 0
  }
}

/** So many positions spread evenly over the rows that are held out, in their order. */
export function heldOutRows({ count, learnt }: Columns, most: number): Int32Array {
  const size = Math.min(most, count - learnt)
  return Int32Array.from({ length: size }, (_, i) => learnt + Math.floor((i * (count - learnt)) / size))
}
