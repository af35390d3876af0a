import { GraphError } from '../ir/errors'
import { nameIn } from '../ir/names-of'
import type { CustomFactory, CustomObjects } from './custom'
import * as factories from './index'
import type { AnyLayer, LayerConfig, LayerFactory } from './layer'
import type { Options } from './option'

type AnyFactory = LayerFactory<Options>

/** Every kind of layer by the name of its class. */
export const layerKinds: ReadonlyMap<string, AnyFactory> = new Map(
  Object.values(factories).map((factory) => [factory.rule.className, factory as unknown as AnyFactory]),
)

/** Whether a rule is that of one of them: other rules may have the name of a class, too. */
export const isRuleOfLibrary = (rule: { readonly className: string }): boolean =>
  layerKinds.get(rule.className)?.rule === rule

/** What makes layers of other classes from the config of one. */
export type MoreKinds = Readonly<Record<string, (config: unknown) => AnyLayer>>

/**
 * The layer that a config describes, with new weights. Throws a GraphError for a class that does not exist or options that do
 * not fit. `more` makes those that are built above layers: models; `custom` those of one's own.
 */
export function layerOf(
  { className, config }: LayerConfig,
  more: MoreKinds = {},
  custom: CustomObjects = {},
): AnyLayer {
  if (typeof className !== 'string' || typeof config !== 'object' || config === null)
    throw new GraphError('layer: a config is { className, config }')
  const own = Object.hasOwn(custom, className) ? (custom[className] as CustomFactory & AnyFactory) : undefined
  const name = own ? className : kindNamed(className, [...layerKinds.keys(), ...Object.keys(more)])
  const other = !own && Object.hasOwn(more, name) ? more[name] : undefined
  if (other) return other(config)
  const factory = own ?? layerKinds.get(name)!
  const { options } = factory.rule
  const inside = (part: LayerConfig): AnyLayer => layerOf(part, more, custom)
  const whole = Object.entries(config).map(([key, value]) => [key, options[key]?.nested?.(value, inside) ?? value])
  return factory(Object.fromEntries(whole) as object)
}

function kindNamed(className: string, known: readonly string[]): string {
  try {
    return nameIn('layer', known, className)
  } catch (error) {
    const { message } = error as GraphError
    throw new GraphError(
      `${message}; of a layer of your own give what defineLayer gave, as { customObjects: { name: factory } }`,
      { cause: error },
    )
  }
}
