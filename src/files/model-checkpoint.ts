import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Monitor, monitorOptions } from '../callbacks/monitor'
import { say, verbosity } from '../callbacks/say'
import { anyNumber, stateOf } from '../callbacks/state'
import { writeFileAtomic } from '../io/atomic'
import { flag, type Given, integer, number, optional, parseOptions, required } from '../layers/option'
import type { Callback, Logs } from '../training/callback'
import type { TrainingRun } from '../training/run'
import { fileName } from './file-name'
import { checkpointPath, saveFreq } from './save-options'

const { monitor, mode } = monitorOptions
const options = {
  /** May have places such as `{epoch:02d}` (from 1), `{batch}` and `{val_loss:.2f}`. */
  filepath: checkpointPath,
  monitor,
  mode,
  /** Whether only what is better than everything before is saved; false by default. */
  saveBestOnly: flag(false),
  /** Whether weights alone are saved, not the whole checkpoint; false by default. */
  saveWeightsOnly: flag(false),
  /** 'epoch', the default, or every so many batches. */
  saveFreq,
  /** What the first value must be better than. */
  initialValueThreshold: optional(number()),
  verbose: verbosity,
}
/** Options of `modelCheckpoint`. */
export type ModelCheckpointOptions = Given<typeof options>

const state = {
  best: optional(anyNumber),
  since: required(integer(undefined, 0)),
  epoch: required(integer(undefined, 0)),
}

/**
 * Saves the model as training gets on: a checkpoint with weights, slots and progress, or the weights alone; `loadModelWeights`
 * reads both. Files are safetensors, replaced atomically, directories made. As `ModelCheckpoint` in Keras; an unknown log, a
 * place in the path that has no value, and a path that ends in `.keras` or `.h5` are GraphErrors. Options: filepath, monitor ('val_loss'), mode ('auto'), saveBestOnly (false),
 * saveWeightsOnly (false), saveFreq ('epoch'), initialValueThreshold, verbose (0).
 */
export function modelCheckpoint(given: ModelCheckpointOptions): Callback {
  const own = parseOptions('modelCheckpoint', options, given)
  const watched = new Monitor('modelCheckpoint', { ...own, minDelta: 0 })
  let run: TrainingRun
  let best: number | null = own.initialValueThreshold ?? null
  let since = 0
  let current = 0
  const isWanted = (logs: Logs): boolean => {
    if (!own.saveBestOnly) return true
    const value = watched.valueIn(logs)
    if (value === undefined || !watched.isBetter(value, best)) return false
    best = value
    return true
  }
  const save = (logs: Logs, batch?: number): void => {
    if (!isWanted(logs)) return
    const values = { epoch: current + 1, ...(batch === undefined ? {} : { batch: batch + 1 }), ...logs }
    const file = fileName('modelCheckpoint', own.filepath, values)
    mkdirSync(dirname(file), { recursive: true })
    writeFileAtomic(file, own.saveWeightsOnly ? run.model.saveWeights() : run.checkpoint())
    say(own.verbose, `epoch ${current + 1}: saved ${file}`)
  }
  return {
    name: 'model_checkpoint',
    order: 'late',
    setRun: (given) => {
      run = given
    },
    onTrainBegin: () => {
      if (own.saveBestOnly) watched.begin(run)
    },
    onEpochBegin: (epoch) => {
      current = epoch
    },
    onTrainBatchEnd: (batch, logs) => {
      if (own.saveFreq === 'epoch' || ++since < own.saveFreq) return
      since = 0
      save(logs, batch)
    },
    onEpochEnd: (_, logs) => {
      if (own.saveFreq === 'epoch') save(logs)
    },
    getState: () => ({ best, since, epoch: current }),
    setState: (given: unknown) => {
      const kept = stateOf('modelCheckpoint', state, given)
      ;[best, since, current] = [kept.best ?? null, kept.since, kept.epoch]
    },
  }
}
