import type { AnyLayer } from '../layers/layer'
import type { Weight } from '../layers/weight'
import type { Trainer } from './trainer'
import { saveWeights } from './weights-file'

/** What callbacks may do with a model. */
export interface ModelHandle {
  readonly name: string
  readonly weights: readonly Weight[]
  getWeights(): readonly ArrayLike<number>[]
  setWeights(values: readonly ArrayLike<number>[]): void
  getConfig(): unknown
  /** The number that the optimiser multiplies steps by; undefined where a schedule gives it. Settable. */
  learningRate: number | undefined
  /** Weights alone, as a safetensors file. */
  saveWeights(): Uint8Array
}

export const handleOf = (trainer: Trainer, model: AnyLayer): ModelHandle => ({
  name: model.name,
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
  saveWeights: () => saveWeights(trainer),
})
