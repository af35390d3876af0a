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
  readonly sources: readonly OutlineSource[]
  /** The rows of a model, and from where it takes what it gives. */
  readonly inner?: { readonly rows: readonly OutlineRow[]; readonly results: readonly OutlineSource[] }
}
export interface OutlineSource {
  readonly name: string
  /** Which of the results of a layer, and whether that is the only one. */
  readonly index: number
  readonly isOne: boolean
}

export const isModel = (layer: AnyLayer): layer is AnyModel => 'outputNames' in layer

/** The inputs and layers of a model in the order in which they are computed, and from where it takes what it gives. */
export function outline(model: AnyModel, prefix = ''): NonNullable<OutlineRow['inner']> {
  const graph = modelGraph(model.inputs, model.outputs)
  const names = new Map(model.inputs.map((x, i) => [x, model.inputNames[i]!]))
  const sourceOf = (x: Symbolic): OutlineSource => ({
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
  return { rows: [...inputs, ...rows], results: graph.outputs.map(sourceOf) }
}
