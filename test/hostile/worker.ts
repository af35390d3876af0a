// Reads the files of one reader from a number on. Where it is stands in shared memory before each, so that one that does not
// come back is known.
import { parentPort, workerData } from 'node:worker_threads'
import { checkFile, FAULTS, fileFor } from './check'
import * as readers from './readers/index'
import { Tally } from './tally'

export interface Job {
  readonly reader: string
  readonly seed: number
  readonly begin: number
  readonly end: number
  readonly memory: SharedArrayBuffer
}
export interface Fault {
  readonly index: number
  readonly fate: string
  readonly message: string
}

const { reader: name, seed, begin, end, memory } = workerData as Job
const reader = Object.values(readers).find((r) => r.name === name)!
const tally = new Tally(memory)
for (let index = begin; index < end; index++) {
  const bytes = fileFor(reader, seed, index)
  tally.index = index
  const outcome = await checkFile(reader, bytes)
  tally.count(outcome)
  const { fate, message } = outcome
  if (FAULTS.includes(fate)) parentPort!.postMessage({ index, fate, message } satisfies Fault)
}
tally.index = end
