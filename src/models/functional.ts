import { GraphError } from '../ir/errors'
import type { Symbolic } from '../layers/symbolic'
import { functionalConfig } from './config-of'
import { checkInputs, modelGraph, runGraph } from './graph'
import { makeModel, type Model, type ModelOptions } from './model'

/**
 * A model from symbolic inputs to symbolic outputs, any acyclic graph of layers between them. With a list of outputs it gives
 * lists. Throws where an output rests on an input that is not among the inputs, or where two layers have one name.
 *
 *     const x = input({ shape: [4] })
 *     const net = model({ inputs: x, outputs: layers.dense({ units: 3, activation: 'softmax' })(x) })
 */
export function model(
  options: ModelOptions & { readonly inputs: Symbolic | readonly Symbolic[]; readonly outputs: Symbolic },
): Model
export function model(
  options: ModelOptions & { readonly inputs: Symbolic | readonly Symbolic[]; readonly outputs: readonly Symbolic[] },
): Model<true>
export function model(
  given: ModelOptions & {
    readonly inputs: Symbolic | readonly Symbolic[]
    readonly outputs: Symbolic | readonly Symbolic[]
  },
): Model<boolean> {
  if (typeof given !== 'object' || given === null)
    throw new GraphError(`model: expected { inputs, outputs }, got ${given === null ? 'null' : typeof given}`)
  const { inputs, outputs, ...options } = given
  const list = <T>(x: T | readonly T[]): readonly T[] => (Array.isArray(x) ? (x as readonly T[]) : [x as T])
  const graph = modelGraph(list(inputs), list(outputs))
  const isMany = Array.isArray(outputs)
  const made: Model<boolean> = makeModel(
    {
      className: 'Functional',
      name: 'functional',
      layers: () => graph.layers,
      graph: () => graph,
      isMany,
      call: (tensors) => {
        checkInputs(made, graph.inputs, tensors)
        const results = runGraph(graph, tensors)
        return isMany ? results : results[0]!
      },
      config: () => functionalConfig(graph, isMany),
    },
    options,
  )
  return made
}
