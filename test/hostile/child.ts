// Reads the files of one reader from a number on. Where it is is written before each, so that one that does not come back is known.
import { readSync, writeSync } from 'node:fs'
import { checkFile, FAULTS, fileFor } from './check'
import * as readers from './readers/index'
import { Tally } from './tally'

export interface Job {
  readonly reader: string
  readonly seed: number
  readonly begin: number
  readonly end: number
}
export interface Fault {
  readonly index: number
  readonly fate: string
  readonly message: string
}
/** Of the file with the tally, which parent and child have open. */
export const PLACE = 4

const { reader: name, seed, begin, end } = JSON.parse(process.argv[2]!) as Job
const reader = Object.values(readers).find((r) => r.name === name)!
const tally = new Tally()
readSync(PLACE, tally.numbers, 0, tally.numbers.byteLength, 0)
for (let index = begin; index <= end; index++) {
  const bytes = index < end ? fileFor(reader, seed, index) : undefined
  tally.index = index
  writeSync(PLACE, tally.numbers, 0, tally.numbers.byteLength, 0)
  if (!bytes) break
  const outcome = await checkFile(reader, bytes)
  tally.count(outcome)
  const { fate, message } = outcome
  if (FAULTS.includes(fate)) process.send!({ index, fate, message } satisfies Fault)
}
process.disconnect()
