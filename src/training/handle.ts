import type { AnyLayer } from '../layers/layer'
import type { Weight, WeightValues } from '../layers/weight'
import { type Direction, directionOf } from '../metrics/direction'
import type { Slot } from './session'
import type { Trainer } from './trainer'
import { loadWeights, saveWeights } from './weights-file'

/** What callbacks may do with a model. */
export interface ModelHandle {
  readonly name: string
  readonly layers: readonly AnyLayer[]
  readonly weights: readonly Weight[]
  getWeights(): readonly ArrayLike<number>[]
  setWeights(values: readonly WeightValues[]): void
  getConfig(): unknown
  /** The number that the optimiser multiplies steps by; undefined where a schedule gives it. Settable. */
  learningRate: number | undefined
  /** The same, or what a schedule gives for the next step. */
  readonly currentRate: number | undefined
  /** How many steps the optimiser has made, where it counts them. */
  readonly iterations: number | undefined
  /** What the optimiser keeps beside weights under a word, such as `average`; none before the model is trained. */
  slots(kind: string): readonly Slot[]
  /** Whether the larger or the smaller of two values of a log is better; undefined where nothing says it. */
  directionOf(log: string): Direction | undefined
  /** Weights alone, as a safetensors file. */
  saveWeights(): Uint8Array
  loadWeights(bytes: Uint8Array): void
}

export const handleOf = (trainer: Trainer, model: AnyLayer): ModelHandle => ({
  name: model.name,
  get layers() {
    return model.layers
  },
  get weights() {
    return model.weights
  },
  getWeights: () => model.getWeights(),
  setWeights: (values) => model.setWeights(values),
  getConfig: () => model.getConfig(),
  get learningRate() {
    return trainer.learningRate
  },
  set learningRate(value) {
    trainer.learningRate = value
  },
  get currentRate() {
    return trainer.learningRate ?? trainer.scheduledRate
  },
  get iterations() {
    return trainer.scalar('iterations')
  },
  slots: (kind) => trainer.session?.slots(kind) ?? [],
  directionOf: (log) => {
    const name = log.replace(/^val_/, '')
    if (name === 'loss' || trainer.model.outputNames.some((output) => name === `${output}_loss`)) return 'min'
    const meter = trainer.session?.built.meters.find((m) => m.name === name)
    return meter && directionOf(meter.metric)
  },
  saveWeights: () => saveWeights(trainer),
  loadWeights: (bytes) => loadWeights(trainer, bytes),
})
