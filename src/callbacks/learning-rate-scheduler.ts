import { GraphError } from '../ir/errors'
import { type Given, parseOptions } from '../layers/option'
import type { Callback } from '../training/callback'
import type { ModelHandle } from '../training/handle'
import { rateOf } from './rate'
import { say, verbosity } from './say'

const options = { verbose: verbosity }
/** Options of `learningRateScheduler`. */
export type LearningRateSchedulerOptions = Given<typeof options>

/**
 * Sets the learning rate at the begin of each epoch: `schedule` is given the epoch, from 0, and the rate so far. As
 * `LearningRateScheduler` in Keras: the rate is added to the logs as `learning_rate`. A GraphError where a schedule of the
 * optimiser gives the rate, and where the function gives no finite number from 0.
 */
export function learningRateScheduler(
  schedule: (epoch: number, rate: number) => number,
  given: LearningRateSchedulerOptions = {},
): Callback {
  const { verbose } = parseOptions('learningRateScheduler', options, given)
  if (typeof schedule !== 'function')
    throw new GraphError(`learningRateScheduler: the schedule must be a function, it is ${typeof schedule}`)
  let model: ModelHandle
  return {
    name: 'learning_rate_scheduler',
    setModel: (given) => {
      model = given
    },
    onEpochBegin: (epoch) => {
      const rate: unknown = schedule(epoch, rateOf('learningRateScheduler', model))
      if (typeof rate !== 'number' || !Number.isFinite(rate) || rate < 0)
        throw new GraphError(
          `learningRateScheduler: the schedule must give a finite number from 0, for epoch ${epoch} it gave ${String(rate)}`,
        )
      model.learningRate = rate
      say(verbose, `epoch ${epoch + 1}: the learning rate becomes ${rate}`)
    },
    onEpochEnd: (_, logs) => {
      logs['learning_rate'] = rateOf('learningRateScheduler', model)
    },
    // Nothing to keep, but the function must not be asked twice in an epoch that is gone on with.
    getState: () => ({}),
    setState: () => {},
  }
}
