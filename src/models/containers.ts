import { GraphError } from '../ir/errors'
import type { AnyLayer } from '../layers/layer'
import { title } from '../layers/title'

/**
 * Throws where a layer stands in several of the models and wrappers that a model is made of: a config says what each of them
 * holds, and a layer that is made of it would no longer be one and the same.
 */
export function checkContainers(model: AnyLayer): void {
  const containers = new Map<AnyLayer, AnyLayer>()
  const visit = (container: AnyLayer): void => {
    for (const layer of new Set(container.layers)) {
      const other = containers.get(layer)
      if (other)
        throw new GraphError(
          `getConfig: ${title(layer)} stands in ${title(other)} and in ${title(container)}; a config cannot say that they share it`,
        )
      containers.set(layer, container)
      visit(layer)
    }
  }
  visit(model)
}
