import { GraphError } from '../ir/errors'
import { nameIn } from '../ir/names-of'
import * as factories from './index'
import type { AnyLayer, LayerConfig, LayerFactory } from './layer'
import type { Options } from './option'

type AnyFactory = LayerFactory<Options>

/** Every kind of layer by the name of its class. */
export const layerKinds: ReadonlyMap<string, AnyFactory> = new Map(
  Object.values(factories).map((factory) => [factory.rule.className, factory as unknown as AnyFactory]),
)

/** What makes layers of other classes from the config of one. */
export type MoreKinds = Readonly<Record<string, (config: unknown) => AnyLayer>>

/**
 * The layer that a config describes, with new weights. Throws a GraphError for a class that does not exist or options that do
 * not fit. `more` makes those that are built above layers: models.
 */
export function layerOf({ className, config }: LayerConfig, more: MoreKinds = {}): AnyLayer {
  if (typeof className !== 'string' || typeof config !== 'object' || config === null)
    throw new GraphError('layer: a config is { className, config }')
  const name = nameIn('layer', [...layerKinds.keys(), ...Object.keys(more)], className)
  const other = Object.hasOwn(more, name) ? more[name] : undefined
  if (other) return other(config)
  const factory = layerKinds.get(name)!
  const { options } = factory.rule
  const inside = (part: LayerConfig): AnyLayer => layerOf(part, more)
  const whole = Object.entries(config).map(([key, value]) => [key, options[key]?.nested?.(value, inside) ?? value])
  return factory(Object.fromEntries(whole) as object)
}
