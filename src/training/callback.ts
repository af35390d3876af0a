import type { Progress, TrainingRun } from './run'

/** Losses and metrics by name; `val_` in front of those of validation data. */
export type Logs = Readonly<Record<string, number>>
type Hook<A extends unknown[]> = (...args: [...A, logs: Logs]) => void | Promise<void>

/** What is told of training, with Keras's hooks; a hook may return a promise, which is waited for. */
export interface Callback {
  /** For the state that a checkpoint keeps; unique among the callbacks of a run. */
  readonly name?: string
  /** Called first: the run can be asked, stopped and saved through it. */
  setRun?(run: TrainingRun): void
  onTrainBegin?: Hook<[]>
  onTrainEnd?: Hook<[]>
  onEpochBegin?: Hook<[epoch: number]>
  onEpochEnd?: Hook<[epoch: number]>
  onTrainBatchBegin?: Hook<[batch: number]>
  /** Logs are means over the epoch so far, found when they are read. */
  onTrainBatchEnd?: Hook<[batch: number]>
  onTestBegin?: Hook<[]>
  onTestEnd?: Hook<[]>
  onTestBatchBegin?: Hook<[batch: number]>
  onTestBatchEnd?: Hook<[batch: number]>
  onPredictBegin?: Hook<[]>
  onPredictEnd?: Hook<[]>
  onPredictBatchBegin?: Hook<[batch: number]>
  onPredictBatchEnd?: Hook<[batch: number]>
  /** What an exact resume needs of it, plain JSON. */
  getState?(): unknown
  setState?(state: never): void
}
export type HookName = Exclude<keyof Callback, 'name' | 'setRun' | 'getState' | 'setState'>

/** Callbacks that have a hook, called in turn. */
export class Callbacks {
  readonly list: readonly Callback[]

  constructor(list: readonly Callback[]) {
    this.list = list
  }

  has(hook: HookName): boolean {
    return this.list.some((c) => c[hook] !== undefined)
  }

  /** Waits only where a callback returns a promise. */
  async call(hook: HookName, ...args: readonly unknown[]): Promise<void> {
    for (const callback of this.list) {
      const f = callback[hook] as ((...args: readonly unknown[]) => void | Promise<void>) | undefined
      const result = f?.apply(callback, [...args])
      if (result !== undefined) await result
    }
  }

  getStates(): Record<string, unknown> {
    return Object.fromEntries(this.list.flatMap((c, i) => (c.getState ? [[nameOf(c, i), c.getState()]] : [])))
  }

  setStates(states: Progress['callbacks']): void {
    this.list.forEach((c, i) => {
      const state = states[nameOf(c, i)]
      if (state !== undefined) c.setState?.(state as never)
    })
  }
}

const nameOf = (callback: Callback, place: number): string => `${place}/${callback.name ?? ''}`
