import { GraphError } from '../ir/errors'
import { requireSeed } from '../ir/seed'
import { checkKeys } from '../ir/names-of'
import type { Tensor } from '../ir/tensor'
import { type AnyLayer, type Layer, type LayerRule, makeLayer } from '../layers/layer'
import { inModel } from '../layers/hidden'
import { layerOptions } from '../layers/shared-options'
import { parseOptions } from '../layers/option'
import { currentPass } from '../layers/pass'
import { settledPath, settlePath } from '../layers/path'
import type { Symbolic } from '../layers/symbolic'
import { trainerOf, type Training, trainingOf } from '../training/methods'
import { valuedWeights } from '../training/weight-names'
import type { Trainable } from '../training/trainable'
import { checkContainers } from './containers'
import { type ModelGraph, runGraph } from './graph'
import { summary, type SummaryOptions } from './summary'

/** What every model takes. */
export interface ModelOptions {
  /** By which it is found in another model, and what stands in front of the names of its weights there. */
  readonly name?: string
  /** Of first weights, of what is drawn in training and of the order of samples; 0 by default. */
  readonly seed?: number
}

/** Layers that are put together: a layer itself, and what can be trained. */
export interface Model<Many extends boolean = false> extends Layer<Many>, Training<Many> {
  readonly inputs: readonly Symbolic[]
  readonly outputs: readonly Symbolic[]
  readonly inputNames: readonly string[]
  readonly outputNames: readonly string[]
  readonly seed: number
  /** A layer by its name or place. Throws where there is none. */
  getLayer(which: string | number): AnyLayer
  /** How many numbers its weights are. */
  countParams(): number
  /** Prints a table of its layers, as the function `summary` gives it. */
  summary(options?: SummaryOptions): void
}
/** A model, whether it has one output or several. */
export type AnyModel = Model<boolean>

/** What differs between kinds of models. */
export interface ModelKind {
  readonly className: 'Functional' | 'Sequential'
  readonly name: string
  layers(): readonly AnyLayer[]
  graph(): ModelGraph
  call(inputs: readonly Tensor[]): readonly Tensor[] | Tensor
  readonly isMany: boolean
  /** Whether it is known what samples look like; absent where it always is. */
  isBuilt?(): boolean
  /** Says what samples look like, where only data say it. */
  prepare?(x: unknown): void
  config(): Readonly<Record<string, unknown>>
}

/** Makes a model of its kind. */
export function makeModel(kind: ModelKind, options: ModelOptions): AnyModel {
  const { name, seed = 0 } = options
  checkKeys('model', options, ['name', 'seed'])
  requireSeed('model', seed)
  const settle = (): void => {
    if (currentPass().standIns) return
    const path = settledPath(model)
    const prefix = path === undefined ? '' : `${path}/`
    for (const layer of kind.layers()) settlePath(layer, `${prefix}${layer.name}`)
  }
  const rule: LayerRule = {
    className: kind.className,
    name: kind.name,
    options: {},
    arity: { least: 1, most: Infinity },
    call: (inputs) => {
      settle()
      return inModel(() => kind.call(inputs))
    },
    // Masks are those that its last layers set.
    mask: 'own',
  }
  const shared = parseOptions(kind.className, layerOptions, name === undefined ? {} : { name })
  const model = makeLayer(rule, {}, shared, () => kind.layers()) as AnyModel
  const trainable: Trainable = {
    get layer() {
      return model
    },
    get inputs() {
      return kind.graph().inputs
    },
    get outputs() {
      return kind.graph().outputs
    },
    get inputNames() {
      return uniqueNames(kind.graph().inputs)
    },
    get outputNames() {
      // A stack is known to have one output before it is known of which shape.
      const last = trainable.isBuilt ? undefined : kind.layers().at(-1)
      return last ? [last.name] : uniqueNames(kind.graph().outputs)
    },
    seed,
    isMany: kind.isMany,
    get isBuilt() {
      return kind.isBuilt?.() ?? true
    },
    ...(kind.prepare ? { prepare: (x: unknown) => kind.prepare!(x) } : {}),
    run: (inputs) => {
      settle()
      return runGraph(kind.graph(), inputs)
    },
  }
  const get = (of: () => unknown): PropertyDescriptor => ({ get: of, enumerable: true, configurable: true })
  Object.defineProperties(model, {
    inputs: get(() => trainable.inputs),
    outputs: get(() => trainable.outputs),
    inputNames: get(() => trainable.inputNames),
    outputNames: get(() => trainable.outputNames),
    seed: get(() => seed),
  })
  const valuesOf = model.getWeights.bind(model)
  Object.assign(model, {
    getWeights: () => {
      // As for a file: where nothing has run, first values are made.
      if (trainable.isBuilt) valuedWeights(trainerOf('getWeights', model))
      return valuesOf()
    },
    getLayer: (which: string | number): AnyLayer => {
      const layers = kind.layers()
      const found = typeof which === 'number' ? layers.at(which) : layers.find((l) => l.name === which)
      if (found) return found
      throw new GraphError(
        `model "${model.name}": there is no layer ${JSON.stringify(which)}; there are ${layers.map((l) => l.name).join(', ')}`,
      )
    },
    countParams: () => [...new Set(model.weights)].reduce((sum, w) => sum + w.size, 0),
    summary: (options?: SummaryOptions) => console.log(summary(model, options)),
    getConfig: () => {
      checkContainers(model)
      return {
        className: kind.className,
        config: { name: model.state.name ?? null, seed, trainable: model.trainable, ...kind.config() },
      }
    },
  })
  return Object.defineProperties(model, Object.getOwnPropertyDescriptors(trainingOf(trainable, model)))
}

/** Names of symbolic tensors, told apart where they are equal. */
function uniqueNames(list: readonly Symbolic[]): string[] {
  const taken = new Set<string>()
  return list.map(({ name, source }) => {
    const base = source ? source.layer.name : name
    let own = base
    for (let i = 1; taken.has(own); i++) own = `${base}_${i}`
    taken.add(own)
    return own
  })
}
