// What the entry gradloom/nn exports: layers, models and training.
export * as callbacks from './callbacks/index'
export * as layers from './layers/index'
export * as losses from './losses/index'
export * as metrics from './metrics/index'
export * as optimizers from './optim/optimizers'
export * as schedules from './optim/schedules'
export { input, type InputOptions, type OpenShape, type Symbolic } from './layers/symbolic'
export { forward, type Forward } from './layers/pass'
export {
  type AnyLayer,
  type Call,
  type CallOptions,
  defineLayer,
  type Layer,
  type LayerConfig,
  type LayerRule,
} from './layers/layer'
export * as option from './layers/option'
export { cloneModel, layerFromConfig, modelFromConfig } from './models/from-config'
export { model } from './models/functional'
export { loadModel, saveModel } from './models/model-file'
export { type AnyModel, type Model, type ModelOptions } from './models/model'
export { plotModel, type PlotOptions } from './models/plot'
export { type Sequential, sequential } from './models/sequential'
export { summary, type SummaryOptions } from './models/summary'
export type { CompileArguments } from './training/arguments'
export type { Callback, Logs } from './training/callback'
export type { CompileConfig } from './training/compile-config'
export type { EvaluateOptions } from './training/evaluate-model'
export type { FitOptions } from './training/fit-options'
export type { History } from './training/history'
export { shuffledOrder } from './training/order'
export type { PredictOptions } from './training/predict-model'
export type { Progress, TrainingRun } from './training/run'
export type { FitWorker } from './training/worker/port'
export type { Compared, LossId } from './losses/lookup'
export type { Loss, LossFactory, LossOptions, Reduction } from './losses/loss'
export type { ReduceLossOptions } from './losses/reduce'
export type { MetricContext, MetricId } from './metrics/lookup'
export type { Metric, MetricFactory, MetricOptions, MetricState, States } from './metrics/metric'
export type { Measured, StandaloneMetric } from './metrics/standalone'
