import { existsSync, readFileSync, rmSync } from 'node:fs'
import { aboutFile } from '../io/about-file'
import { writeFileAtomic } from '../io/atomic'
import { flag, type Given, parseOptions } from '../layers/option'
import type { Callback } from '../training/callback'
import type { TrainingRun } from '../training/run'
import { Interruption } from './interruption'
import { path, saveFreq } from './save-options'

const options = {
  /** The file. */
  path,
  /** 'epoch', the default, or every so many batches. */
  saveFreq,
  /** Whether the file is removed when training has come to its end; true by default. */
  deleteCheckpoint: flag(true),
}
/** Options of `backupAndRestore`. */
export type BackupAndRestoreOptions = Given<typeof options>

/**
 * Saves a checkpoint as training gets on, and goes on from it where the file is there when training begins: the result is
 * that of a run that was never interrupted, bit for bit on the same target. The file is replaced atomically, so that whatever
 * kills the process leaves a whole one. Ctrl-C and SIGTERM stop training behind the batch that is under way (behind validation
 * where that is), save, and then end the process as ever; a second one ends it at once. It is called behind all other
 * callbacks, whose state it saves.
 * Throws where the file is damaged or of another model. As `BackupAndRestore` in Keras, which restores to an epoch.
 */
export function backupAndRestore(given: BackupAndRestoreOptions): Callback {
  const own = parseOptions('backupAndRestore', options, given)
  const interruption = new Interruption()
  let run: TrainingRun
  let since = 0
  const save = (): void => {
    since = 0
    writeFileAtomic(own.path, run.checkpoint())
  }
  const leave = (): void => {
    save()
    // For a process that has handlers of its own and stays.
    run.stop('now')
    interruption.raise()
  }
  return {
    name: 'backup_and_restore',
    order: 'last',
    setRun: (given) => {
      run = given
    },
    onTrainBegin: () => {
      if (existsSync(own.path)) {
        const bytes = readFileSync(own.path)
        aboutFile(own.path, () => run.restore(bytes))
      }
      interruption.take()
    },
    onTrainBatchEnd: () => {
      since++
      if (interruption.isAsked) leave()
      else if (own.saveFreq !== 'epoch' && since >= own.saveFreq) save()
    },
    onEpochEnd: () => {
      if (interruption.isAsked) leave()
      else if (own.saveFreq === 'epoch') save()
    },
    onTrainEnd: () => {
      if (own.deleteCheckpoint && run.stopped !== 'now') rmSync(own.path, { force: true })
    },
    release: () => interruption.raise(),
  }
}
