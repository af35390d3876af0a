/** So many late workers in a row, and the main thread goes on alone. */
const LATE = 8
/** Jobs that it then does alone before it tries again, at first and at most. */
const ALONE = { first: 64, most: 4096 } as const

/**
 * Whether dividing pays at the moment. Where other programs keep the processors busy, a worker starts late and everybody
 * waits for it: then the main thread does the next jobs alone, more of them each time that this does not change.
 */
export class Patience {
  private late = 0
  private left = 0
  private next: number = ALONE.first

  constructor(private readonly isEndless: boolean) {}

  /** Whether the next job is to be done alone. */
  isAlone(): boolean {
    if (this.left === 0) return false
    this.left--
    return true
  }

  /** Milliseconds that the own part of a job took, and the wait for the others after it. */
  note(own: number, waited: number): void {
    if (this.isEndless) return
    if (waited <= own) {
      this.late = 0
      this.next = ALONE.first
    } else if (++this.late >= LATE) {
      this.late = 0
      this.left = this.next
      this.next = Math.min(2 * this.next, ALONE.most)
    }
  }
}
