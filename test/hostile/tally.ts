import { type Fate, FATES, FAULTS, type Outcome } from './check'

const [INDEX, FIRST] = [0, 1]
const SLOWEST = FIRST + FATES.length
const LARGEST = SLOWEST + 1
const KIB = 1024

/** What became of the files of a reader, in a few bytes that a process leaves behind however it ends. */
export class Tally {
  readonly numbers = new Int32Array(LARGEST + 1)

  /** The number of the file that is being read. */
  get index(): number {
    return this.numbers[INDEX]!
  }
  set index(value: number) {
    this.numbers[INDEX] = value
  }

  count({ fate, milliseconds, bytes }: Pick<Outcome, 'fate' | 'milliseconds' | 'bytes'>): void {
    this.numbers[FIRST + FATES.indexOf(fate)]!++
    this.numbers[SLOWEST] = Math.max(this.numbers[SLOWEST]!, Math.round(milliseconds))
    this.numbers[LARGEST] = Math.max(this.numbers[LARGEST]!, Math.round(bytes / KIB))
  }

  of(fate: Fate): number {
    return this.numbers[FIRST + FATES.indexOf(fate)]!
  }
  get faults(): number {
    return FAULTS.reduce((sum, fate) => sum + this.of(fate), 0)
  }
  /** Of a single file, in milliseconds. */
  get slowest(): number {
    return this.numbers[SLOWEST]!
  }
  /** By how much memory outside the heap grew with a single file, in MiB. */
  get largest(): number {
    return Math.round(this.numbers[LARGEST]! / KIB)
  }
}
