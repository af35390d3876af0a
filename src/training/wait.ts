/** Gives the event loop a turn: other work of the page or the process gets on. */
export function giveWay(): Promise<void> {
  const { setImmediate } = globalThis as { setImmediate?: (f: () => void) => unknown }
  if (setImmediate) return new Promise((resolve) => void setImmediate(resolve))
  return new Promise((resolve) => {
    const channel = new MessageChannel()
    channel.port1.onmessage = () => {
      channel.port1.close()
      resolve()
    }
    channel.port2.postMessage(undefined)
  })
}

/** Says when it is time to give way: after some milliseconds, looking at the clock as seldom as that allows. */
export class Pace {
  private readonly slice: number
  private until = 0
  private stride = 1
  private since = 0
  private count = 0

  constructor(slice: number) {
    this.slice = slice
    this.restart()
  }

  restart(): void {
    this.until = performance.now() + this.slice
    this.since = 0
    this.count = 0
  }

  /** To be called after each step. */
  isOver(): boolean {
    this.since++
    if (++this.count < this.stride) return false
    this.count = 0
    if (performance.now() < this.until) {
      // Looks a few times in a slice: as often as steps of the length that they have had so far.
      this.stride = Math.min(this.stride * 2, 1024)
      return false
    }
    this.stride = Math.max(1, Math.floor(this.since / 8))
    return true
  }
}
