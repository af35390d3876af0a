import { type Fate, FATES, FAULTS, type Outcome } from './check'

const [INDEX, FIRST] = [0, 1]
const SLOWEST = FIRST + FATES.length
const LARGEST = SLOWEST + 1
const KIB = 1024

/** What became of the files of a reader, in memory that threads may share: a thread that is lost leaves it as it was. */
export class Tally {
  private readonly at: Int32Array
  constructor(readonly memory: SharedArrayBuffer = new SharedArrayBuffer(4 * (LARGEST + 1))) {
    this.at = new Int32Array(memory)
  }

  /** The number of the file that is being read. */
  get index(): number {
    return Atomics.load(this.at, INDEX)
  }
  set index(value: number) {
    Atomics.store(this.at, INDEX, value)
  }

  count({ fate, milliseconds, bytes }: Pick<Outcome, 'fate' | 'milliseconds' | 'bytes'>): void {
    this.at[FIRST + FATES.indexOf(fate)]!++
    this.at[SLOWEST] = Math.max(this.at[SLOWEST]!, Math.round(milliseconds))
    this.at[LARGEST] = Math.max(this.at[LARGEST]!, Math.round(bytes / KIB))
  }

  of(fate: Fate): number {
    return this.at[FIRST + FATES.indexOf(fate)]!
  }
  get faults(): number {
    return FAULTS.reduce((sum, fate) => sum + this.of(fate), 0)
  }
  /** Of a single file, in milliseconds. */
  get slowest(): number {
    return this.at[SLOWEST]!
  }
  /** By how much memory outside the heap grew with a single file, in MiB. */
  get largest(): number {
    return Math.round(this.at[LARGEST]! / KIB)
  }
}
