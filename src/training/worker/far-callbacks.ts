import { GraphError } from '../../ir/errors'
import { programInternals } from '../../compile/internals'
import type { OwnPort } from '../../runtime/worker-host'
import { directionOf } from '../../metrics/direction'
import { Callbacks, type HookName, type Logs } from '../callback'
import type { TrainingRun } from '../run'
import type { Trainer } from '../trainer'
import { CHANNEL, type FitRequest, type HookReply } from './messages'

interface Waiting {
  resolve(reply: HookReply): void
  reject(error: Error): void
}

/** The callbacks of another thread, as a run in a worker calls them: each hook waits for the reply. */
export class FarCallbacks extends Callbacks {
  private run: TrainingRun | undefined
  private waiting: Waiting | undefined

  constructor(
    private readonly trainer: Trainer,
    private readonly hooks: FitRequest['hooks'],
    private readonly port: OwnPort,
  ) {
    super([
      {
        setRun: (run) => {
          this.run = run
        },
      },
    ])
  }

  override has(hook: HookName): boolean {
    return this.hooks[hook] !== undefined
  }

  override call(hook: HookName, ...args: readonly unknown[]): Promise<void> {
    return this.ask(hook, false, args)
  }

  override callNew(hook: HookName, ...args: readonly unknown[]): Promise<void> {
    return this.ask(hook, true, args)
  }

  /** Their states are on the other side. */
  override getStates(): Record<string, unknown> {
    return {}
  }

  override setStates(): void {}

  /** Hands on what came from the other side. */
  take(reply: HookReply): void {
    this.waiting?.resolve(reply)
  }

  abort(): void {
    this.waiting?.reject(new GraphError('fit: a callback has thrown'))
  }

  stop(when: 'batch' | 'epoch' | 'now'): void {
    this.run?.stop(when)
  }

  checkpoint(): Uint8Array {
    return this.run!.checkpoint()
  }

  private async ask(hook: HookName, isNew: boolean, args: readonly unknown[]): Promise<void> {
    const isFirst = hook === 'onTrainBegin'
    if (!isFirst && !this.has(hook)) return
    const logs = args.at(-1) as Logs
    const state = isFirst || this.hooks[hook] ? this.checkpoint() : undefined
    const answer = new Promise<HookReply>((resolve, reject) => {
      this.waiting = { resolve, reject }
    })
    this.port.post(
      {
        ...{ channel: CHANNEL, kind: 'hook', hook, isNew, places: args.slice(0, -1), logs: { ...logs }, state },
        begun: isFirst ? this.begun() : undefined,
      },
      state ? [state.buffer as ArrayBuffer] : [],
    )
    const reply = await answer
    this.waiting = undefined
    if (reply.restore) this.run!.restore(reply.restore)
    const { store } = programInternals('fit', this.trainer.session!.net)
    for (const v of store.variables) {
      const changed = reply.changed.get(v.name)
      if (changed) store.view(v).set(changed.data)
    }
    // Logs of batches are found when they are read, and nothing is added to them.
    if (hook === 'onEpochEnd') Object.assign(logs, reply.logs)
  }

  private begun() {
    const { params, hasValidation } = this.run!
    const { meters } = this.trainer.session!.built
    return {
      params,
      hasValidation,
      directions: Object.fromEntries(meters.map(({ name, metric }) => [name, directionOf(metric)])),
      meters: meters.flatMap(({ states }) => Object.values(states).map((v) => v.name)),
    }
  }
}
