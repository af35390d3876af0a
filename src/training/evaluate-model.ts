import { GraphError } from '../ir/errors'
import type { AnyLayer } from '../layers/layer'
import type { Callback, Callbacks, Logs } from './callback'
import { type BatchSource, DatasetFeeder, isBatchSource, requireEnd } from './dataset-feeder'
import { elementSet, partsOf } from './elements'
import { evaluatePass } from './evaluate'
import { handleOf } from './handle'
import { callbacksOf, checkNoTargets, checkOptions } from './pass-options'
import { type SampleSet, type SamplesOf, sampleSet, type WeightArguments } from './samples'
import type { Session } from './session'
import type { Trainer } from './trainer'

/** Milliseconds between turns of the event loop. */
export const YIELD_EVERY = 50

/** Options of `evaluate`. */
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
  const isDataset = isBatchSource(x)
  if (isDataset) checkNoTargets('evaluate', rest)
  const options = (isDataset ? (rest[0] ?? {}) : (rest[1] ?? {})) as EvaluateOptions
  checkOptions('evaluate', options, ['batchSize', 'steps', 'callbacks', 'yieldEvery', 'sampleWeight', 'classWeight'])
  const callbacks = callbacksOf('evaluate', options.callbacks ?? [])
  return callbacks.releasing(() => {
    callbacks.setModel(handleOf(trainer, model))
    if (isDataset) requireEnd('evaluate: the dataset is', x, options.steps, 'steps')
    for (const key of ['batchSize', 'sampleWeight'] as const)
      if (isDataset && options[key] !== undefined)
        throw new GraphError(`evaluate: ${key} is for arrays; a dataset brings its batches and weights along`)
    if (isDataset) return evaluateOn(trainer, x, options, callbacks)
    trainer.prepare(x)
    const set = sampleSet(trainer.model, trainer.settings, x, rest[0] as SamplesOf, options)
    return evaluateOn(trainer, set, options, callbacks)
  })
}

export async function evaluateOn(
  trainer: Trainer,
  data: SampleSet | BatchSource,
  { batchSize = 32, steps, yieldEvery = YIELD_EVERY, classWeight }: Omit<EvaluateOptions, 'callbacks'>,
  callbacks: Callbacks,
): Promise<Logs> {
  const common = { steps, callbacks, yieldEvery }
  if (!isSampleSet(data)) {
    const read = (element: unknown): SampleSet => elementSet(trainer, 'evaluate', element, classWeight)
    const feeder = new DatasetFeeder(data, undefined, false, 0, (element) => ({
      set: trainer.alike(read(element), session),
      names: session.built.feeds,
    }))
    const session: Session = await feeder.peek((first) => {
      trainer.prepare(partsOf('evaluate', first).x as SamplesOf)
      return trainer.forEvaluation(read(first))
    })
    return evaluatePass({ session, feeder, ...common })
  }
  const set = trainer.weighted(data)
  const session = trainer.forEvaluation(set)
  return evaluatePass({ session, feeder: trainer.feeder(set, session, batchSize), ...common })
}

export const isSampleSet = (x: SampleSet | BatchSource): x is SampleSet => 'inputs' in x && 'targets' in x
