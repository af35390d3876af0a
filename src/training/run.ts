import type { History } from './history'
import type { ModelHandle } from './handle'

/** How far a run has come: everything besides the state of the program that an exact resume needs. Plain JSON. */
export interface Progress {
  /** The epoch that is under way or comes next, from 0. */
  readonly epoch: number
  /** Batches of it that are done. */
  readonly batch: number
  /** Whether it was stopped, as by early stopping: then it does not go on. */
  readonly stopped: 'epoch' | 'batch' | null
  /** Sums over these batches: losses times samples by name, and samples. */
  readonly sums: Readonly<Record<string, number>>
  readonly samples: number
  readonly history: History['history']
  readonly epochs: readonly number[]
  /** What the orders of the samples are made from. */
  readonly seed: number
  readonly fit: number
  readonly callbacks: Readonly<Record<string, unknown>>
}

/** A call of `fit` that is under way, as callbacks see it. */
export interface TrainingRun {
  readonly model: ModelHandle
  /** What `fit` was asked for; `steps` is undefined where the data do not say how many there are. */
  readonly params: { readonly epochs: number; readonly steps: number | undefined; readonly verbose: number }
  /** Whether there are validation data, so that some epochs have logs of them. */
  readonly hasValidation: boolean
  /**
   * `batch` ends the epoch behind the batch that is under way, and training with it: validation and the hooks of the end
   * come as ever, as with Keras's `stop_training`. `epoch` lets the epoch get to its end first. `now` leaves behind the batch
   * with nothing but `onTrainEnd`, for a run that goes on from a checkpoint later. 'batch' by default.
   */
  stop(when?: 'batch' | 'epoch' | 'now'): void
  /** How it was stopped, if it was. */
  readonly stopped: 'batch' | 'epoch' | 'now' | undefined
  /** How far it is; between hooks. */
  progress(): Progress
  /** Weights, slots, counters, random state and progress as one safetensors file. */
  checkpoint(): Uint8Array
  /** Goes on where a checkpoint was taken; only from `onTrainBegin`. Throws where the file belongs to another model. */
  restore(checkpoint: Uint8Array): void
}
