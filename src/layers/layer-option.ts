import { GraphError } from '../ir/errors'
import type { AnyLayer, LayerConfig } from './layer'
import { type Option, shown } from './option'

export const isLayer = (value: unknown): value is AnyLayer => typeof value === 'function' && 'getConfig' in value
const isConfig = (value: unknown): value is LayerConfig =>
  typeof value === 'object' && value !== null && 'className' in value

function checkLayer(value: unknown, where: string): asserts value is AnyLayer {
  if (!isLayer(value)) throw new GraphError(`${where} must be a layer, it is ${shown(value)}`)
}

/** A layer as an option; in a config it is a config of its own. */
export const layerOption = (): Option<AnyLayer, AnyLayer, true> => ({
  required: true,
  text: 'a layer',
  parse(value, where) {
    checkLayer(value, where)
    return value
  },
  write: (layer) => layer.getConfig(),
  nested: (value, of) => (isConfig(value) ? of(value as never) : value),
})

/** One that may be left out. */
export const optionalLayer = (): Option<AnyLayer | null, AnyLayer | undefined, false> => ({
  ...layerOption(),
  required: false,
  text: 'a layer, or nothing',
  parse(value, where) {
    if (value === undefined || value === null) return undefined
    checkLayer(value, where)
    return value
  },
  write: (layer) => layer?.getConfig() ?? null,
})

/** Several layers, one at least. */
export const layersOption = (): Option<readonly AnyLayer[], readonly AnyLayer[], true> => ({
  required: true,
  text: 'a list of layers',
  parse(value, where) {
    if (!Array.isArray(value) || value.length === 0)
      throw new GraphError(`${where} must be a list of layers, it is ${shown(value)}`)
    value.forEach((layer, i) => checkLayer(layer, `${where}[${i}]`))
    return [...value] as AnyLayer[]
  },
  write: (layers) => layers.map((layer) => layer.getConfig()),
  nested: (value, of) =>
    Array.isArray(value) ? value.map((layer: unknown) => (isConfig(layer) ? of(layer as never) : layer)) : value,
})
