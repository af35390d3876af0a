import { GraphError } from '../ir/errors'
import { bytesOf, sizeOf } from '../ir/type'
import type { AnyLayer } from '../layers/layer'
import { type Callback, Callbacks } from './callback'
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint'
import type { Column } from './columns'
import { type BatchSource, DatasetFeeder, isBatchSource, partsOf } from './dataset-feeder'
import { evaluateOn, YIELD_EVERY } from './evaluate-model'
import { ArrayFeeder, type Feeder, ResidentFeeder } from './feeder'
import { Fit } from './fit'
import { handleOf } from './handle'
import type { History } from './history'
import { shuffledOrder, unshuffled } from './order'
import { checkOptions } from './pass-options'
import type { Resident } from './program'
import { progressCallback } from './progress'
import { type SampleSet, type SamplesOf, sampleSet, slicedSet, type WeightArguments } from './samples'
import type { Session } from './session'
import type { Trainer } from './trainer'

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
  readonly validationData?: BatchSource | readonly [x: SamplesOf, y: SamplesOf, sampleWeight?: SamplesOf]
  readonly validationBatchSize?: number
  /** Batches of validation data at most. */
  readonly validationSteps?: number
  /** Every how many epochs, or after which, counted from 1. */
  readonly validationFreq?: number | readonly number[]
  /** Another order in each epoch, by the seed of the model; true by default. A dataset has an order of its own. */
  readonly shuffle?: boolean
  readonly initialEpoch?: number
  /** Batches of an epoch, where the data do not say it: a dataset then goes on in the next epoch. */
  readonly stepsPerEpoch?: number
  /** Milliseconds after which the event loop gets a turn, 50 by default. */
  readonly yieldEvery?: number
  /**
   * Whether the program holds the samples, so that a step takes places only: faster for small models, and as much memory
   * again. By default for up to 16 MB in runs of 500 steps or more.
   */
  readonly resident?: boolean
}
const OPTIONS = [
  ...['batchSize', 'epochs', 'verbose', 'callbacks', 'validationSplit', 'validationData', 'validationBatchSize'],
  ...['validationSteps', 'validationFreq', 'shuffle', 'initialEpoch', 'stepsPerEpoch', 'yieldEvery', 'resident'],
  ...['sampleWeight', 'classWeight'],
]

const MOST_RESIDENT = 16 * 2 ** 20
const LEAST_STEPS = 500

/** The data of a run, and what goes through them. */
interface Prepared {
  readonly session: Session
  readonly entry: 'train' | 'trainAt'
  readonly feeder: Feeder
  readonly validation: SampleSet | BatchSource | undefined
}

export async function fitModel(
  trainer: Trainer,
  model: AnyLayer,
  x: SamplesOf | BatchSource,
  rest: readonly unknown[],
): Promise<History> {
  const isDataset = isBatchSource(x) && !(x instanceof Array)
  const options = (isDataset ? (rest[0] ?? {}) : (rest[1] ?? {})) as FitOptions
  checkFit(options, isDataset)
  const { epochs = 1, initialEpoch = 0, verbose = 0, stepsPerEpoch, callbacks = [], yieldEvery = YIELD_EVERY } = options
  const order = { seed: trainer.model.seed, fit: trainer.fits }
  // A run that is restored goes through the orders of the one that was saved.
  let orders = (): Fit['orders'] => order
  const orderOf =
    (count: number) =>
    (epoch: number): Int32Array => {
      const { seed, fit: number } = orders()
      return options.shuffle === false ? unshuffled(count) : shuffledOrder(count, seed, number, epoch)
    }
  const prepared = isDataset
    ? await fromDataset(trainer, x, options)
    : fromArrays(trainer, x, rest[0] as SamplesOf, options, orderOf)
  const { session, feeder, entry, validation } = prepared
  const all = new Callbacks([...callbacks, ...(await progressCallback(verbose))])
  const fit = new Fit({
    session,
    entry,
    feeder,
    epochs,
    initialEpoch,
    stepsPerEpoch,
    callbacks: all,
    run: { model: handleOf(trainer, model), hasValidation: validation !== undefined },
    verbose,
    yieldEvery,
    order,
    validate: (epoch) => {
      if (validation === undefined || !isDue(epoch, options.validationFreq ?? 1)) return undefined
      const batchSize = options.validationBatchSize ?? options.batchSize ?? 32
      return evaluateOn(trainer, validation, { batchSize, steps: options.validationSteps, yieldEvery }, all)
    },
    checkpoint: (at) => encodeCheckpoint(session, at),
    restore: (bytes) => decodeCheckpoint(session, bytes),
  })
  orders = () => fit.orders
  const history = await fit.run()
  // A run that was restored is as many runs behind the first as the one that was saved.
  trainer.fits = fit.orders.fit + 1
  return history
}

