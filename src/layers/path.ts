import type { Variable } from '../ir/variable'
import type { AnyLayer } from './layer'
import { currentPass } from './pass'
import type { Weight } from './weight'

/** The variable of a weight where it is computed with. */
export function variableOf(layer: AnyLayer, weight: Weight): Variable {
  const { naming } = currentPass()
  const variable = weight.variableAt(pathOf(layer), !naming)
  naming?.variables.set(weight, variable)
  return variable
}

// Of layers that are part of nothing: the first values of weights are drawn by name, so layers of one name would begin alike.
const taken = new Map<string, number>()
/** Where the weights of a layer appear. A layer that is part of nothing gets a name of its own in the process. */
export function pathOf(layer: AnyLayer): string {
  const { state } = layer
  const { naming } = currentPass()
  if (naming) return naming.paths.get(layer) ?? layer.name
  if (state.path === undefined) {
    const count = taken.get(layer.name) ?? 0
    taken.set(layer.name, count + 1)
    state.path = count === 0 ? layer.name : `${layer.name}_${count}`
  }
  return state.path
}

/** Says where the weights of a layer and of its parts appear, unless that is settled. */
export function settlePath(layer: AnyLayer, path: string): void {
  const { naming } = currentPass()
  if (!naming) layer.state.path ??= path
  else if (!naming.paths.has(layer)) naming.paths.set(layer, path)
}

/** The path of a layer; nothing for the model that a program is made of. */
export const settledPath = (layer: AnyLayer): string | undefined => {
  const { naming } = currentPass()
  return naming ? naming.paths.get(layer) : pathOf(layer)
}
