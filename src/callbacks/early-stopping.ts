import { base64 } from '../compile/base64'
import { flag, type Given, integer, number, optional, parseOptions, required } from '../layers/option'
import type { Callback } from '../training/callback'
import type { ModelHandle } from '../training/handle'
import type { TrainingRun } from '../training/run'
import { Monitor, monitorOptions } from './monitor'
import { say, verbosity } from './say'
import { anyNumber, bytesIn, bytesText, stateOf } from './state'

const options = {
  ...monitorOptions,
  /** Epochs without a better value after which training stops. */
  patience: integer(0, 0),
  /** A value that must be beaten as well for the patience to begin anew. */
  baseline: optional(number()),
  /** Whether training ends with the weights of the best epoch; false by default. */
  restoreBestWeights: flag(false),
  /** Epochs before this one, from 0, are not looked at. */
  startFromEpoch: integer(0, 0),
  verbose: verbosity,
}
/** Options of `earlyStopping`. */
export type EarlyStoppingOptions = Given<typeof options>

const state = {
  wait: required(integer(undefined, 0)),
  best: optional(anyNumber),
  bestEpoch: required(integer(undefined, 0)),
  stoppedEpoch: required(integer(undefined, 0)),
  weights: bytesText,
}

/**
 * Stops training when a log has not become better for `patience` epochs, never behind the first epoch. With
 * `restoreBestWeights` the weights of the best epoch are set at the end, however it comes. As `EarlyStopping` in Keras;
 * an unknown log is a GraphError. Options: monitor ('val_loss'), minDelta (0), patience (0), mode ('auto'), baseline,
 * restoreBestWeights, startFromEpoch (0), verbose (0).
 */
export function earlyStopping(given: EarlyStoppingOptions = {}): Callback {
  const own = parseOptions('earlyStopping', options, given)
  const monitor = new Monitor('earlyStopping', own)
  let model: ModelHandle
  let run: TrainingRun
  let [wait, bestEpoch, stoppedEpoch] = [0, 0, 0]
  let best: number | null = null
  let weights: Uint8Array | null = null
  // A checkpoint every few batches asks for the same text again and again.
  let text: string | null = null
  const keep = (epoch: number): void => {
    bestEpoch = epoch
    if (!own.restoreBestWeights) return
    weights = model.saveWeights()
    text = null
  }
  return {
    name: 'early_stopping',
    setModel: (given) => {
      model = given
    },
    setRun: (given) => {
      run = given
    },
    onTrainBegin: () => {
      monitor.begin(run)
      ;[wait, bestEpoch, stoppedEpoch] = [0, 0, 0]
      best = weights = text = null
    },
    onEpochEnd: (epoch, logs) => {
      const value = monitor.valueIn(logs)
      if (value === undefined || epoch < own.startFromEpoch) return
      if (own.restoreBestWeights && weights === null) keep(epoch)
      wait++
      if (monitor.isBetter(value, best)) {
        best = value
        keep(epoch)
        if (own.baseline === undefined || monitor.isBetter(value, own.baseline)) wait = 0
        return
      }
      if (wait < own.patience || epoch === 0) return
      stoppedEpoch = epoch
      run.stop()
    },
    onTrainEnd: () => {
      if (stoppedEpoch > 0) say(own.verbose, `epoch ${stoppedEpoch + 1}: early stopping`)
      if (weights === null) return
      say(own.verbose, `weights are those of the best epoch, ${bestEpoch + 1}`)
      model.loadWeights(weights)
    },
    getState: () => {
      text ??= weights && base64(weights)
      return { wait, best, bestEpoch, stoppedEpoch, weights: text }
    },
    setState: (given: unknown) => {
      const kept = stateOf('earlyStopping', state, given)
      weights = bytesIn('earlyStopping', kept.weights)
      ;({ wait, bestEpoch, stoppedEpoch } = kept)
      ;[best, text] = [kept.best ?? null, kept.weights ?? null]
    },
  }
}
