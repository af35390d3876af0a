import type { ModelHandle } from './handle'
import type { Progress, TrainingRun } from './run'

/** Losses and metrics by name; `val_` in front of those of validation data. */
export type Logs = Readonly<Record<string, number>>
type Hook<A extends unknown[], L = Logs> = (...args: [...A, logs: L]) => void | Promise<void>

/** What is told of training, with Keras's hooks; a hook may return a promise, which is waited for. */
export interface Callback {
  /** For the state that a checkpoint keeps: callbacks of one name are told apart by their order. */
  readonly name?: string
  /** `late` callbacks are called behind the others, and `last` ones behind these: what saves what the others have become. */
  readonly order?: 'late' | 'last'
  /**
   * `logs` says that its hooks look at nothing else: where `fit` runs in a worker, weights are then not copied for them. By default
   * the model and the run are as they are at that point.
   */
  readonly reads?: 'logs'
  /** Called first, by fit, evaluate and predict alike. */
  setModel?(model: ModelHandle): void
  /** Called before training begins: the run can be asked, stopped and saved through it. */
  setRun?(run: TrainingRun): void
  onTrainBegin?: Hook<[]>
  /**
   * When the last epoch is over, before averages that the optimiser keeps become the weights: weights that were changed for a
   * while are put back.
   */
  onTrainSettle?: Hook<[]>
  onTrainEnd?: Hook<[]>
  /** Where a run goes on within an epoch, this is not told again to callbacks whose state was restored. */
  onEpochBegin?: Hook<[epoch: number]>
  /** What is added to these logs is seen by the callbacks behind and becomes part of the history. */
  onEpochEnd?: Hook<[epoch: number], Record<string, number>>
  onTrainBatchBegin?: Hook<[batch: number]>
  /** Logs are means over the epoch so far, found when they are read. */
  onTrainBatchEnd?: Hook<[batch: number]>
  onTestBegin?: Hook<[]>
  onTestEnd?: Hook<[]>
  onTestBatchBegin?: Hook<[batch: number]>
  /** Logs are means over the data so far, found when they are read. */
  onTestBatchEnd?: Hook<[batch: number]>
  onPredictBegin?: Hook<[]>
  onPredictEnd?: Hook<[]>
  onPredictBatchBegin?: Hook<[batch: number]>
  onPredictBatchEnd?: Hook<[batch: number]>
  /** Called when all is over, even where something threw: what was opened is closed here. */
  release?(): void
  /** What an exact resume needs of it: plain JSON, in which numbers need not be finite. */
  getState?(): unknown
  /** Takes back what `getState` gave. */
  setState?(state: never): void
}
/** Keras's hooks. */
export const HOOKS = [
  ...(['onTrainBegin', 'onTrainEnd', 'onEpochBegin', 'onEpochEnd', 'onTrainBatchBegin', 'onTrainBatchEnd'] as const),
  ...(['onTestBegin', 'onTestEnd', 'onTestBatchBegin', 'onTestBatchEnd'] as const),
  ...(['onPredictBegin', 'onPredictEnd', 'onPredictBatchBegin', 'onPredictBatchEnd'] as const),
] as const
/** Those, and that of ours. */
export const ALL_HOOKS = [...HOOKS, 'onTrainSettle'] as const
/** A hook of callbacks. */
export type HookName = (typeof ALL_HOOKS)[number]

/** When callbacks are called, the first first. */
export const ORDERS = [undefined, 'late', 'last'] as const

/** Callbacks that have a hook, called in turn. */
export class Callbacks {
  readonly list: readonly Callback[]
  private readonly names: readonly string[]
  private restored: ReadonlySet<Callback> = new Set()

  constructor(list: readonly Callback[]) {
    this.list = ORDERS.flatMap((order) => list.filter((c) => c.order === order))
    this.names = this.list.map(({ name = '' }, i) => {
      const before = this.list.slice(0, i).filter((c) => (c.name ?? '') === name).length
      return before === 0 ? name : `${name}_${before}`
    })
  }

  has(hook: HookName): boolean {
    return this.list.some((c) => c[hook] !== undefined)
  }

  /** Whether those that have a hook look at more than logs there. */
  readsModel(hook: HookName): boolean {
    return this.list.some((c) => c[hook] !== undefined && c.reads !== 'logs')
  }

  setModel(model: ModelHandle): void {
    for (const callback of this.list) callback.setModel?.(model)
  }

  /** Waits only where a callback returns a promise. */
  async call(hook: HookName, ...args: readonly unknown[]): Promise<void> {
    for (const callback of this.list) {
      const result = called(callback, hook, args)
      if (result !== undefined) await result
    }
  }

  /** Only those that do not know from a checkpoint already. */
  async callNew(hook: HookName, ...args: readonly unknown[]): Promise<void> {
    for (const callback of this.list) if (!this.restored.has(callback)) await called(callback, hook, args)
  }

  /** Releases all of them when something is over, however it ends; of several errors the first is thrown. */
  async releasing<T>(run: () => Promise<T>): Promise<T> {
    const errors: unknown[] = []
    let result: T | undefined
    const attempt = async (f: () => unknown): Promise<void> => {
      try {
        await f()
      } catch (error) {
        errors.push(error)
      }
    }
    await attempt(async () => {
      result = await run()
    })
    for (const callback of this.list) await attempt(() => callback.release?.())
    if (errors.length > 0) throw errors[0]
    return result as T
  }

  getStates(): Record<string, unknown> {
    return Object.fromEntries(this.list.flatMap((c, i) => (c.getState ? [[this.names[i]!, c.getState()]] : [])))
  }

  setStates(states: Progress['callbacks']): void {
    const found = this.list.filter((c, i) => c.setState !== undefined && Object.hasOwn(states, this.names[i]!))
    for (const c of found) c.setState!(states[this.names[this.list.indexOf(c)]!] as never)
    this.restored = new Set(found)
  }
}

function called(callback: Callback, hook: HookName, args: readonly unknown[]): void | Promise<void> {
  const f = callback[hook] as ((...args: readonly unknown[]) => void | Promise<void>) | undefined
  return f?.apply(callback, [...args])
}
