import { GraphError } from '../ir/errors'
import { isTensor, type Tensor } from '../ir/tensor'
import { currentTrace } from '../ir/trace'
import type { DType } from '../ir/type'
import { applyTensors, forget } from '../layers/apply'
import type { AnyLayer, Layer } from '../layers/layer'
import { input, isSymbolic, type OpenShape, type Symbolic } from '../layers/symbolic'
import { columnOf } from '../training/columns'
import { trainerOf } from '../training/methods'
import { type ModelGraph, modelGraph, nameLayers } from './graph'
import { type AnyModel, makeModel, type Model, type ModelOptions } from './model'
import { isModel } from './outline'

/** A stack of layers, each on the result of the one before. */
export interface Sequential extends Model {
  /** Puts a layer on top. */
  add(layer: Layer): void
  /** Takes the uppermost layer off. */
  pop(): void
  /** Says what samples look like, where the first layer does not: shape without the batch. */
  build(shape: OpenShape, dtype?: DType): void
}

/** A layer in a stack takes one tensor and gives one. */
function single(x: Symbolic, layer: Layer): Symbolic {
  const result = layer(x) as Symbolic | readonly Symbolic[]
  if (isSymbolic(result)) return result
  throw new GraphError(
    `sequential: layer "${layer.name}" (${layer.className}) gives ${result.length} tensors, and layers of a stack give one; use model`,
  )
}

/**
 * A stack of layers. What samples look like is said by `input({ shape })` as the first element, by `inputShape` of the first
 * layer, or by the first data that the model is given.
 *
 *     const net = sequential([layers.dense({ units: 32, activation: 'relu', inputShape: [784] }), layers.dense({ units: 10 })])
 */
export function sequential(elements: readonly (Layer | Symbolic)[] = [], options: ModelOptions = {}): Sequential {
  if (!Array.isArray(elements))
    throw new GraphError('sequential: takes a list of layers, such as sequential([layers.dense({ units: 10 })])')
  const stack: Layer[] = []
  let first: Symbolic | undefined
  /** What the layers so far give. */
  let top: Symbolic | undefined
  let built: ModelGraph | undefined
  const graph = (): ModelGraph => {
    if (built) return built
    if (stack.length === 0) throw new GraphError(`model "${made.name}": it has no layers`)
    if (!first)
      throw new GraphError(
        `model "${made.name}": it is not known yet what samples look like; put input({ shape: [...] }) in front, or give its first layer inputShape`,
      )
    top ??= stack.reduce(single, first)
    return (built = modelGraph([first], [top]))
  }
  /** Takes this for what samples look like; where the layers do not fit, others may yet come. */
  const begin = (samples: Symbolic): void => {
    const known = first
    const isNew = stack.filter((layer) => layer.weights.length === 0)
    first = samples
    top = built = undefined
    try {
      graph()
    } catch (error) {
      first = known
      top = built = undefined
      isNew.forEach(forget)
      throw error
    }
  }
  // Of other layers another program is made, whose optimiser begins anew.
  const change = (): void => {
    built = undefined
    trainerOf('sequential', made).release()
  }
  const add = (layer: Layer): void => {
    if (typeof layer !== 'function' || !('className' in layer))
      throw new GraphError('sequential: takes layers, and an input in front of them')
    const { inputShape } = layer.state.shared
    const known = first
    if (stack.length === 0 && !first && inputShape) first = input({ shape: inputShape, dtype: dtypeFor(layer) })
    if (stack.length === 0 && !first && isModel(layer)) {
      const own = modelInput(layer)
      if (own) first = input({ batchShape: own.shape, dtype: own.dtype })
    }
    nameLayers([...new Set([...stack, layer])])
    // Mistakes are said, and weights are there, as soon as it is known what samples look like.
    try {
      if (first) top = single(stack.length === 0 ? first : graph().outputs[0]!, layer)
    } catch (error) {
      first = known
      throw error
    }
    stack.push(layer)
    change()
  }
  const made = makeModel(
    {
      className: 'Sequential',
      name: 'sequential',
      layers: () => {
        // With a known input its weights are there from the start, as people expect of `weights` and `setWeights`.
        if (first && !built && stack.length > 0 && !currentTrace()) graph()
        return [...new Set<AnyLayer>(stack)]
      },
      graph,
      isMany: false,
      call: (inputs) => {
        if (inputs.length !== 1) throw new GraphError(`model "${made.name}" takes one input, got ${inputs.length}`)
        return stack.reduce<Tensor>((x, layer) => {
          const y = applyTensors(layer, [x], {})
          return isTensor(y) ? y : y[0]!
        }, inputs[0]!)
      },
      isBuilt: () => first !== undefined && stack.length > 0,
      prepare: (x) => {
        if (first || stack.length === 0) return
        const data: unknown = Array.isArray(x) && x.length === 1 && ArrayBuffer.isView(x[0]) ? x[0] : x
        const { shape, dtype } = columnOf(`input of model "${made.name}"`, data, dtypeFor(stack[0]))
        begin(input({ shape, dtype }))
      },
      config: () => ({
        ...stackConfig(stack),
        input: first ? { name: first.name, shape: first.shape, dtype: first.dtype } : null,
      }),
    },
    options,
  ) as Sequential
  Object.assign(made, {
    add,
    pop: () => {
      if (stack.pop() === undefined) throw new GraphError(`model "${made.name}": it has no layers`)
      top = undefined
      change()
    },
    build: (shape: OpenShape, dtype?: DType) => {
      begin(input({ shape, dtype: dtype ?? dtypeFor(stack[0]) }))
      trainerOf('sequential', made).release()
    },
  })
  for (const [i, element] of elements.entries()) {
    if (!isSymbolic(element)) add(element)
    else if (i === 0 && !element.source) first = element
    else throw new GraphError('sequential: an input may stand in front only; put other graphs together by model')
  }
  return made
}

/** Each layer once; where some stand in several places, what stands where. */
function stackConfig(stack: readonly AnyLayer[]): Record<string, unknown> {
  const once = [...new Set(stack)]
  const layers = once.map((l) => l.getConfig())
  return once.length === stack.length ? { layers } : { layers, order: stack.map((l) => once.indexOf(l)) }
}

/** The input of a model, where it knows it. */
const modelInput = (model: AnyModel): Symbolic | undefined =>
  trainerOf('sequential', model).model.isBuilt ? model.inputs[0] : undefined

/** Embeddings take places in a table. */
const dtypeFor = (layer: AnyLayer | undefined): DType => (layer?.className === 'Embedding' ? 'int32' : 'float32')
