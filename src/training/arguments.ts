import { GraphError } from '../ir/errors'
import { type Site, siteOfCall } from '../ir/origin'
import { isTensor } from '../ir/tensor'
import type { Loss } from '../losses/loss'
import { type LossId, lossToBe } from '../losses/lookup'
import { checkMetric, type MetricId } from '../metrics/lookup'
import { type OptimizerId, optimizerOf } from '../optim/optimizers'
import type { OptimizerSpec } from '../optim/spec'
import { checkKeys } from '../ir/names-of'
import { checkOptions, COMPILE_OPTIONS, type CompileOptions } from '../compile/options'
import { type Trainable, trainableNow } from './trainable'
import type { TrainableRule } from '../layers/layer-weights'

/** One thing for all outputs, one (or null) for each in their order, or some by the name of the output. */
export type PerOutput<T> = T | readonly (T | null)[] | Readonly<Record<string, T>>

/** What `compile` of a model takes. */
export interface CompileArguments extends CompileOptions {
  /** Keras's name, or what a factory of `optimizers` gives; `rmsprop` by default. */
  readonly optimizer?: OptimizerId
  /** What is minimised, by Keras's name, a loss or a function of tensors, for all outputs or by output; null for none there. */
  readonly loss?: PerOutput<LossId | null>
  /** How much each loss counts, 1 by default. */
  readonly lossWeights?: readonly number[] | Readonly<Record<string, number>>
  /** Metrics that every sample counts alike in. */
  readonly metrics?:
    readonly MetricId[] | Readonly<Record<string, MetricId | readonly MetricId[]>> | readonly (readonly MetricId[])[]
  /** Metrics that count a sample by its weight. */
  readonly weightedMetrics?: CompileArguments['metrics']
}

/** What a model is trained by. */
export interface Settings {
  readonly optimizer: OptimizerSpec
  readonly outputs: readonly OutputSettings[]
  readonly options: CompileOptions
  /** Where `compile` was called: the line of what no layer makes. */
  readonly site: Site | undefined
  /** Which layers were to be trained when `compile` was called. */
  readonly isTrainable: TrainableRule
}
export interface OutputSettings {
  readonly name: string
  readonly loss: Loss | undefined
  readonly weight: number
  readonly metrics: readonly MetricId[]
  readonly weightedMetrics: readonly MetricId[]
}

const OWN = ['optimizer', 'loss', 'lossWeights', 'metrics', 'weightedMetrics']

/** Throws a GraphError for a loss, metric or optimiser that does not exist, or one for an output that does not. */
export function settingsOf(given: CompileArguments, { layer, outputNames: outputs }: Trainable): Settings {
  if (typeof given !== 'object' || given === null)
    throw new GraphError(
      `compile: expected { optimizer, loss }, got ${given === null ? 'null' : JSON.stringify(given)}`,
    )
  const { optimizer = 'rmsprop', loss, lossWeights, metrics, weightedMetrics } = given
  const options = Object.fromEntries(Object.entries(given).filter(([key]) => !OWN.includes(key)))
  checkKeys('compile', given, [...OWN, ...COMPILE_OPTIONS])
  checkOptions(options)
  const losses = perOutput<LossId | null>('loss', loss, outputs)
  if (losses.every((l) => l === undefined)) throw new GraphError('compile: loss is missing; name one such as "mse"')
  const weights = perOutput<number>('lossWeights', lossWeights, outputs)
  const plain = metricsPerOutput('metrics', metrics, outputs)
  const weighted = metricsPerOutput('weightedMetrics', weightedMetrics, outputs)
  for (const id of [...plain, ...weighted].flat()) checkMetric(id)
  return {
    optimizer: optimizerOf(optimizer),
    options,
    site: siteOfCall(),
    isTrainable: trainableNow(layer),
    outputs: outputs.map((name, i) => {
      const weight = weights[i] ?? 1
      if (typeof weight !== 'number' || !Number.isFinite(weight))
        throw new GraphError(
          `compile: the weight of the loss of "${name}" must be a finite number, it is ${String(weight)}`,
        )
      return {
        name,
        loss: losses[i] === undefined || losses[i] === null ? undefined : lossToBe(losses[i]),
        weight,
        metrics: plain[i]!,
        weightedMetrics: weighted[i]!,
      }
    }),
  }
}

const isSingle = (x: unknown): boolean => typeof x !== 'object' || x === null || 'className' in x || isTensor(x)

function perOutput<T>(what: string, given: unknown, outputs: readonly string[]): readonly (T | undefined)[] {
  if (given === undefined || given === null) return outputs.map(() => undefined)
  if (isSingle(given)) return outputs.map(() => given as T)
  if (Array.isArray(given)) {
    if (given.length !== outputs.length)
      throw new GraphError(
        `compile: ${what} has ${given.length} elements, the model ${outputs.length} outputs (${outputs.join(', ')})`,
      )
    return given.map((x) => (x ?? undefined) as T | undefined)
  }
  checkNames(what, given, outputs)
  return outputs.map((name) => (given as Readonly<Record<string, T>>)[name])
}

function metricsPerOutput(
  what: string,
  given: CompileArguments['metrics'],
  outputs: readonly string[],
): readonly (readonly MetricId[])[] {
  if (given === undefined || given === null) return outputs.map(() => [])
  const listOf = (x: unknown): readonly MetricId[] =>
    x === undefined || x === null ? [] : Array.isArray(x) ? (x as MetricId[]) : [x as MetricId]
  if (!Array.isArray(given)) {
    if (isSingle(given)) return outputs.map(() => listOf(given))
    checkNames(what, given, outputs)
    return outputs.map((name) => listOf((given as Readonly<Record<string, unknown>>)[name]))
  }
  if (outputs.length === 1 && !given.some(Array.isArray)) return [given as readonly MetricId[]]
  if (given.length === outputs.length) return given.map(listOf)
  throw new GraphError(
    `compile: ${what} must be lists of metrics for each of the ${outputs.length} outputs (${outputs.join(', ')}), or a record by their names`,
  )
}

function checkNames(what: string, given: object, outputs: readonly string[]): void {
  for (const name of Object.keys(given))
    if (!outputs.includes(name))
      throw new GraphError(`compile: ${what} has "${name}", which is no output; the outputs are ${outputs.join(', ')}`)
}
