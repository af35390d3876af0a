import { GraphError } from '../ir/errors'
import type { Data } from '../ir/type'
import type { AnyLayer } from '../layers/layer'
import type { CompileArguments } from './arguments'
import type { Logs } from './callback'
import type { CompileConfig } from './compile-config'
import type { BatchSource } from './dataset-feeder'
import { evaluateModel, type EvaluateOptions } from './evaluate-model'
import { fitModel } from './fit-model'
import type { FitOptions } from './fit-options'
import type { History } from './history'
import { evaluateBatch, predictBatch, trainBatch } from './on-batch'
import { predictModel, type PredictOptions } from './predict-model'
import type { ModelProgram } from './program'
import type { SamplesOf, WeightArguments } from './samples'
import type { Trainable } from './trainable'
import { Trainer } from './trainer'
import { loadWeights, saveWeights } from './weights-file'

/** A typed array with its shape. */
export type Predicted = Data & { readonly shape: readonly number[] }
type PredictedBy<Many extends boolean> = Many extends true ? readonly Predicted[] : Predicted

/** What a model can do besides computing; names and meaning as in Keras. */
export interface Training<Many extends boolean> {
  /** Says what it is trained by. What the optimiser remembers begins anew; weights stay. */
  compile(options: CompileArguments): void
  /**
   * What `compile` was given, as plain JSON that it takes again; undefined before it was called. Throws where that holds a
   * function of one's own.
   */
  getCompileConfig(): CompileConfig | undefined
  /**
   * Trains, and resolves to the losses and metrics of each epoch, losses as means of its batches by their samples. Data are arrays, or a
   * dataset of batches `{ x, y, sampleWeight }` in place of `x`. Rejects with a FeedError where data do not fit.
   */
  fit(x: SamplesOf, y: SamplesOf, options?: FitOptions): Promise<History>
  /** Trains on a dataset of batches. */
  fit(batches: BatchSource, options?: FitOptions): Promise<History>
  /** Losses and metrics over data, losses as means of batches by their samples. */
  evaluate(x: SamplesOf, y: SamplesOf, options?: EvaluateOptions): Promise<Logs>
  /** Losses and metrics over a dataset of batches. */
  evaluate(batches: BatchSource, options?: EvaluateOptions): Promise<Logs>
  /** Outputs for samples: one array, or one for each output. */
  predict(x: SamplesOf | BatchSource, options?: PredictOptions): Promise<PredictedBy<Many>>
  /** One update by one batch; the losses and metrics of that batch. */
  trainOnBatch(x: SamplesOf, y: SamplesOf, options?: WeightArguments): Logs
  /** The losses and metrics of one batch. */
  testOnBatch(x: SamplesOf, y: SamplesOf, options?: WeightArguments): Logs
  /** Outputs for one batch, at once. */
  predictOnBatch(x: SamplesOf): PredictedBy<Many>
  /** The factor of the optimiser's steps, settable between steps; undefined where a schedule gives it. */
  learningRate: number | undefined
  /** Weights alone, by name, as a safetensors file. */
  saveWeights(): Uint8Array
  /** Sets weights from such a file, or from a checkpoint. Throws, and sets nothing, where names, shapes or dtypes differ. */
  loadWeights(bytes: Uint8Array): void
  /** The compiled program, to read its code with `gradloom/inspect`. */
  readonly program: ModelProgram
  /** Ends the workers of its program. Weights, and what the optimiser keeps, stay. */
  dispose(): void
}

const trainers = new WeakMap<object, Trainer>()
/** What trains a model. Throws a GraphError for what is none. */
export function trainerOf(what: string, model: AnyLayer): Trainer {
  const trainer = trainers.get(model)
  if (trainer) return trainer
  throw new GraphError(`${what}: expected a model`)
}

/** The methods of a model. */
export function trainingOf(trainable: Trainable, model: AnyLayer): Training<boolean> {
  const trainer = new Trainer(trainable)
  trainers.set(model, trainer)
  const asOutputs = (list: readonly Predicted[]): Predicted | readonly Predicted[] =>
    trainable.isMany ? list : list[0]!
  return {
    compile: (options) => trainer.compile(options),
    getCompileConfig: () => trainer.compileConfig(),
    fit: (x: SamplesOf | BatchSource, ...rest: unknown[]) => fitModel(trainer, model, x, rest),
    evaluate: (x: SamplesOf | BatchSource, ...rest: unknown[]) => evaluateModel(trainer, model, x, rest),
    predict: async (x, options = {}) => asOutputs(await predictModel(trainer, model, x, options)),
    trainOnBatch: (x, y, options = {}) => trainBatch(trainer, x, y, options),
    testOnBatch: (x, y, options = {}) => evaluateBatch(trainer, x, y, options),
    predictOnBatch: (x) => asOutputs(predictBatch(trainer, x)),
    get learningRate() {
      return trainer.learningRate
    },
    set learningRate(value) {
      trainer.learningRate = value
    },
    saveWeights: () => saveWeights(trainer),
    loadWeights: (bytes) => loadWeights(trainer, bytes),
    get program() {
      return trainer.program
    },
    dispose: () => trainer.dispose(),
  }
}
