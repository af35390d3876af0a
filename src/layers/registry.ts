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

/** The layer that a config describes, with new weights. Throws a GraphError for a class that does not exist or options that do not fit. */
export function layerOf({ className, config }: LayerConfig): AnyLayer {
  if (typeof className !== 'string' || typeof config !== 'object' || config === null)
    throw new GraphError('layer: a config is { className, config }')
  const factory = layerKinds.get(nameIn('layer', [...layerKinds.keys()], className))!
  const { options } = factory.rule
  const whole = Object.entries(config).map(([key, value]) => [key, options[key]?.nested?.(value, layerOf) ?? value])
  return factory(Object.fromEntries(whole) as object)
}
