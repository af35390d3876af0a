const SIGNALS = ['SIGINT', 'SIGTERM'] as const
type Signal = (typeof SIGNALS)[number]

/**
 * Ctrl-C, and what asks a process to end, for as long as something must be brought to an end first. The second signal is not
 * waited with: the process ends at once.
 */
export class Interruption {
  private caught: Signal | undefined
  private readonly handler = (signal: Signal): void => {
    const isSecond = this.caught !== undefined
    this.caught = signal
    if (isSecond) this.raise()
  }

  /** From now on a signal only makes `isAsked` true. */
  take(): void {
    this.caught = undefined
    for (const signal of SIGNALS) process.on(signal, this.handler)
  }

  get isAsked(): boolean {
    return this.caught !== undefined
  }

  /** Removes the handlers, and sends the signal once more if there was one. */
  raise(): void {
    for (const signal of SIGNALS) process.off(signal, this.handler)
    const { caught } = this
    this.caught = undefined
    if (caught !== undefined) process.kill(process.pid, caught)
  }
}
