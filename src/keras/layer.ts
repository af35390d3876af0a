import { FormatError, quoted } from '../formats/error'
import type { AnyLayer } from '../layers/layer'
import { explained } from '../layers/option'
import { layerKinds } from '../layers/registry'
import { layerOptions } from '../layers/shared-options'
import { camel, CLASS_ALIASES, isInert, isSilent, RENAMED } from './keys'
import type { Json, Part } from './part'
import { activationFromKeras, partFromKeras } from './parts'
import type { Reading } from './reading'

/** What makes models of their configs; a parameter, since models are made of layers. */
export type ModelMaker = (className: string, config: Part, name: string | undefined) => AnyLayer | undefined

export const classOf = (name: string): string => (Object.hasOwn(CLASS_ALIASES, name) ? CLASS_ALIASES[name]! : name)

/** Whether a class is one of a layer; Keras 3 has operations among them, which are none. */
export const isLayerClass = (className: string, { makers }: Reading): boolean =>
  makers.has(className) || layerKinds.has(classOf(className))

/** Lists that Python tells apart: { class_name: '__tuple__', items: [...] }. */
export function plainValue(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plainValue)
  if (typeof value !== 'object' || value === null) return value
  const { class_name: kind, items } = value as Json
  return typeof kind === 'string' && Array.isArray(items) ? items.map(plainValue) : value
}

/**
 * The layer of { class_name, config } as any generation of Keras writes it, with new weights. What it does not have here is
 * noted. Throws a FormatError that names layer and class where there is no such class, a GraphError where its options are wrong.
 */
export function layerFromKeras(part: Part, reading: Reading, models: ModelMaker, name?: string): AnyLayer {
  const className = part.get('class_name').string()
  const config = part.get('config')
  const given = name ?? (config.isObject ? config.get('name').maybe((p) => p.string()) : undefined)
  const maker = [className, part.get('registered_name').value].find(
    (key): key is string => typeof key === 'string' && reading.makers.has(key),
  )
  if (maker !== undefined) return reading.makers.get(maker)!(config.json())
  const model = models(className, config, given)
  if (model) return model
  const factory = layerKinds.get(classOf(className))
  const where = `layer ${quoted(given ?? '?')} (${className.slice(0, 80)})`
  if (!factory)
    throw new FormatError(
      reading.format,
      `${where}: there is no layer ${quoted(className)} here; options.layers may make it`,
      given,
    )
  return explained(where, () => {
    if (reading.generation.isTfjs && isSampledElsewhere(className, config))
      reading.notes.push({
        at: where,
        key: 'interpolation',
        value: 'bilinear',
        why: 'TensorFlow.js takes elements at other places than Keras, which is followed here',
      })
    const options = optionsFromKeras(classOf(className), config.named(where), reading, (inner) =>
      layerFromKeras(inner, reading, models),
    )
    return factory({ ...options, ...(given === undefined ? {} : { name: given }) })
  })
}

const isSampledElsewhere = (className: string, config: Part): boolean =>
  ['UpSampling2D', 'Resizing'].includes(className) &&
  config.isObject &&
  config.get('interpolation').value === 'bilinear'

/** Options of a class from a config of Keras: the one table of how their names and values become ours. */
export function optionsFromKeras(
  className: string,
  config: Part,
  reading: Reading,
  inside: (layer: Part) => AnyLayer,
): Record<string, unknown> {
  const { rule } = layerKinds.get(className)!
  // TensorFlow.js writes the config of a cell a second time into that of its layer.
  const cell = className === 'RNN' && config.get('cell').isObject ? config.get('cell').get('config').value : undefined
  const isOfCell = (key: string): boolean => typeof cell === 'object' && cell !== null && Object.hasOwn(cell, key)
  const options: [string, unknown][] = []
  for (const [key, part] of config.entries()) {
    const own = RENAMED[className]?.[key] ?? camel(key)
    if (Object.hasOwn(rule.options, own) || (own === 'activityRegularizer' && Object.hasOwn(layerOptions, own)))
      options.push([own, valueFromKeras(key, part, config.at, reading, inside)])
    else if (!isSilent(className, key) && !isInert(part.value) && !isOfCell(key))
      reading.notes.push({ at: config.at, key, value: part.value, why: 'there is no such option here' })
  }
  const { trainable, dtype } = { trainable: config.get('trainable').value, dtype: dtypeOf(config, reading) }
  if (trainable === false) options.push(['trainable', false])
  if (dtype !== undefined) options.push(['dtype', dtype])
  if ('resetAfter' in rule.options && config.get('reset_after').isNothing)
    options.push(['resetAfter', reading.generation.major === 3])
  return Object.fromEntries(options.filter(([, value]) => value !== undefined))
}

function valueFromKeras(
  key: string,
  part: Part,
  at: string,
  reading: Reading,
  inside: (layer: Part) => AnyLayer,
): unknown {
  const { value } = part
  const kind = (['initializer', 'regularizer', 'constraint'] as const).find((k) => key.endsWith(`_${k}`))
  if (kind) return partFromKeras(part, kind, key, at, reading)
  if (key.endsWith('activation')) return activationFromKeras(part, reading)
  if (key === 'layer' || key === 'backward_layer' || key === 'cell') return part.maybe(inside)
  if (key === 'cells') return part.list().map(inside)
  // Where draws began, be it a number or an object, says nothing about those to come.
  if (key === 'seed') return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined
  // Keras 2 keeps the axis of a normalization in a list.
  const list = plainValue(value)
  return key === 'axis' && Array.isArray(list) && list.length === 1 ? list[0] : list
}

/** The name of a dtype or of the policy of one, as either generation writes it. */
export function dtypeName(config: Part): string | undefined {
  const dtype = config.get('dtype')
  return (dtype.isObject ? dtype.get('config').get('name') : dtype).maybe((p) => p.string())
}

/** What weights are kept in: float64 where that is said; other floats are computed in float32 here. */
function dtypeOf(config: Part, reading: Reading): 'float64' | undefined {
  const name = dtypeName(config)
  if (name === 'float64') return 'float64'
  if (name !== undefined && /float/.test(name) && name !== 'float32')
    reading.notes.push({ at: config.at, key: 'dtype', value: name, why: 'it is computed in float32' })
  return undefined
}
