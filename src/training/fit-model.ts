import { FeedError, GraphError } from '../ir/errors'
import { bytesOf, sizeOf } from '../ir/type'
import type { AnyLayer } from '../layers/layer'
import type { Callbacks } from './callback'
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint'
import type { Column } from './columns'
import { type BatchSource, DatasetFeeder, isBatchSource, requireEnd } from './dataset-feeder'
import { elementSet, partsOf } from './elements'
import { evaluateOn, isSampleSet, YIELD_EVERY } from './evaluate-model'
import { type Feeder, inEpochs, ResidentFeeder } from './feeder'
import { Fit } from './fit'
import { checkFit, type FitOptions, type FitPlanOptions, planOf } from './fit-options'
import { handleOf } from './handle'
import type { History } from './history'
import { shuffledOrder, unshuffled } from './order'
import { callbacksOf, checkNoTargets } from './pass-options'
import { progressCallback } from './progress'
import { type SampleSet, type SamplesOf, sampleSet, slicedSet } from './samples'
import type { Session } from './session'
import type { Trainer } from './trainer'
import { fitThere } from './worker/fit-there'

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
  const isDataset = isBatchSource(x)
  if (isDataset) checkNoTargets('fit', rest)
  const options = (isDataset ? (rest[0] ?? {}) : (rest[1] ?? {})) as FitOptions
  checkFit(options, isDataset)
  if (trainer.isFitting)
    throw new GraphError(`fit: model "${model.name}" is being trained by another call; await that one first`)
  trainer.isFitting = true
  try {
    return await startFit(trainer, model, x, rest[0] as SamplesOf, options)
  } finally {
    trainer.isFitting = false
  }
}

async function startFit(
  trainer: Trainer,
  model: AnyLayer,
  x: SamplesOf | BatchSource,
  y: SamplesOf,
  options: FitOptions,
): Promise<History> {
  const callbacks = async (): Promise<Callbacks> =>
    callbacksOf('fit', [...(options.callbacks ?? []), ...(await progressCallback(options.verbose ?? 0))])
  if (isBatchSource(x)) return runFit(trainer, model, options, () => fromDataset(trainer, x, options), callbacks)
  trainer.prepare(x)
  const all = sampleSet(trainer.model, trainer.settings, x, y, options)
  if (all.count === 0) throw new FeedError('fit: there are no samples')
  const given = validationOf(trainer, options)
  const { set, validation } =
    options.classWeight === undefined ? { set: all, validation: given } : unweighted(all, given, options)
  const { worker, workerDeadline: deadline = 30_000 } = options
  if (worker === undefined) return fitSet(trainer, model, set, validation, options, callbacks)
  if (validation !== undefined && !isSampleSet(validation))
    throw new GraphError('fit: a dataset of validation data cannot go to a worker; give arrays, or no worker')
  const run = { worker, deadline, set: trainer.weighted(set), validation, plan: planOf(options) }
  return fitThere(trainer, model, run, await callbacks())
}

/** Classes weigh in training only, not in the part that is kept for validation. */
function unweighted(
  all: SampleSet,
  given: Prepared['validation'],
  options: FitPlanOptions,
): Pick<Prepared, 'validation'> & { readonly set: SampleSet } {
  const { set, validation } = parted(all, given, options)
  const isPart = validation !== given && validation !== undefined && isSampleSet(validation)
  return { set, validation: isPart ? { ...validation, weights: validation.targets.map(() => undefined) } : validation }
}

/** The samples, and those that are kept for validation; data that are given go before a part of the samples, as in Keras. */
function parted(
  all: SampleSet,
  given: Prepared['validation'],
  options: FitPlanOptions,
): Pick<Prepared, 'validation'> & { readonly set: SampleSet } {
  const validationSplit = given === undefined ? (options.validationSplit ?? 0) : 0
  const cut = validationSplit === 0 ? all.count : Math.floor(all.count * (1 - validationSplit))
  if (cut === 0 || (validationSplit > 0 && cut === all.count))
    throw new GraphError(
      `fit: validationSplit ${validationSplit} of ${all.count} samples leaves one of the two parts empty`,
    )
  if (cut === all.count) return { set: all, validation: given }
  return { set: slicedSet(all, 0, cut), validation: slicedSet(all, cut, all.count) }
}

