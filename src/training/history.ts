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
  readonly history: Record<string, number[]> = {}

  add(epoch: number, logs: Readonly<Record<string, number>>): void {
    this.epoch.push(epoch)
    for (const [name, value] of Object.entries(logs)) (this.history[name] ??= []).push(value)
  }

  restore(epochs: readonly number[], history: History['history']): void {
    this.epoch.splice(0, Infinity, ...epochs)
    for (const [name, values] of Object.entries(history)) this.history[name] = [...values]
  }
}
