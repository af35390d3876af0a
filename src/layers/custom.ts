import { GraphError } from '../ir/errors'
import { checkKeys, quoted, requireRecord, valueText } from '../ir/names-of'
import type { AnyLayer } from './layer'

/** What makes layers of a class of one's own: what `defineLayer` gave. */
export interface CustomFactory {
  (options: never): AnyLayer
  readonly rule: { readonly className: string }
}
/** Layers of one's own, by the names that their classes have in a config. */
export type CustomObjects = Readonly<Record<string, CustomFactory>>

/** What is said beside a config. */
export interface ConfigOptions {
  /** Layers of your own that it holds, by the names of their classes: `{ Scale }`. They go before the library's. */
  readonly customObjects?: CustomObjects | undefined
}

/** The layers of one's own that were given. Throws a GraphError for what defineLayer did not give. */
export function customObjectsOf(where: string, options: ConfigOptions): CustomObjects {
  checkKeys(where, options, ['customObjects'])
  const { customObjects = {} } = options
  requireRecord(where, 'customObjects', customObjects)
  for (const [name, factory] of Object.entries(customObjects)) {
    if (typeof factory === 'function' && 'rule' in factory) continue
    throw new GraphError(
      `${where}: customObjects: ${quoted(name)} must be what defineLayer gave, it is ${valueText(factory)}`,
    )
  }
  return customObjects
}
