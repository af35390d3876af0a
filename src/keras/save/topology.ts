import { GraphError } from '../../ir/errors'
import type { AnyLayer } from '../../layers/layer'
import type { OpenShape, Symbolic } from '../../layers/symbolic'
import { title } from '../../layers/title'
import { type ModelGraph, modelGraph } from '../../models/graph'
import type { AnyModel } from '../../models/model'
import { isModel } from '../../models/outline'
import { trainerOf } from '../../training/methods'
import type { Json } from '../part'
import { type Written, writtenLayer } from './layer'
import type { LayerNames } from './names'

/** The config of a model as Keras 2 writes it: a stack, or a graph with calls under `inbound_nodes`. */
export function writtenModel(model: AnyModel, names: LayerNames, shape?: OpenShape): Written {
  const name = names.of(model)
  const isBuilt = trainerOf('saveLayersModel', model).model.isBuilt
  const graph = isBuilt ? modelGraph(model.inputs, model.outputs) : undefined
  const isStack = model.className === 'Sequential' && (!graph || isPlainStack(graph))
  const nested = (layer: AnyLayer, given?: OpenShape): Written =>
    isModel(layer) ? writtenModel(layer, names, given) : writtenLayer(layer, names.of(layer), (inner) => nested(inner))
  if (isStack) {
    const first = model.inputs.length > 0 && graph ? graph.inputs[0]! : undefined
    return { class_name: 'Sequential', config: { name, layers: stackOf(model, first, shape, nested) } }
  }
  if (!graph) throw new GraphError(`saveLayersModel: ${title(model)}: it is not known yet what samples look like`)
  return { class_name: 'Model', config: { name, trainable: model.trainable, ...graphOf(graph, names, nested) } }
}

/** Whether each layer stands in it once, and samples are of the dtype that the first layer of a stack has for its weights. */
const isPlainStack = ({ inputs, calls, layers }: ModelGraph): boolean =>
  calls.length === layers.length && (inputs[0]!.dtype === 'float32' || layers[0]!.className === 'Embedding')

function stackOf(
  model: AnyModel,
  first: Symbolic | undefined,
  given: OpenShape | undefined,
  nested: (layer: AnyLayer, given?: OpenShape) => Written,
): Written[] {
  const shape = first?.shape ?? given
  return model.layers.map((layer, i) => {
    const written = nested(layer, i === 0 ? shape : undefined)
    if (i > 0 || isModel(layer) || !shape) return written
    return { ...written, config: { ...written.config, batch_input_shape: shape, dtype: 'float32' } }
  })
}

function graphOf(graph: ModelGraph, names: LayerNames, nested: (layer: AnyLayer, given?: OpenShape) => Written): Json {
  const inputs = new Map(graph.inputs.map((x) => [x, names.ofInput(x)]))
  const nodes = new Map(
    graph.layers.flatMap((layer) =>
      graph.calls
        .filter((call) => call.layer === layer)
        .map((call, i) => [call, i + (isModel(layer) ? 1 : 0)] as const),
    ),
  )
  const place = (x: Symbolic): [string, number, number] => {
    const input = inputs.get(x)
    return input !== undefined ? [input, 0, 0] : [names.of(x.source!.layer), nodes.get(x.source!)!, x.index]
  }
  const rows = graph.inputs.map((x) => ({
    name: inputs.get(x)!,
    class_name: 'InputLayer',
    config: { batch_input_shape: x.shape, dtype: x.dtype, sparse: false, name: inputs.get(x)! },
    inbound_nodes: [],
  }))
  const layers = graph.layers.map((layer) => {
    const calls = graph.calls.filter((call) => call.layer === layer)
    return {
      name: names.of(layer),
      ...nested(layer, calls[0]!.inputs[0]!.shape),
      inbound_nodes: calls.map((call) => {
        const { training, initialState = [], ...more } = call.options
        const told = Object.entries(more).filter(([, value]) => value !== undefined && value !== false)
        if (told.length > 0)
          throw new GraphError(`saveLayersModel: ${title(layer)}: TensorFlow.js keeps no ${told[0]![0]} of a call`)
        const kwargs = training === undefined ? {} : { training }
        return [...call.inputs, ...initialState].map((x, i) => [...place(x), i === 0 ? kwargs : {}])
      }),
    }
  })
  return {
    layers: [...rows, ...layers],
    input_layers: graph.inputs.map(place),
    output_layers: graph.outputs.map(place),
  }
}
