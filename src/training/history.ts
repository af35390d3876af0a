/** What `fit` returns: losses and metrics of each epoch by name, and what was asked for. */
export interface History {
  /** Numbers of the epochs, from 0. */
  readonly epoch: readonly number[]
  readonly history: Readonly<Record<string, readonly number[]>>
  readonly params: { readonly epochs: number; readonly steps: number | undefined; readonly verbose: number }
}

/** A history that grows. */
export class Recorder {
  readonly epoch: number[] = []
  private readonly values = new Map<string, number[]>()
  /** What the last epoch has so far of logs that may still grow. */
  private last: { readonly logs: Readonly<Record<string, number>>; readonly names: Set<string> } | undefined

  add(epoch: number, logs: Readonly<Record<string, number>>): void {
    this.epoch.push(epoch)
    this.last = { logs, names: new Set() }
    this.settle()
  }

  /** Takes over what was added to the logs of the last epoch since. */
  settle(): void {
    if (!this.last) return
    const { logs, names } = this.last
    for (const [name, value] of Object.entries(logs)) {
      if (names.has(name)) continue
      names.add(name)
      const values = this.values.get(name)
      if (values) values.push(value)
      else this.values.set(name, [value])
    }
  }

  restore(epochs: readonly number[], history: History['history']): void {
    this.last = undefined
    this.epoch.splice(0, Infinity, ...epochs)
    for (const [name, values] of Object.entries(history)) this.values.set(name, [...values])
  }

  /** By entries, so that a metric may be called 'constructor' or '__proto__'. */
  get history(): History['history'] {
    return Object.fromEntries(this.values)
  }
}
