import { GraphError } from '../../ir/errors'
import type { AnyLayer } from '../../layers/layer'
import { isRuleOfLibrary } from '../../layers/registry'
import { title } from '../../layers/title'
import { isOfLibrary } from '../../optim/rules'
import type { Trainer } from '../trainer'

/** Throws a GraphError for a layer or an optimiser of one's own, whose code a worker does not have. */
export function checkKnown({ model, settings }: Trainer): void {
  const visit = (layer: AnyLayer): void => {
    const isModel = 'outputNames' in layer
    if (!isModel && !isRuleOfLibrary(layer.state.rule)) refuse(title(layer))
    layer.layers.forEach(visit)
  }
  visit(model.layer)
  if (!isOfLibrary(settings.optimizer.className)) refuse(settings.optimizer.className)
}

function refuse(what: string): never {
  throw new GraphError(`${what} is of your own, and a worker has the code of the library alone`)
}
