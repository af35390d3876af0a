import { GraphError } from '../ir/errors'
import type { AnyLayer } from './layer'
import { title } from './title'
import { valuesFor, type Weight, type WeightValues } from './weight'

/** Its weights in Keras's order. */
export function orderedWeights({ state, layers }: AnyLayer): Weight[] {
  const own = [...state.weights.values()]
  const parts = layers.flatMap((part) => part.weights)
  const all = [...own.filter((w) => w.isTrained), ...own.filter((w) => !w.isTrained), ...parts]
  return state.rule.order?.(all) ?? all
}

/** Which layers are to be trained. */
export type TrainableRule = (layer: AnyLayer) => boolean

/** The weights that training changes: those of layers that are trainable, as are all layers around them; each once. */
export function trainedWeights(
  layer: AnyLayer,
  isTrainable: TrainableRule = (l) => l.trainable,
  found: Set<Weight> = new Set(),
): Set<Weight> {
  if (!isTrainable(layer)) return found
  for (const w of layer.state.weights.values()) if (w.isTrained) found.add(w)
  for (const part of layer.layers) trainedWeights(part, isTrainable, found)
  return found
}

/** Those of its weights that training changes, or the others, in their order; each once. */
export function weightsThat(train: boolean, layer: AnyLayer): Weight[] {
  const trained = trainedWeights(layer)
  return [...new Set(layer.weights)].filter((w) => trained.has(w) === train)
}

/** What reads and sets the values of its weights. */
export const valuesOfLayer = (layer: AnyLayer): Pick<AnyLayer, 'getWeights' | 'setWeights'> => ({
  getWeights: () =>
    layer.weights.map((w) => {
      const value = w.read()
      if (value) return value
      throw new GraphError(
        `${title(layer)}: the weight "${w.name}" has no value yet; getWeights of its model makes first values, as does a run`,
      )
    }),
  setWeights: (lists: readonly WeightValues[]) => {
    const { weights } = layer
    const values = valuesFor(title(layer), weights, lists)
    weights.forEach((w, i) => w.write(values[i]!))
  },
})
