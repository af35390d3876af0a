import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { encodeMessage } from '../formats/protobuf/encode'
import { type Event, EVENT } from './event'
import { framed } from './records'

/** Numbers of kinds. Source: types.proto and summary.proto of TensorFlow. */
const FLOAT64 = 2
const KINDS = { scalars: 1, histograms: 2 }

let files = 0

/** A file of events that TensorBoard reads; it grows as events come. */
export class EventFile {
  readonly path: string
  private readonly file: number

  constructor(directory: string) {
    mkdirSync(directory, { recursive: true })
    const seconds = Math.floor(Date.now() / 1000)
    this.path = join(directory, `events.out.tfevents.${seconds}.${hostname()}.${process.pid}.${files++}.v2`)
    this.file = openSync(this.path, 'wx')
    this.write({ fileVersion: 'brain.Event:2' })
  }

  scalar(tag: string, value: number, step: number): void {
    this.summary('scalars', tag, [], Float64Array.of(value), step)
  }

  /** Rows of left edge, right edge and count. */
  histogram(tag: string, rows: Float64Array, step: number): void {
    this.summary('histograms', tag, [rows.length / 3, 3], rows, step)
  }

  close(): void {
    closeSync(this.file)
  }

  private summary(
    kind: keyof typeof KINDS,
    tag: string,
    shape: readonly number[],
    values: Float64Array,
    step: number,
  ): void {
    const tensor = {
      dtype: FLOAT64,
      shape: { dim: shape.map((size) => ({ size })) },
      content: new Uint8Array(values.buffer, values.byteOffset, values.byteLength),
    }
    const metadata = { plugin: { name: kind }, dataClass: KINDS[kind] }
    this.write({ step, summary: { value: [{ tag, tensor, metadata }] } })
  }

  private write(event: Omit<Event, 'wallTime'>): void {
    appendFileSync(this.file, framed(encodeMessage({ wallTime: Date.now() / 1000, ...event }, EVENT)))
  }
}
