import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { isTensor } from '../ir/tensor'
import { applyTensors, mapOptions } from '../layers/apply'
import type { AnyLayer, CallOptions } from '../layers/layer'
import { isSymbolic, type Source, type Symbolic } from '../layers/symbolic'
import { title } from '../layers/title'

/** The calls that lead from the inputs of a model to its outputs. */
export interface ModelGraph {
  readonly inputs: readonly Symbolic[]
  readonly outputs: readonly Symbolic[]
  /** Each after those whose results it takes. */
  readonly calls: readonly Source[]
  /** Each once, in the order of their first calls. */
  readonly layers: readonly AnyLayer[]
}

/** Throws a GraphError where an output rests on an input that is not among the inputs. */
export function modelGraph(inputs: readonly Symbolic[], outputs: readonly Symbolic[]): ModelGraph {
  for (const x of [...inputs, ...outputs])
    if (!isSymbolic(x))
      throw new GraphError('model: inputs and outputs are symbolic tensors, such as input({ shape: [4] })')
  if (outputs.length === 0) throw new GraphError('model: there are no outputs')
  if (new Set(inputs).size !== inputs.length) throw new GraphError('model: an input is given twice')
  const calls = callsBehind(new Set(inputs), outputs)
  const graph = { inputs, outputs, calls, layers: [...new Set(calls.map((c) => c.layer))] }
  nameLayers(graph.layers)
  return graph
}

const operandsOf = (call: Source): Symbolic[] => {
  const found = [...call.inputs]
  mapOptions(call.options, (x) => found.push(x))
  return found
}

/** Without recursion: models may be deep. */
function callsBehind(inputs: ReadonlySet<Symbolic>, outputs: readonly Symbolic[]): Source[] {
  const sorted: Source[] = []
  const done = new Set<Source>()
  const stack: (Symbolic | Source)[] = [...outputs].reverse()
  while (stack.length > 0) {
    const top = stack.pop()!
    if (!isSymbolic(top)) {
      if (!done.has(top)) {
        done.add(top)
        sorted.push(top)
      }
      continue
    }
    if (inputs.has(top)) continue
    if (!top.source)
      throw new GraphError(
        `model: the outputs rest on the input "${top.name}", which is not among the inputs (${[...inputs].map((x) => `"${x.name}"`).join(', ')})`,
      )
    if (done.has(top.source)) continue
    stack.push(top.source, ...operandsOf(top.source).reverse())
  }
  return sorted
}

/** Gives names to layers that have none, unique in the model and those of Keras: `dense`, `dense_1`. */
export function nameLayers(layers: readonly AnyLayer[]): void {
  const owners = new Map<string, AnyLayer>()
  for (const layer of layers) {
    const { name } = layer.state
    if (name === undefined) continue
    const other = owners.get(name)
    if (other && other !== layer)
      throw new GraphError(
        `model: two layers have the name "${name}" (${other.className} and ${layer.className}); names are unique in a model`,
      )
    owners.set(name, layer)
  }
  for (const layer of layers) {
    if (layer.state.name !== undefined) continue
    const base = layer.state.rule.name
    let name = base
    for (let i = 1; owners.has(name); i++) name = `${base}_${i}`
    layer.state.name = name
    owners.set(name, layer)
  }
}

/** The outputs of a model for tensors in the place of its inputs. */
export function runGraph(graph: ModelGraph, tensors: readonly Tensor[]): readonly Tensor[] {
  const fed = new Map(graph.inputs.map((x, i) => [x, tensors[i]!]))
  const results = new Map<Source, readonly Tensor[]>()
  const valueOf = (x: Symbolic): Tensor => fed.get(x) ?? results.get(x.source!)![x.index]!
  for (const call of graph.calls) {
    const options: CallOptions = mapOptions(call.options, valueOf)
    const result = applyTensors(call.layer, call.inputs.map(valueOf), options)
    results.set(call, isTensor(result) ? [result] : result)
  }
  return graph.outputs.map(valueOf)
}

/** Fails where inputs of a model have another rank or other extents than it was made for. */
export function checkInputs(layer: AnyLayer, inputs: readonly Symbolic[], tensors: readonly Tensor[]): void {
  if (tensors.length !== inputs.length)
    throw new GraphError(`${title(layer)}: it takes ${inputs.length} inputs, got ${tensors.length}`)
  inputs.forEach((x, i) => {
    const { shape } = tensors[i]!
    if (shape.length === x.shape.length && shape.every((d, k) => x.shape[k] === null || x.shape[k] === d)) return
    throw new GraphError(
      `${title(layer)}: its input "${x.name}" has the shape [${x.shape.map((d) => d ?? 'null').join(', ')}], got [${shape.join(', ')}]`,
    )
  })
}
