import { GraphError } from '../../ir/errors'
import type { PartConfig } from '../../ir/part'
import type { AnyLayer } from '../../layers/layer'
import { title } from '../../layers/title'
import { RENAMED, snake } from '../keys'
import type { Json } from '../part'
import { OF_NO_MATTER, TFJS_ACTIVATIONS, TFJS_INITIALIZERS, TFJS_LAYERS, TFJS_REFUSES } from './table'

/** A class and its config as Keras and TensorFlow.js write them. */
export interface Written {
  readonly class_name: string
  readonly config: Json
}

/** The config of a layer that is no model. Throws a GraphError that names the layer for what TensorFlow.js does not have. */
export function writtenLayer(layer: AnyLayer, name: string, nested: (layer: AnyLayer) => Written): Written {
  const { className } = layer
  const known = Object.hasOwn(TFJS_LAYERS, className) ? TFJS_LAYERS[className]! : undefined
  if (!known) refuse(layer, `TensorFlow.js has no layer ${className}`)
  const { config } = layer.getConfig()
  if (config['dtype'] === 'float64') refuse(layer, 'TensorFlow.js has no float64')
  for (const [of, option, value, hint] of TFJS_REFUSES)
    if (of === className && config[option] === value)
      refuse(layer, `TensorFlow.js has no ${option}: ${JSON.stringify(value)}; ${hint}`)
  const { options } = layer.state.rule as {
    readonly options: Readonly<Record<string, { readonly fallback?: unknown }>>
  }
  const written: [string, unknown][] = []
  for (const [key, value] of Object.entries(config)) {
    if (known.includes(key)) written.push([keyOf(className, key), writtenValue(layer, key, value, nested)])
    else if (!OF_NO_MATTER.includes(key) && !isDefault(key, value, options[key]?.fallback, layer))
      refuse(
        layer,
        `TensorFlow.js has no ${key} of ${className}, which is ${JSON.stringify(value)} and not as by default`,
      )
  }
  return { class_name: className, config: { ...Object.fromEntries(written), name, trainable: layer.trainable } }
}

function refuse(layer: AnyLayer, what: string): never {
  throw new GraphError(`saveLayersModel: ${title(layer)}: ${what}`)
}

const keyOf = (className: string, key: string): string => {
  const renamed = Object.entries(RENAMED[className] ?? {}).find(([, own]) => own === key)
  return renamed?.[0] ?? snake(key)
}

/** Null stands for nothing; a list of equal numbers for the number that is the default of all axes. */
function isDefault(key: string, value: unknown, fallback: unknown, layer: AnyLayer): boolean {
  if (value === null || value === fallback) return true
  // What both directions share is no option of its own: the layer for the way back is like that for the way there.
  if (key === 'backwardLayer') return isTurned(layer)
  if (Array.isArray(value) && typeof fallback === 'number') return value.every((v) => v === fallback)
  return JSON.stringify(value) === JSON.stringify(fallback)
}

function isTurned(layer: AnyLayer): boolean {
  const { layer: there, backwardLayer: back } = layer.getConfig().config as Readonly<
    Record<string, { readonly className: string; readonly config: Json }>
  >
  const bare = ({ name: _, goBackwards: _turn, ...rest }: Json): string => JSON.stringify(rest)
  return there!.className === back!.className && bare(there!.config) === bare(back!.config)
}

function writtenValue(layer: AnyLayer, key: string, value: unknown, nested: (layer: AnyLayer) => Written): unknown {
  if (key === 'layer' || key === 'cell')
    return nested((layer.state.options as Readonly<Record<string, AnyLayer>>)[key]!)
  if (key === 'cells') return (layer.state.options as Readonly<Record<string, readonly AnyLayer[]>>)[key]!.map(nested)
  if (value === null) return null
  if (key.endsWith('ctivation')) return writtenActivation(layer, value as string | PartConfig)
  if (key.endsWith('Initializer')) return writtenInitializer(layer, value as PartConfig)
  if (key.endsWith('Regularizer')) return writtenRegularizer(layer, value as PartConfig)
  if (key.endsWith('Constraint')) return snakeConfig(value as PartConfig)
  return typeof value === 'string' ? snake(value) : value
}

const snakeConfig = ({ className, config }: PartConfig): Written => ({
  class_name: className,
  config: Object.fromEntries(
    Object.entries(config).map(([key, value]) => [
      keyOf(className, key),
      typeof value === 'string' ? snake(value) : value,
    ]),
  ),
})

function writtenActivation(layer: AnyLayer, id: string | PartConfig): string {
  if (typeof id === 'string' && Object.hasOwn(TFJS_ACTIVATIONS, id)) return TFJS_ACTIVATIONS[id]!
  if (typeof id !== 'string') {
    if (id.className === 'hardSigmoid' && id.config['slope'] === 0.2) return 'hard_sigmoid'
    if (id.className === 'gelu' && id.config['approximate'] === true) return 'gelu_new'
  }
  const hint = id === 'hardSigmoid' ? '; its own is { className: "hardSigmoid", config: { slope: 0.2 } }' : ''
  return refuse(layer, `TensorFlow.js has no activation ${JSON.stringify(id)}${hint}`)
}

function writtenInitializer(layer: AnyLayer, part: PartConfig): Written {
  const className = TFJS_INITIALIZERS[part.className]
  if (className === undefined || part.config['distribution'] === 'untruncatedNormal')
    refuse(layer, `TensorFlow.js has no initializer ${JSON.stringify(part)}`)
  return { ...snakeConfig(part), class_name: className }
}

function writtenRegularizer(layer: AnyLayer, { className, config }: PartConfig): Written {
  const { l1 = 0, l2 = 0, ...more } = config
  if (!['L1', 'L2', 'L1L2'].includes(className) || Object.keys(more).length > 0)
    refuse(layer, `TensorFlow.js has no regularizer ${className}`)
  return { class_name: 'L1L2', config: { l1, l2 } }
}
