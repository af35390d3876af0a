import { FormatError, quoted } from '../formats/error'
import type { StoredTensor } from '../formats/stored-tensor'
import { sameShape, showShape } from '../ir/type'
import type { AnyLayer } from '../layers/layer'
import type { Weight } from '../layers/weight'
import { isModel } from '../models/outline'
import { snakeOfClass } from './keys'
import type { Matched } from './match'
import type { Reading } from './reading'

/** Where Keras keeps the layers of a model, and where its second version did. */
const CONTAINERS = ['layers', '_layer_checkpoint_dependencies']
/** As which attribute Keras has parts of a layer. */
const PARTS: Readonly<Record<string, string>> = {
  ...{ forward: 'forward_layer', backward: 'backward_layer' },
  ...{ query: 'query_dense', key: 'key_dense', value: 'value_dense', attention_output: 'output_dense' },
}

/**
 * The weights of a model among those of a `.keras` file, which stand under the place of their layer: `layers/dense_1/vars/0`.
 * Throws a FormatError where one is missing, of another shape or of no layer.
 */
export function matchStored(model: AnyLayer, stored: ReadonlyMap<string, StoredTensor>, reading: Reading): Matched[] {
  const claimed = new Set<string>()
  const matched: Matched[] = []
  const take = (layer: AnyLayer, weight: Weight, name: string): void => {
    const tensor = stored.get(name)
    const of = `${quoted(layer.name)} (${layer.className}): the weight "${weight.name}"`
    if (!tensor) refuse(reading, name, `${of} is missing in the file, at ${quoted(name)}`)
    if (!sameShape(tensor.shape, weight.shape))
      refuse(
        reading,
        name,
        `${of} is ${showShape(weight.shape)}, ${quoted(name)} in the file ${showShape(tensor.shape)}`,
      )
    claimed.add(name)
    matched.push({ weight, from: { name, tensor } })
  }
  const done = new Set<AnyLayer>()
  const visit = (layer: AnyLayer, at: string): void => {
    // What is shared is kept where it comes first.
    if (done.has(layer)) return
    done.add(layer)
    if (isModel(layer)) {
      const places = CONTAINERS.map((name) => `${at}/${name}`)
      const inside = places.find((place) => [...stored.keys()].some((key) => key.startsWith(`${place}/`))) ?? places[0]!
      const names = placesOf(reading.orders.get(layer) ?? layer.layers)
      for (const [inner, place] of names) visit(inner, `${inside}/${place}`)
      return
    }
    const own = [...layer.state.weights.values()]
    const counts = new Map<string, number>()
    for (const weight of [...own.filter((w) => w.isTrained), ...own.filter((w) => !w.isTrained)]) {
      const [part, ...rest] = weight.name.split('/')
      const place = rest.length === 0 ? at : `${at}/${PARTS[part!] ?? part!}`
      const count = counts.get(place) ?? 0
      counts.set(place, count + 1)
      take(layer, weight, `${place}/vars/${count}`)
    }
    const parts = Object.entries(layer.state.parts)
    // Cells that are stacked stand in a list.
    if (parts.every(([key]) => /^\d+$/.test(key)))
      for (const [inner, place] of placesOf(parts.map(([, part]) => part))) visit(inner, `${at}/cells/${place}`)
    else for (const [key, part] of parts) visit(part, `${at}/${PARTS[key] ?? key}`)
  }
  visit(model, '')
  const left = [...stored.keys()].find((name) => !claimed.has(name) && !isBeside(name))
  if (left !== undefined) refuse(reading, left, `there is no weight in the model for ${quoted(left)}`)
  return matched
}

/** Of the optimiser, and of what draws. */
const isBeside = (name: string): boolean => name.startsWith('/optimizer/') || /\/seed_generator\/vars\/\d+$/.test(name)

/** Names of layers in a container: those of their classes, told apart by numbers. */
function placesOf(layers: readonly AnyLayer[]): [AnyLayer, string][] {
  const counts = new Map<string, number>()
  return layers.map((layer) => {
    const base = snakeOfClass(layer.className)
    const count = counts.get(base) ?? 0
    counts.set(base, count + 1)
    return [layer, count === 0 ? base : `${base}_${count}`]
  })
}

function refuse({ format }: Reading, at: string, what: string): never {
  throw new FormatError(format, `weights: ${what}`, at)
}
