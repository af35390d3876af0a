import type { AnyLayer } from '../../layers/layer'
import type { Symbolic } from '../../layers/symbolic'
import type { Weight } from '../../layers/weight'
import type { AnyModel } from '../../models/model'
import { isModel } from '../../models/outline'

/** Names of layers in a file: TensorFlow.js tells weights apart by that of their layer alone, wherever it stands. */
export class LayerNames {
  private readonly names = new Map<object, string>()
  private readonly taken = new Set<string>()

  constructor(model: AnyModel) {
    this.take(model, model.name)
    const visit = (container: AnyLayer): void => {
      for (const layer of container.layers) if (!this.names.has(layer)) this.take(layer, layer.name, container.name)
      for (const layer of container.layers) if (isModel(layer)) visit(layer)
    }
    visit(model)
  }

  of(layer: AnyLayer): string {
    return this.names.get(layer) ?? layer.name
  }

  /** Inputs and layers share one space of names there. */
  ofInput(x: Symbolic): string {
    return this.names.get(x) ?? this.take(x, x.name)
  }

  private take(one: object, name: string, around = 'input'): string {
    let own = this.taken.has(name) ? `${around}_${name}` : name
    for (let i = 1; this.taken.has(own); i++) own = `${around}_${name}_${i}`
    this.taken.add(own)
    this.names.set(one, own)
    return own
  }
}

/** Weights under the names that TensorFlow.js gives them, each once. */
export function weightNames(model: AnyLayer, names: LayerNames): Map<string, Weight> {
  const found = new Map<string, Weight>()
  const done = new Set<AnyLayer>()
  const visit = (layer: AnyLayer, prefix: string): void => {
    if (done.has(layer)) return
    done.add(layer)
    if (isModel(layer)) {
      for (const inner of layer.layers) visit(inner, names.of(inner))
      return
    }
    for (const weight of layer.state.weights.values()) found.set(`${prefix}/${nameOf(layer, weight)}`, weight)
    for (const [key, part] of Object.entries(layer.state.parts)) visit(part, placeOf(layer, key, prefix, names))
  }
  visit(model, '')
  return found
}

/** As Keras 2 had it. */
const nameOf = ({ className }: AnyLayer, { name }: Weight): string =>
  className === 'DepthwiseConv2D' && name === 'kernel' ? 'depthwise_kernel' : name

/** Of a cell, or of a layer over each step, nothing is in the name; directions and cells in a stack have one. */
function placeOf(layer: AnyLayer, key: string, prefix: string, names: LayerNames): string {
  if (layer.className === 'StackedRNNCells') return `${prefix}/RNNCell_${key}`
  if (layer.className !== 'Bidirectional') return prefix
  const { layer: inner } = layer.state.options as { readonly layer: AnyLayer }
  return `${prefix}/${key}_${names.of(inner)}`
}
