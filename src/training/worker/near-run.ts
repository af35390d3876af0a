import { GraphError } from '../../ir/errors'
import type { AnyLayer } from '../../layers/layer'
import type { Callbacks } from '../callback'
import { handleOf, type ModelHandle } from '../handle'
import type { History } from '../history'
import type { Progress, TrainingRun } from '../run'
import type { Trainer } from '../trainer'
import type { ModelCopy } from './copy'
import { type Begun, CHANNEL, type HookCall, type HookReply, type ToWorker } from './messages'

/** A run in a worker, on the side of its callbacks. */
export class NearRun {
  private stopping: TrainingRun['stopped']
  /** The hook that is under way. */
  private hook: { readonly call: HookCall; readonly logs: Record<string, number> } | undefined
  private restored: Uint8Array | undefined

  constructor(
    private readonly trainer: Trainer,
    private readonly model: AnyLayer,
    private readonly copy: ModelCopy,
    private readonly callbacks: Callbacks,
    private readonly post: (message: ToWorker) => void,
  ) {}

  /** Calls the callbacks, and says what they have changed. */
  async call(call: HookCall): Promise<HookReply> {
    const { callbacks, copy } = this
    const logs = { ...call.logs }
    this.hook = { call, logs }
    if (call.begun) copy.meters = new Set(call.begun.meters)
    if (call.state) copy.take(call.state)
    if (call.begun) this.begin(call.begun)
    if (call.isNew) await callbacks.callNew(call.hook, ...call.places, logs)
    else await callbacks.call(call.hook, ...call.places, logs)
    const { restored: restore } = this
    this.restored = this.hook = undefined
    return { channel: CHANNEL, kind: 'reply', restore, changed: copy.changed(), logs }
  }

  private begin({ params, hasValidation, directions }: Begun): void {
    const run = this.run(params, hasValidation, this.handle(directions))
    this.callbacks.setModel(run.model)
    for (const callback of this.callbacks.list) callback.setRun?.(run)
  }

  private handle(directions: Begun['directions']): ModelHandle {
    const near = handleOf(this.trainer, this.model)
    const { directionOf } = near
    return Object.defineProperties(near, {
      slots: { value: (kind: string) => this.copy.slots(kind) },
      directionOf: { value: (log: string) => directionOf(log) ?? directions[log.replace(/^val_/, '')] },
    })
  }

  private run(params: TrainingRun['params'], hasValidation: boolean, model: ModelHandle): TrainingRun {
    const stopped = (): TrainingRun['stopped'] => this.stopping
    return {
      model,
      params,
      hasValidation,
      stop: (when = 'batch') => {
        const rank = { epoch: 1, batch: 2, now: 3 }
        if (this.stopping && rank[when] <= rank[this.stopping]) return
        this.stopping = when
        this.post({ channel: CHANNEL, kind: 'stop', when })
      },
      get stopped() {
        return stopped()
      },
      progress: () => this.progress(),
      checkpoint: () => this.copy.checkpoint(this.progress()),
      restore: (checkpoint) => {
        if (this.hook?.call.hook !== 'onTrainBegin')
          throw new GraphError('fit: a checkpoint can be restored from onTrainBegin only')
        const progress = this.copy.restore(checkpoint, ({ callbacks }) => this.callbacks.setStates(callbacks))
        this.restored = checkpoint
        this.stopping = progress.stopped ?? undefined
      },
    }
  }

  private progress(): Progress {
    const { progress } = this.copy
    return {
      ...progress,
      stopped: this.stopping === 'now' ? null : (this.stopping ?? null),
      history: this.history(progress.history),
      callbacks: this.callbacks.getStates(),
    }
  }

  /** With what callbacks have added to the logs of the epoch so far. */
  private history(there: History['history']): History['history'] {
    if (this.hook?.call.hook !== 'onEpochEnd') return there
    const { call, logs } = this.hook
    const added = Object.entries(logs).filter(([name]) => !Object.hasOwn(call.logs, name))
    return { ...there, ...Object.fromEntries(added.map(([name, value]) => [name, [...(there[name] ?? []), value]])) }
  }
}
