import type { AnyLayer } from '../../src/layers/layer'
import { layerOf } from '../../src/layers/registry'
import { camel, type LayerRecord } from './keras-records'

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

/** What Keras writes into a config that says nothing about what is computed. */
const SILENT = new Set(['name', 'dtype', 'trainable', 'module', 'registered_name', 'build_config'])

/** Layers inside a layer are in its config only. */
const INNER = ['cell', 'cells', 'layer', 'backward_layer']

/** The layer of a record, from the arguments of its constructor. */
export function layerOfRecord(record: LayerRecord): AnyLayer {
  const inner = INNER.flatMap((key) => (key in record.config ? [[key, record.config[key]] as const] : []))
  const given = [...inner, ...Object.entries(record.args)]
  const args = Object.fromEntries(given.filter(([key]) => !SILENT.has(key)))
  return layerOf({ className: record.layer, config: ours(args) as Record<string, unknown> })
}
