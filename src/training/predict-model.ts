import type { AnyLayer } from '../layers/layer'
import type { Callback, Callbacks } from './callback'
import { type BatchSource, DatasetFeeder, isBatchSource, requireEnd } from './dataset-feeder'
import { partsOf } from './elements'
import { predictPass } from './evaluate'
import { YIELD_EVERY } from './evaluate-model'
import { handleOf } from './handle'
import { callbacksOf, checkOptions } from './pass-options'
import { inputSet, type SamplesOf } from './samples'
import type { Session } from './session'
import type { Trainer } from './trainer'

/** Options of `predict`. */
export interface PredictOptions {
  /** 32 by default. */
  readonly batchSize?: number
  /** Batches at most. */
  readonly steps?: number
  readonly callbacks?: readonly Callback[]
  readonly yieldEvery?: number
}

export async function predictModel(
  trainer: Trainer,
  model: AnyLayer,
  x: SamplesOf | BatchSource,
  options: PredictOptions,
): ReturnType<typeof predictPass> {
  checkOptions('predict', options, ['batchSize', 'steps', 'callbacks', 'yieldEvery'])
  const callbacks = callbacksOf('predict', options.callbacks ?? [])
  return callbacks.releasing(() => {
    callbacks.setModel(handleOf(trainer, model))
    return predictOn(trainer, x, options, callbacks)
  })
}

async function predictOn(
  trainer: Trainer,
  x: SamplesOf | BatchSource,
  { batchSize = 32, steps, yieldEvery = YIELD_EVERY }: PredictOptions,
  callbacks: Callbacks,
): ReturnType<typeof predictPass> {
  const common = { steps, callbacks, yieldEvery }
  if (isBatchSource(x)) {
    requireEnd('predict: the dataset is', x, steps, 'steps')
    // An element may be inputs alone, or what is trained by.
    const partOf = (element: unknown): SamplesOf => {
      const isInput = ArrayBuffer.isView(element) || (Array.isArray(element) && typeof element[0] === 'number')
      return (isInput ? element : partsOf('predict', element).x) as SamplesOf
    }
    const feeder = new DatasetFeeder(x, undefined, false, 0, (element) => ({
      set: inputSet(trainer.model, partOf(element)),
      names: session.built.feeds,
    }))
    const session: Session = await feeder.peek((first) => {
      trainer.prepare(partOf(first))
      return trainer.forPrediction()
    })
    return predictPass({ session, feeder, ...common }, trainer.model.outputNames)
  }
  trainer.prepare(x)
  const session = trainer.forPrediction()
  const feeder = trainer.feeder(inputSet(trainer.model, x), session, batchSize)
  return predictPass({ session, feeder, ...common }, trainer.model.outputNames)
}
