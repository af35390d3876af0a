import { GraphError } from '../ir/errors'
import type { Callback } from './callback'
import type { BatchSource } from './dataset-feeder'
import { checkOptions } from './pass-options'
import type { SamplesOf, WeightArguments } from './samples'
import type { FitWorker } from './worker/port'

/** Options of `fit`. */
export interface FitOptions extends WeightArguments {
  /** 32 by default. The last batch of an epoch may be smaller: it counts by its samples. */
  readonly batchSize?: number
  /** 1 by default. */
  readonly epochs?: number
  /**
   * 0 says nothing (the default), 2 prints a line for each epoch, 1 shows a bar where there is a terminal and the package
   * cli-progress is installed, else lines.
   */
  readonly verbose?: 0 | 1 | 2
  readonly callbacks?: readonly Callback[]
  /** The part of the samples, from the end and before they are shuffled, that is kept for validation. */
  readonly validationSplit?: number
  /** What is evaluated after epochs: arrays, or a dataset. */
  readonly validationData?: BatchSource | readonly [x: SamplesOf, y: SamplesOf, sampleWeight?: SamplesOf]
  readonly validationBatchSize?: number
  /** Batches of validation data at most. */
  readonly validationSteps?: number
  /** Every how many epochs, or after which, counted from 1. */
  readonly validationFreq?: number | readonly number[]
  /** Another order in each epoch, by the seed of the model; true by default. A dataset has an order of its own. */
  readonly shuffle?: boolean
  /** The epoch to begin with, 0 by default: a run that goes on counts epochs from there up to `epochs`. */
  readonly initialEpoch?: number
  /** Batches of an epoch, where it is no pass over the data: the next epoch then goes on where it ended. */
  readonly stepsPerEpoch?: number
  /** Milliseconds after which the event loop gets a turn, 50 by default. */
  readonly yieldEvery?: number
  /**
   * Whether the program holds the samples, so that a step takes places only: faster for small models, and as much memory
   * again. By default for up to 16 MB in runs of 500 steps or more.
   */
  readonly resident?: boolean
  /**
   * Runs `gradloom/fit-worker`: training then takes place there, and this thread stays free. The data are arrays, and the model
   * and what it is compiled with hold no functions of one's own.
   */
  readonly worker?: FitWorker
  /** How many milliseconds the worker may say nothing while it loads, 30,000 by default: then it runs something else. */
  readonly workerDeadline?: number
}

/** What of the options is plain data that a run is made by. */
const PLAN = [
  ...(['batchSize', 'epochs', 'verbose', 'validationSplit', 'validationBatchSize', 'validationSteps'] as const),
  ...(['validationFreq', 'shuffle', 'initialEpoch', 'stepsPerEpoch', 'yieldEvery', 'resident'] as const),
] as const
export type FitPlanOptions = Pick<FitOptions, (typeof PLAN)[number]>

const OPTIONS = [...PLAN, 'callbacks', 'validationData', 'sampleWeight', 'classWeight', 'worker', 'workerDeadline']

export const planOf = (options: FitOptions): FitPlanOptions =>
  Object.fromEntries(PLAN.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])))

/** Throws a GraphError for options that do not exist, have no such values, or do not go with a dataset. */
export function checkFit(options: FitOptions, isDataset: boolean): void {
  checkOptions('fit', options, OPTIONS)
  const { epochs = 1, initialEpoch = 0 } = options
  if (!Number.isSafeInteger(initialEpoch) || initialEpoch < 0 || initialEpoch > epochs)
    throw new GraphError(`fit: initialEpoch must be a whole number from 0 to epochs, it is ${String(initialEpoch)}`)
  if (!isDataset) return
  if (options.worker !== undefined)
    throw new GraphError(
      'fit: a dataset cannot go to a worker, as functions make its batches; give arrays, or no worker',
    )
  for (const key of ['batchSize', 'validationSplit', 'sampleWeight', 'shuffle', 'resident'] as const)
    if (options[key] !== undefined)
      throw new GraphError(`fit: ${key} is for arrays; a dataset brings its batches, weights and order along`)
}
