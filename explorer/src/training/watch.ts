const EVERY = 1000

/** Asks every second whether somebody is there, and gives up after so many seconds without an answer. */
export class Watch {
  private readonly timer: ReturnType<typeof setInterval>
  private missed = 0

  constructor(patience: number, ask: () => void, giveUp: () => void) {
    ask()
    // Beats are counted, not time: a page that was asleep has missed none.
    this.timer = setInterval(() => {
      if (++this.missed <= patience) return ask()
      this.stop()
      giveUp()
    }, EVERY)
  }

  heard(): void {
    this.missed = 0
  }

  stop(): void {
    clearInterval(this.timer)
  }
}
