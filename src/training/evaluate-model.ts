import type { AnyLayer } from '../layers/layer'
import type { Callback, Callbacks, Logs } from './callback'
import { type BatchSource, DatasetFeeder, isBatchSource, partsOf } from './dataset-feeder'
import { evaluatePass } from './evaluate'
import { ArrayFeeder } from './feeder'
import { handleOf } from './handle'
import { callbacksOf, checkNoTargets, checkOptions } from './pass-options'
import { type SampleSet, type SamplesOf, sampleSet, type WeightArguments } from './samples'
import type { Trainer } from './trainer'

/** Milliseconds between turns of the event loop. */
export const YIELD_EVERY = 50

export interface EvaluateOptions extends WeightArguments {
  /** 32 by default. */
  readonly batchSize?: number
  /** Batches at most. */
  readonly steps?: number | undefined
  readonly callbacks?: readonly Callback[]
  readonly yieldEvery?: number
}

export async function evaluateModel(
  trainer: Trainer,
  model: AnyLayer,
  x: SamplesOf | BatchSource,
  rest: readonly unknown[],
): Promise<Logs> {
  const isDataset = isBatchSource(x) && !Array.isArray(x)
  if (isDataset) checkNoTargets('evaluate', rest)
  const options = (isDataset ? (rest[0] ?? {}) : (rest[1] ?? {})) as EvaluateOptions
  checkOptions('evaluate', options, ['batchSize', 'steps', 'callbacks', 'yieldEvery', 'sampleWeight', 'classWeight'])
  const callbacks = callbacksOf('evaluate', options.callbacks ?? [])
  return callbacks.releasing(() => {
    callbacks.setModel(handleOf(trainer, model))
    if (isDataset) return evaluateOn(trainer, x, options, callbacks)
    trainer.prepare(x as SamplesOf)
    const set = sampleSet(trainer.model, trainer.settings, x as SamplesOf, rest[0] as SamplesOf, options)
    return evaluateOn(trainer, set, options, callbacks)
  })
}

export async function evaluateOn(
  trainer: Trainer,
  data: SampleSet | BatchSource,
  { batchSize = 32, steps, yieldEvery = YIELD_EVERY }: Omit<EvaluateOptions, 'callbacks'>,
  callbacks: Callbacks,
): Promise<Logs> {
  const common = { steps, callbacks, yieldEvery }
  if (!isSampleSet(data)) {
    const read = (element: unknown): SampleSet => {
      const { x, y, sampleWeight } = partsOf('evaluate', element)
      return sampleSet(trainer.model, trainer.settings, x as SamplesOf, y as SamplesOf, {
        sampleWeight: sampleWeight as SamplesOf | undefined,
      })
    }
    const feeder = new DatasetFeeder(data, undefined, false, (element) => ({
      set: trainer.alike(read(element)),
      names: session.built.feeds,
    }))
    const first = await feeder.peek()
    trainer.prepare(partsOf('evaluate', first).x as SamplesOf)
    const session = trainer.forEvaluation(read(first))
    return evaluatePass({ session, feeder, ...common })
  }
  const set = trainer.weighted(data)
  const session = trainer.forEvaluation(set)
  return evaluatePass({
    session,
    feeder: new ArrayFeeder(set, session.built.feeds, batchSize, trainer.isOpen, undefined, trainer.fixedBatch),
    ...common,
  })
}

export const isSampleSet = (x: SampleSet | BatchSource): x is SampleSet => 'inputs' in x && 'targets' in x
