import { GraphError } from '../ir/errors'
import { checkKeys, quoted, requireRecord, valueText } from '../ir/names-of'

/** What makes layers or optimisers of a class of one's own: what `defineLayer` or `defineOptimizer` gave. */
export interface CustomFactory {
  (options: never): object
  readonly rule: { readonly className: string }
}
/** Layers and optimisers of one's own, by the names that their classes have in a config. */
export type CustomObjects = Readonly<Record<string, CustomFactory>>

/** What is said beside a config. */
export interface ConfigOptions {
  /** Layers and optimisers of your own that it holds, by the names of their classes: `{ Scale }`. They go before the library's. */
  readonly customObjects?: CustomObjects | undefined
}

/** What was given of one's own. Throws a GraphError for what neither defineLayer nor defineOptimizer gave. */
export function customObjectsOf(where: string, options: ConfigOptions): CustomObjects {
  checkKeys(where, options, ['customObjects'])
  const { customObjects = {} } = options
  requireRecord(where, 'customObjects', customObjects)
  for (const [name, factory] of Object.entries(customObjects)) {
    if (typeof factory === 'function' && 'rule' in factory) continue
    throw new GraphError(
      `${where}: customObjects: ${quoted(name)} must be what defineLayer or defineOptimizer gave, it is ${valueText(factory)}`,
    )
  }
  return customObjects
}
