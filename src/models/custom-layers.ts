import { GraphError } from '../ir/errors'
import type { CustomFactory, CustomObjects } from '../layers/custom'
import { type AnyLayer, defineLayer, type LayerRule } from '../layers/layer'
import { isRuleOfLibrary } from '../layers/registry'
import { title } from '../layers/title'
import { isModel } from './outline'

/**
 * What makes the layers of a model that are of none of the library's classes. Throws a GraphError where two kinds of layers
 * have one class, which is all that a config says of them.
 */
export function customLayersOf(model: AnyLayer): CustomObjects {
  const rules = new Map<string, LayerRule<never>>()
  const visit = (layer: AnyLayer): void => {
    const { rule } = layer.state
    const other = rules.get(rule.className)
    if (other && other !== rule && !isModel(layer))
      throw new GraphError(`cloneModel: ${title(layer)} is not of the same kind as another layer of that class`)
    if (!isModel(layer)) rules.set(rule.className, rule)
    layer.layers.forEach(visit)
  }
  visit(model)
  const own = [...rules].filter(([, rule]) => !isRuleOfLibrary(rule))
  return Object.fromEntries(own.map(([name, rule]) => [name, defineLayer(rule as never) as unknown as CustomFactory]))
}
