import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { aboutFile } from './io/about-file'
import { writeFileAtomic } from './io/atomic'
import { loadState, saveState } from './io/state'
import type { ConfigOptions } from './layers/custom'
import type { AnyModel } from './models/model'
import { loadModel, saveModel } from './models/model-file'
import { type Loaded, loadLayersModel } from './keras/layers-model'
import type { ReadOptions } from './keras/reading'
import { saveLayersModel, WEIGHTS_FILE } from './keras/save/layers-model'

/**
 * Writes all state of a program (variables, optimiser slots, hyper-parameters, step counts, seed) to one safetensors
 * file, atomically: a temporary file is written, synced and renamed, so that the path holds the old file or the new one
 * and never a part. Throws what the file system throws.
 */
export function save(program: object, path: string): void {
  writeFileAtomic(path, saveState(program))
}

/**
 * Sets all state of a program from such a file. Names, shapes and dtypes are checked first: on any difference it throws
 * and the state stays as it was.
 */
export function load(program: object, path: string): void {
  const bytes = readFileSync(path)
  aboutFile(path, () => loadState(program, bytes))
}

/** Writes a model with its weights, and what its training goes on from, to one file: `saveModel`, atomically. */
export function saveModelFile(model: AnyModel, path: string): void {
  writeFileAtomic(path, saveModel(model))
}

/** The model that such a file holds. Throws what `loadModel` throws, and what the file system does. */
export function loadModelFile(path: string, options: ConfigOptions = {}): AnyModel {
  const bytes = readFileSync(path)
  return aboutFile(path, () => loadModel(bytes, options))
}

/**
 * Writes a model as a layers-model of TensorFlow.js into a folder, made if it is not there: the weights first, then model.json,
 * each atomically. Throws what `saveLayersModel` throws, and what the file system does.
 */
export function saveLayersModelFiles(model: AnyModel, folder: string): void {
  const { modelJson, weights } = saveLayersModel(model)
  mkdirSync(folder, { recursive: true })
  writeFileAtomic(join(folder, WEIGHTS_FILE), weights)
  writeFileAtomic(join(folder, 'model.json'), new TextEncoder().encode(JSON.stringify(modelJson)))
}

/**
 * The model of a model.json of TensorFlow.js and the files that it names, which lie beside it or below: `loadLayersModel`. Rejects
 * with what that does, and with what the file system throws.
 */
export const loadLayersModelFiles = (path: string, options: ReadOptions = {}): Promise<Loaded> =>
  loadLayersModel(readFileSync(path), (name) => readFileSync(join(dirname(path), name)), options)

export {
  backupAndRestore,
  type BackupAndRestoreOptions,
  csvLogger,
  type CsvLoggerOptions,
  loadModelWeights,
  modelCheckpoint,
  type ModelCheckpointOptions,
  saveModelWeights,
  tensorBoard,
  type TensorBoardOptions,
} from './files/index'
