import { GraphError } from '../ir/errors'
import { flag, type Given, parseOptions } from '../layers/option'
import type { Callback } from '../training/callback'
import type { TrainingRun } from '../training/run'

const options = {
  /** Whether it is an error; false by default. */
  raiseError: flag(false),
}
/** Options of `terminateOnNaN`. */
export type TerminateOnNaNOptions = Given<typeof options>

/** Stops training behind a batch with which the loss is no longer finite. As `TerminateOnNaN` in Keras. */
export function terminateOnNaN(given: TerminateOnNaNOptions = {}): Callback {
  const { raiseError } = parseOptions('terminateOnNaN', options, given)
  let run: TrainingRun
  return {
    name: 'terminate_on_nan',
    reads: 'logs',
    setRun: (given) => {
      run = given
    },
    onTrainBatchEnd: (batch, { loss }) => {
      if (loss === undefined || Number.isFinite(loss)) return
      if (raiseError) throw new GraphError(`terminateOnNaN: the loss is ${loss} with batch ${batch}`)
      console.warn(`terminateOnNaN: the loss is ${loss} with batch ${batch}; training stops`)
      run.stop()
    },
  }
}
