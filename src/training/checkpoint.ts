import { GraphError } from '../ir/errors'
import { decodeSafetensors } from '../formats/safetensors'
import { saveState, stateIn } from '../io/state'
import { readJson, writeJson } from './json'
import type { Progress } from './run'
import type { Session } from './session'

/** Under which a file holds the progress. */
export const PROGRESS_KEY = 'gradloom-fit-1'

/** The state of a program and how far a run has come, as one safetensors file. */
export const encodeCheckpoint = (session: Session, progress: Progress): Uint8Array =>
  saveState(session.net, { [PROGRESS_KEY]: writeJson(progress) })

/**
 * Sets the state of a program from such a file, and says where the run goes on. Everything is checked before anything is
 * set, `accept` being the last who may refuse: a file of another model is a FeedError, a damaged one a FormatError, one
 * without progress a GraphError.
 */
export function decodeCheckpoint(session: Session, bytes: Uint8Array, accept: Accept): Progress {
  const progress = progressIn(decodeSafetensors(bytes).metadata)
  const set = stateIn(session.net, bytes)
  accept(progress)
  set()
  return progress
}

/** Takes what else a run goes on from; throws where that cannot be. */
export type Accept = (progress: Progress) => void

/** The progress in the metadata of such a file. */
export function progressIn(metadata: Readonly<Record<string, string>>): Progress {
  const text = metadata[PROGRESS_KEY]
  if (text === undefined) throw new GraphError('fit: the file holds no checkpoint of a run')
  return checked(text)
}

function checked(text: string): Progress {
  let value: unknown
  try {
    value = readJson(text)
  } catch (error) {
    throw new GraphError('fit: the progress in the checkpoint is damaged', { cause: error })
  }
  const p = value as Partial<Record<keyof Progress, unknown>>
  const isCount = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0
  const isRecord = (x: unknown): x is object => typeof x === 'object' && x !== null && !Array.isArray(x)
  const isNumber = (x: unknown): boolean => typeof x === 'number'
  const isRecordOf = (x: unknown, fits: (value: unknown) => boolean): boolean =>
    isRecord(x) && Object.values(x).every(fits)
  const fits =
    isRecord(value) &&
    isCount(p.epoch) &&
    isCount(p.batch) &&
    [null, 'epoch', 'batch'].includes(p.stopped as null) &&
    isCount(p.samples) &&
    isCount(p.fit) &&
    Number.isSafeInteger(p.seed) &&
    isRecordOf(p.sums, isNumber) &&
    isRecordOf(p.history, (values) => Array.isArray(values) && values.every(isNumber)) &&
    isRecord(p.callbacks) &&
    Array.isArray(p.epochs) &&
    p.epochs.every(isCount)
  if (!fits) throw new GraphError('fit: the progress in the checkpoint is damaged')
  return value as Progress
}
