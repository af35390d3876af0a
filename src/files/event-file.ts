import { appendFileSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { bytesField, doubleField, intField, littleEndian, message, textField } from './protobuf'
import { framed } from './records'

// Numbers of fields and kinds. Source: event.proto, summary.proto, tensor.proto and types.proto of TensorFlow.
const EVENT = { wallTime: 1, step: 2, fileVersion: 3, summary: 5 }
const SUMMARY = { value: 1 }
const VALUE = { tag: 1, tensor: 8, metadata: 9 }
const METADATA = { plugin: 1, dataClass: 4 }
const PLUGIN = { name: 1 }
const TENSOR = { dtype: 1, shape: 2, content: 4 }
const [SHAPE_DIM, DIM_SIZE] = [2, 1]
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
    this.write(textField(EVENT.fileVersion, 'brain.Event:2'))
  }

  scalar(tag: string, value: number, step: number): void {
    this.summary('scalars', tag, [], [value], step)
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
    values: ArrayLike<number>,
    step: number,
  ): void {
    const dims = shape.map((size) => bytesField(SHAPE_DIM, intField(DIM_SIZE, size)))
    const tensor = message(
      intField(TENSOR.dtype, FLOAT64),
      bytesField(TENSOR.shape, message(...dims)),
      bytesField(TENSOR.content, littleEndian(values)),
    )
    const metadata = message(
      bytesField(METADATA.plugin, textField(PLUGIN.name, kind)),
      intField(METADATA.dataClass, KINDS[kind]),
    )
    const value = message(
      textField(VALUE.tag, tag),
      bytesField(VALUE.tensor, tensor),
      bytesField(VALUE.metadata, metadata),
    )
    this.write(intField(EVENT.step, step), bytesField(EVENT.summary, bytesField(SUMMARY.value, value)))
  }

  private write(...fields: readonly Uint8Array[]): void {
    appendFileSync(this.file, framed(message(doubleField(EVENT.wallTime, Date.now() / 1000), ...fields)))
  }
}