/** Trains by samples that are laid out. */
export const fitSet = (
  trainer: Trainer,
  model: AnyLayer,
  set: SampleSet,
  validation: Prepared['validation'],
  plan: FitPlanOptions,
  callbacks: () => Promise<Callbacks>,
): Promise<History> =>
  runFit(trainer, model, plan, (orderOf) => fromArrays(trainer, set, validation, plan, orderOf), callbacks)

type OrderOf = (count: number) => (epoch: number) => Int32Array

/** `prepare` gets the orders of the samples: by the place of the run and the epoch. */
async function runFit(
  trainer: Trainer,
  model: AnyLayer,
  options: FitPlanOptions,
  prepare: (orderOf: OrderOf) => Prepared | Promise<Prepared>,
  callbacks: () => Promise<Callbacks>,
): Promise<History> {
  const { epochs = 1, initialEpoch = 0, verbose = 0, stepsPerEpoch, yieldEvery = YIELD_EVERY } = options
  const order = { seed: trainer.model.seed, fit: trainer.fits }
  const all = await callbacks()
  // A run that is restored goes through the orders of the one that was saved.
  let orders = (): Fit['orders'] => order
  const { session, feeder, entry, validation } = await prepare((count) => (epoch) => {
    const { seed, fit: number } = orders()
    return options.shuffle === false ? unshuffled(count) : shuffledOrder(count, seed, number, epoch)
  })
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
    restore: (bytes, accept) => decodeCheckpoint(session, bytes, accept),
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
  all: SampleSet,
  given: Prepared['validation'],
  options: FitPlanOptions,
  orderOf: OrderOf,
): Prepared {
  const { batchSize = 32, epochs = 1, initialEpoch = 0, stepsPerEpoch } = options
  const { set: own, validation } = parted(all, given, options)
  const set = trainer.weighted(own)
  const steps = (stepsPerEpoch ?? Math.ceil(set.count / batchSize)) * (epochs - initialEpoch)
  const isHeld = options.resident ?? (!trainer.isOpen && bytesIn(set) <= MOST_RESIDENT && steps >= LEAST_STEPS)
  const order = orderOf(set.count)
  if (isHeld) {
    const session = trainer.forData(set, set)
    const feeder = inEpochs(new ResidentFeeder(set.count, batchSize, order), stepsPerEpoch)
    return { session, entry: 'trainAt', feeder, validation }
  }
  const session = trainer.forData(set)
  const feeder = trainer.feeder(set, session, batchSize, options.shuffle === false ? undefined : order)
  return { session, entry: 'train', feeder: inEpochs(feeder, stepsPerEpoch), validation }
}

/** What is known once the first element was looked at. */
type Seen = Pick<Prepared, 'session' | 'validation'>

async function fromDataset(trainer: Trainer, source: BatchSource, options: FitOptions): Promise<Prepared> {
  const { stepsPerEpoch } = options
  const size = Number.isFinite(source.size) ? source.size : undefined
  requireEnd('fit: the dataset is', source, stepsPerEpoch, 'stepsPerEpoch')
  const read = (element: unknown): SampleSet => elementSet(trainer, 'fit', element, options.classWeight)
  const feeder: DatasetFeeder = new DatasetFeeder(
    source,
    stepsPerEpoch ?? size,
    stepsPerEpoch !== undefined,
    options.initialEpoch ?? 0,
    (element) => ({
      set: trainer.alike(read(element), session),
      names: session.built.feeds,
    }),
  )
  const { session, validation }: Seen = await feeder.peek((first) => {
    trainer.prepare(partsOf('fit', first).x as SamplesOf)
    return { session: trainer.forData(read(first)), validation: validationOf(trainer, options) }
  })
  return { session, entry: 'train', feeder, validation }
}

function validationOf(
  trainer: Trainer,
  { validationData, validationSteps }: FitOptions,
): SampleSet | BatchSource | undefined {
  if (validationData === undefined) return undefined
  if (!isBatchSource(validationData)) return elementSet(trainer, 'validationData', validationData)
  requireEnd('fit: validationData are', validationData, validationSteps, 'validationSteps')
  return validationData
}

const bytesIn = ({ inputs, targets, weights }: SampleSet): number =>
  [...inputs, ...targets, ...weights].reduce(
    (sum, c?: Column) => sum + (c ? sizeOf([c.count, c.size]) * bytesOf(c.dtype) : 0),
    0,
  )
