import { camel } from '../../src/keras/keys'
import { layerFromKeras } from '../../src/keras/layer'
import { Part } from '../../src/keras/part'
import { reading } from '../../src/keras/reading'
import type { AnyLayer } from '../../src/layers/layer'
import type { LayerRecord } from './keras-records'

type Json = unknown

/** Arguments of Keras as ours: keys in camelCase, nested objects of Keras as `{ className, config }`. */
export function ours(value: Json): Json {
  if (Array.isArray(value)) return value.map(ours)
  if (typeof value !== 'object' || value === null) return value
  const { class_name: className, config, ...rest } = value as Record<string, Json>
  if (typeof className === 'string') return { className, config: ours(config ?? {}) }
  // A seed of null is none.
  const given = Object.entries(rest).filter(([key, v]) => key !== 'seed' || v !== null)
  return Object.fromEntries(given.map(([key, v]) => [camel(key), ours(v)]))
}

/** Layers inside a layer are in its config only. */
const INNER = ['cell', 'cells', 'layer', 'backward_layer']
const KERAS = { version: '3.0.5', major: 3, isTfjs: false } as const

/** The layer of a record, from the arguments of its constructor; nothing that those say may be passed over. */
export function layerOfRecord(record: LayerRecord): AnyLayer {
  const inner = INNER.flatMap((key) => (key in record.config ? [[key, record.config[key]] as const] : []))
  const { name: _, ...args } = record.args
  const config = { ...Object.fromEntries(inner), ...args }
  const read = reading('keras', KERAS, {})
  const layer = layerFromKeras(
    new Part('keras', record.id, { class_name: record.layer, config }),
    read,
    () => undefined,
  )
  if (read.notes.length > 0) throw new Error(`${record.id}: ${JSON.stringify(read.notes)}`)
  return layer
}
