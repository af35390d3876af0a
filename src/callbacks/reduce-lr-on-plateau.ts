import { GraphError } from '../ir/errors'
import { type Given, integer, number, optional, parseOptions, required } from '../layers/option'
import type { Callback } from '../training/callback'
import type { TrainingRun } from '../training/run'
import { Monitor, monitorOptions } from './monitor'
import { rateOf } from './rate'
import { say, verbosity } from './say'
import { anyNumber, stateOf } from './state'

const options = {
  ...monitorOptions,
  minDelta: number(1e-4),
  /** What the rate is multiplied by, below 1. */
  factor: number(0.1, 0),
  /** Epochs without a better value after which the rate is reduced. */
  patience: integer(10, 0),
  /** Epochs behind a reduction that are not counted. */
  cooldown: integer(0, 0),
  /** The least that the rate becomes. */
  minLr: number(0, 0),
  verbose: verbosity,
}
/** Options of `reduceLROnPlateau`. */
export type ReduceLROnPlateauOptions = Given<typeof options>

const state = {
  wait: required(integer(undefined, 0)),
  cooldown: required(integer(undefined, 0)),
  best: optional(anyNumber),
}

/**
 * Multiplies the learning rate by `factor` when a log has not become better for `patience` epochs. As `ReduceLROnPlateau` in
 * Keras: the rate is added to the logs as `learning_rate`. A GraphError where a schedule gives the rate, and for an unknown
 * log. Options: monitor ('val_loss'), factor (0.1), patience (10), mode ('auto'), minDelta (1e-4), cooldown (0), minLr (0),
 * verbose (0).
 */
export function reduceLROnPlateau(given: ReduceLROnPlateauOptions = {}): Callback {
  const own = parseOptions('reduceLROnPlateau', options, given)
  if (own.factor >= 1) throw new GraphError(`reduceLROnPlateau: factor must be below 1, it is ${own.factor}`)
  const monitor = new Monitor('reduceLROnPlateau', own)
  let run: TrainingRun
  let [wait, cooldown] = [0, 0]
  let best: number | null = null
  const reduce = (epoch: number): void => {
    const rate = rateOf('reduceLROnPlateau', run.model)
    if (rate <= own.minLr) return
    run.model.learningRate = Math.max(rate * own.factor, own.minLr)
    say(own.verbose, `epoch ${epoch + 1}: the learning rate becomes ${run.model.learningRate}`)
    cooldown = own.cooldown
    wait = 0
  }
  return {
    name: 'reduce_lr_on_plateau',
    setRun: (given) => {
      run = given
    },
    onTrainBegin: () => {
      rateOf('reduceLROnPlateau', run.model)
      // The rate is a log of this callback's own, for which only the user can say what is better.
      monitor.begin(run)
      ;[wait, cooldown] = [0, 0]
      best = null
    },
    onEpochEnd: (epoch, logs) => {
      logs['learning_rate'] = rateOf('reduceLROnPlateau', run.model)
      const value = monitor.valueIn(logs)
      if (value === undefined) return
      if (cooldown > 0) {
        cooldown--
        wait = 0
      }
      if (monitor.isBetter(value, best)) {
        best = value
        wait = 0
      } else if (cooldown === 0) {
        wait++
        if (wait >= own.patience) reduce(epoch)
      }
    },
    getState: () => ({ wait, cooldown, best }),
    setState: (given: unknown) => {
      const kept = stateOf('reduceLROnPlateau', state, given)
      ;[wait, cooldown, best] = [kept.wait, kept.cooldown, kept.best ?? null]
    },
  }
}
