import type { AnyLayer } from '../layers/layer'
import type { OpenShape, Symbolic } from '../layers/symbolic'
import { trainerOf } from '../training/methods'
import { modelGraph } from './graph'
import type { AnyModel } from './model'

/** A layer of a model, or one of its inputs, as people see it. */
export interface OutlineRow {
  readonly name: string
  readonly className: string
  /** Names from the model inwards, joined by '/'. */
  readonly path: string
  /** Absent for inputs. */
  readonly layer?: AnyLayer
  /** What it gives, at its first call. */
  readonly outputs: readonly OpenShape[]
  /** From where it takes what, over all its calls. */
  readonly sources: readonly { readonly name: string; readonly index: number; readonly isOne: boolean }[]
  /** The rows of a model. */
  readonly inner?: readonly OutlineRow[]
}

export const isModel = (layer: AnyLayer): layer is AnyModel => 'outputNames' in layer

/** The inputs and layers of a model in the order in which they are computed. */
export function outline(model: AnyModel, prefix = ''): OutlineRow[] {
  const graph = modelGraph(model.inputs, model.outputs)
  const names = new Map(model.inputs.map((x, i) => [x, model.inputNames[i]!]))
  const sourceOf = (x: Symbolic): OutlineRow['sources'][number] => ({
    name: names.get(x) ?? x.source!.layer.name,
    index: x.index,
    isOne: x.source === undefined || x.source.results.length === 1,
  })
  const inputs = model.inputs.map((x): OutlineRow => {
    const name = names.get(x)!
    return { name, className: 'InputLayer', path: `${prefix}${name}`, outputs: [x.shape], sources: [] }
  })
  const rows = graph.layers.map((layer): OutlineRow => {
    const calls = graph.calls.filter((call) => call.layer === layer)
    const path = `${prefix}${layer.name}`
    return {
      name: layer.name,
      className: layer.className,
      path,
      layer,
      outputs: calls[0]!.results.map((y) => y.shape),
      sources: calls.flatMap((call) => call.inputs.map(sourceOf)),
      ...(isModel(layer) && trainerOf('outline', layer).model.isBuilt ? { inner: outline(layer, `${path}/`) } : {}),
    }
  })
  return [...inputs, ...rows]
}
