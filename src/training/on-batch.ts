import { FeedError } from '../ir/errors'
import type { Logs } from './callback'
import { ArrayFeeder } from './feeder'
import { logsOf, Sums } from './logs'
import { checkOptions } from './pass-options'
import type { predictPass } from './evaluate'
import { inputSet, type SampleSet, type SamplesOf, sampleSet, type WeightArguments } from './samples'
import type { Session } from './session'
import type { Trainer } from './trainer'

function oneBatch(
  trainer: Trainer,
  entry: 'train' | 'evaluate',
  x: SamplesOf,
  y: SamplesOf,
  options: WeightArguments,
): Logs {
  const what = `${entry === 'train' ? 'train' : 'test'}OnBatch`
  checkOptions(what, options, ['sampleWeight', 'classWeight'])
  trainer.prepare(x)
  const set = trainer.weighted(sampleSet(trainer.model, trainer.settings, x, y, options))
  if (set.count === 0) throw new FeedError(`${what}: the batch has no samples`)
  const session = entry === 'train' ? trainer.forData(set) : trainer.forEvaluation(set)
  session.enter(entry === 'train')
  const before = trainer.isFitting ? session.meterValues : undefined
  session.resetMeters()
  const sums = new Sums()
  try {
    sums.add(session.net[entry]!(feedsOf(trainer, session, set)), set.count)
    return logsOf(sums.means(), session.results())
  } finally {
    if (before) session.meterValues = before
  }
}

function feedsOf({ isOpen }: Trainer, { built }: Session, set: SampleSet): Record<string, unknown> {
  const feeder = new ArrayFeeder(set, built.feeds, { batch: Math.max(1, set.count), isOpen })
  feeder.begin(0, 0)
  return feeder.next()?.feeds ?? {}
}

export const trainBatch = (trainer: Trainer, x: SamplesOf, y: SamplesOf, options: WeightArguments): Logs =>
  oneBatch(trainer, 'train', x, y, options)
export const evaluateBatch = (trainer: Trainer, x: SamplesOf, y: SamplesOf, options: WeightArguments): Logs =>
  oneBatch(trainer, 'evaluate', x, y, options)

export function predictBatch(trainer: Trainer, x: SamplesOf): Awaited<ReturnType<typeof predictPass>> {
  trainer.prepare(x)
  const set = inputSet(trainer.model, x)
  if (set.count === 0) throw new FeedError('predictOnBatch: there are no samples')
  const session = trainer.forPrediction()
  session.enter()
  const results = session.net.predict(feedsOf(trainer, session, set))
  return trainer.model.outputNames.map((name) => results[name] as never)
}
