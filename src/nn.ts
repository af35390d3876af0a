// What the entry gradloom/nn exports: layers, models and training.
/** What `fit` calls while it trains, as in Keras. */
export * as callbacks from './callbacks/index'
/** Layers, as in Keras: `layers.dense({ units: 10 })`. */
export * as layers from './layers/index'
/** Losses, as in Keras, for `compile` of a model and for graphs of your own. */
export * as losses from './losses/index'
/** Metrics, as in Keras. */
export * as metrics from './metrics/index'
/** Optimisers for `compile` of a model. */
export * as optimizers from './optim/optimizers'
export {
  defineOptimizer,
  type OptimizerContext,
  type OptimizerFactory,
  type OptimizerHypers,
  type OptimizerRule,
  type OwnOptimizerOptions,
} from './optim/define'
/** Rates as functions of the step. */
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
/** Options of layers of your own, for `defineLayer`. */
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
export type { OwnFunction } from './losses/own-function'
export type { Loss, LossFactory, LossOptions, Reduction } from './losses/loss'
export type { ReduceLossOptions } from './losses/reduce'
export type { MetricContext, MetricId } from './metrics/lookup'
export type { Metric, MetricFactory, MetricOptions, MetricState, States } from './metrics/metric'
export type { Measured, StandaloneMetric } from './metrics/standalone'
// What signatures name.
export type { LambdaFunction, LambdaMask } from './layers/lambda'
export type { ConfigOptions, CustomFactory, CustomObjects } from './layers/custom'
export type { CellRule, LayerFactory, LayerState, MaskRule } from './layers/layer'
export type { HostData, HostNumbers } from './layers/preprocessing/host'
export type { Texts } from './layers/preprocessing/texts'
export type { SharedOptions } from './layers/shared-options'
export type { Weight, WeightOptions, WeightRule, WeightValues } from './layers/weight'
export type { Thresholds } from './metrics/confusion'
export type { OptimizerSpec } from './optim/spec'
export type { ActivationId } from './parts/activations'
export type { ConstraintId } from './parts/constraints'
export type { InitializerId } from './parts/initializers'
export type { RegularizerId } from './parts/regularizers'
export type { HookName } from './training/callback'
export type { ModelProgram } from './training/program'
export type { WeightArguments } from './training/samples'