const isDue = (epoch: number, freq: number | readonly number[]): boolean =>
  typeof freq === 'number' ? (epoch + 1) % freq === 0 : freq.includes(epoch + 1)

function fromArrays(
  trainer: Trainer,
  x: SamplesOf,
  y: SamplesOf,
  options: FitOptions,
  orderOf: (count: number) => (epoch: number) => Int32Array,
): Prepared {
  trainer.prepare(x)
  const all = sampleSet(trainer.model, trainer.settings, x, y, options)
  const { batchSize = 32, validationSplit = 0, epochs = 1, initialEpoch = 0 } = options
  const cut = validationSplit === 0 ? all.count : Math.floor(all.count * (1 - validationSplit))
  if (cut === 0 || (validationSplit > 0 && cut === all.count))
    throw new GraphError(
      `fit: validationSplit ${validationSplit} of ${all.count} samples leaves one of the two parts empty`,
    )
  const set = trainer.weighted(cut === all.count ? all : slicedSet(all, 0, cut))
  const validation = cut < all.count ? slicedSet(all, cut, all.count) : validationOf(trainer, options)
  const steps = Math.ceil(set.count / batchSize) * (epochs - initialEpoch)
  const isOpen = trainer.isOpen
  const isHeld = options.resident ?? (!isOpen && bytesIn(set) <= MOST_RESIDENT && steps >= LEAST_STEPS)
  const order = orderOf(set.count)
  if (isHeld) {
    const session = trainer.forData(set, residentOf(set))
    return { session, entry: 'trainAt', feeder: new ResidentFeeder(set.count, batchSize, order), validation }
  }
  const session = trainer.forData(set)
  const inOrder = options.shuffle === false
  const feeder = new ArrayFeeder(set, session.built.feeds, batchSize, isOpen, inOrder ? undefined : order)
  return { session, entry: 'train', feeder, validation }
}

async function fromDataset(trainer: Trainer, source: BatchSource, options: FitOptions): Promise<Prepared> {
  const { stepsPerEpoch } = options
  const size = Number.isFinite(source.size) ? source.size : undefined
  if (source.size === Infinity && stepsPerEpoch === undefined)
    throw new GraphError('fit: the dataset is endless; give stepsPerEpoch')
  const read = (element: unknown): SampleSet => {
    const { x, y, sampleWeight } = partsOf('fit', element)
    const { classWeight } = options
    return sampleSet(trainer.model, trainer.settings, x as SamplesOf, y as SamplesOf, {
      sampleWeight: sampleWeight as SamplesOf | undefined,
      classWeight,
    })
  }
  const feeder = new DatasetFeeder(source, stepsPerEpoch ?? size, stepsPerEpoch !== undefined, (element) => ({
    set: trainer.weighted(read(element)),
    names: session.built.feeds,
  }))
  const first = await feeder.peek()
  trainer.prepare(partsOf('fit', first).x as SamplesOf)
  const session = trainer.forData(read(first))
  return { session, entry: 'train', feeder, validation: validationOf(trainer, options) }
}

function validationOf(trainer: Trainer, { validationData }: FitOptions): SampleSet | BatchSource | undefined {
  if (validationData === undefined) return undefined
  if (isBatchSource(validationData) && !Array.isArray(validationData)) return validationData
  const { x, y, sampleWeight } = partsOf('validationData', validationData)
  return sampleSet(trainer.model, trainer.settings, x as SamplesOf, y as SamplesOf, {
    sampleWeight: sampleWeight as SamplesOf | undefined,
  })
}

const residentOf = ({ inputs, targets, weights }: SampleSet): Resident => ({ inputs, targets, weights })

const bytesIn = ({ inputs, targets, weights }: SampleSet): number =>
  [...inputs, ...targets, ...weights].reduce(
    (sum, c?: Column) => sum + (c ? sizeOf([c.count, c.size]) * bytesOf(c.dtype) : 0),
    0,
  )

function checkFit(options: FitOptions, isDataset: boolean): void {
  checkOptions('fit', options, OPTIONS, [
    'batchSize',
    'epochs',
    'stepsPerEpoch',
    'validationSteps',
    'validationBatchSize',
  ])
  const { epochs = 1, initialEpoch = 0, validationSplit = 0 } = options
  if (!Number.isSafeInteger(initialEpoch) || initialEpoch < 0 || initialEpoch > epochs)
    throw new GraphError(`fit: initialEpoch must be a whole number from 0 to epochs, it is ${String(initialEpoch)}`)
  if (!(validationSplit >= 0 && validationSplit < 1))
    throw new GraphError(`fit: validationSplit must be from 0 up to 1 (not 1), it is ${String(validationSplit)}`)
  if (!isDataset) return
  for (const key of ['batchSize', 'validationSplit', 'sampleWeight', 'shuffle', 'resident'] as const)
    if (options[key] !== undefined)
      throw new GraphError(`fit: ${key} is for arrays; a dataset brings its batches, weights and order along`)
}
