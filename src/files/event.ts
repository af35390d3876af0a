import { bytes, double, int, many, one, type Rules, text } from '../formats/protobuf/rules'

/** An event as TensorBoard reads it. Source: event.proto, summary.proto, tensor.proto of TensorFlow. */
export interface Event {
  readonly wallTime: number
  readonly step?: number
  readonly fileVersion?: string
  readonly summary?: Summary
}

interface Summary {
  readonly value: readonly SummaryValue[]
}

interface SummaryValue {
  readonly tag: string
  readonly tensor: EventTensor
  readonly metadata: Metadata
}

interface Metadata {
  readonly plugin: { readonly name: string }
  readonly dataClass: number
}

interface EventTensor {
  readonly dtype: number
  readonly shape: { readonly dim: readonly { readonly size: number }[] }
  readonly content: Uint8Array
}

const metadata: Rules<Metadata> = {
  plugin: one(1, (): Rules<Metadata['plugin']> => ({ name: text(1) })),
  dataClass: int(4),
}

const dimension: Rules<EventTensor['shape']['dim'][number]> = { size: int(1) }
const shape: Rules<EventTensor['shape']> = { dim: many(2, () => dimension) }
const tensor: Rules<EventTensor> = { dtype: int(1), shape: one(2, () => shape), content: bytes(4) }
const value: Rules<SummaryValue> = { tag: text(1), tensor: one(8, () => tensor), metadata: one(9, () => metadata) }
const summary: Rules<Summary> = { value: many(1, () => value) }

export const EVENT: Rules<Event> = {
  wallTime: double(1),
  step: int(2),
  fileVersion: text(3),
  summary: one(5, () => summary),
}
