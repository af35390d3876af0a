import { FeedError, GraphError } from '../ir/errors'
import type { Callbacks, Logs } from './callback'
import type { Accept } from './checkpoint'
import type { Fed, Feeder } from './feeder'
import { type History, Recorder } from './history'
import { lazyLogs, logsOf, Sums } from './logs'
import type { Progress, TrainingRun } from './run'
import type { Session } from './session'
import { giveWay, Pace } from './wait'

/** Everything a run needs besides the data. */
export interface FitPlan {
  readonly session: Session
  readonly entry: 'train' | 'trainAt'
  readonly feeder: Feeder
  readonly epochs: number
  readonly initialEpoch: number
  /** Batches of an epoch, fewer than the data have; the data then go on in the next epoch. */
  readonly stepsPerEpoch: number | undefined
  readonly callbacks: Callbacks
  readonly run: Pick<TrainingRun, 'model' | 'hasValidation'>
  readonly verbose: number
  /** Milliseconds after which the event loop gets a turn. */
  readonly yieldEvery: number
  readonly order: { readonly seed: number; readonly fit: number }
  /** Losses and metrics of validation data, behind the epochs that have it. */
  validate(epoch: number): Promise<Logs> | undefined
  checkpoint(progress: Progress): Uint8Array
  restore(checkpoint: Uint8Array, accept: Accept): Progress
}

/** One run over all epochs. */
export class Fit {
  private readonly recorder = new Recorder()
  private readonly sums = new Sums()
  private epoch: number
  private batch = 0
  private stopping: 'batch' | 'epoch' | 'now' | undefined
  private hasBegun = false
  private order: FitPlan['order']

  constructor(private readonly plan: FitPlan) {
    this.epoch = plan.initialEpoch
    this.order = plan.order
  }

  /** Which orders of the samples this run goes through. */
  get orders(): FitPlan['order'] {
    return this.order
  }

  run(): Promise<History> {
    return this.plan.callbacks.releasing(async () => {
      try {
        return await this.train()
      } finally {
        await this.plan.feeder.close?.()
      }
    })
  }

  private async train(): Promise<History> {
    const { plan } = this
    const { callbacks, session } = plan
    const params = { epochs: plan.epochs, steps: plan.stepsPerEpoch ?? plan.feeder.steps, verbose: plan.verbose }
    const handle = this.handle(params)
    callbacks.setModel(handle.model)
    for (const callback of callbacks.list) callback.setRun?.(handle)
    session.enter(true)
    session.resetMeters()
    await callbacks.call('onTrainBegin', {})
    this.hasBegun = true
    const pace = new Pace(plan.yieldEvery)
    let logs: Logs = {}
    // An epoch that was stopped half-way, and is restored, still has its end before it.
    while (this.epoch < plan.epochs && !(this.stopping && this.batch === 0)) {
      if (this.batch === 0) await callbacks.call('onEpochBegin', this.epoch, {})
      else await callbacks.callNew('onEpochBegin', this.epoch, {})
      await this.runEpoch(params.steps, pace)
      if (this.stopping === 'now') break
      logs = await this.endEpoch()
    }
    await callbacks.call('onTrainSettle', logs)
    session.enter(true)
    // Before the first step that applies gradients there are no averages.
    const hasAverages = session.scalar('iterations') !== 0
    if (this.stopping !== 'now' && this.recorder.epoch.length > 0 && hasAverages)
      for (const { weight, read } of session.slots('average')) weight.write(read())
    await callbacks.call('onTrainEnd', logs)
    return { epoch: this.recorder.epoch, history: this.recorder.history, params }
  }

  private async endEpoch(): Promise<Logs> {
    const { epoch, plan } = this
    const { callbacks, session } = plan
    const logs = logsOf(this.sums.means(), session.results())
    const validation = await plan.validate(epoch)
    session.enter(true)
    for (const [name, value] of Object.entries(validation ?? {})) {
      if (`val_${name}` in logs)
        throw new GraphError(
          `fit: "val_${name}" is a log of training and one of validation; rename the output or metric`,
        )
      logs[`val_${name}`] = value
    }
    this.recorder.add(epoch, logs)
    // What is saved by callbacks at the end of an epoch goes on with the next one.
    this.epoch = epoch + 1
    this.batch = 0
    this.sums.restart()
    session.resetMeters()
    await callbacks.call('onEpochEnd', epoch, logs)
    this.recorder.settle()
    return logs
  }

  private async runEpoch(steps: number | undefined, pace: Pace): Promise<void> {
    const { feeder, callbacks, session, entry } = this.plan
    const hasBatchHooks = callbacks.has('onTrainBatchBegin') || callbacks.has('onTrainBatchEnd')
    const step = session.net[entry]!
    const begun = feeder.begin(this.epoch, this.batch)
    if (begun) await begun
    // Hooks may have trained or set what this model shares with others.
    session.enter(true)
    // One that was stopped behind its last batch, and is restored, has none left.
    const last = this.stopping === 'batch' && this.batch > 0 ? this.batch : (steps ?? Infinity)
    while (this.batch < last) {
      let fed: Fed | undefined | Promise<Fed | undefined> = feeder.next()
      if (fed instanceof Promise) {
        fed = await fed
        session.enter(true)
      }
      if (!fed) break
      if (hasBatchHooks) {
        await callbacks.call('onTrainBatchBegin', this.batch, {})
        session.enter(true)
      }
      this.sums.add(step(fed.feeds), fed.count)
      this.batch++
      if (hasBatchHooks) {
        const logs = lazyLogs(
          () => this.sums.means(),
          () => session.results(),
        )
        await callbacks.call('onTrainBatchEnd', this.batch - 1, logs)
      }
      if (pace.isOver()) {
        await giveWay()
        session.enter(true)
        pace.restart()
      }
      if (this.stopping === 'batch' || this.stopping === 'now') break
    }
    if (this.sums.samples > 0) return
    throw new FeedError(
      this.batch === 0 && this.epoch > 0
        ? `fit: epoch ${this.epoch + 1} had no batches; give a source that can be gone through again, or stepsPerEpoch`
        : 'fit: an epoch had no samples',
    )
  }

  private handle(params: TrainingRun['params']): TrainingRun {
    const stopped = (): TrainingRun['stopped'] => this.stopping
    return {
      ...this.plan.run,
      params,
      stop: (when = 'batch') => {
        const rank = { epoch: 1, batch: 2, now: 3 }
        if (!this.stopping || rank[when] > rank[this.stopping]) this.stopping = when
      },
      get stopped() {
        return stopped()
      },
      progress: () => this.progress(),
      checkpoint: () => this.plan.checkpoint(this.progress()),
      restore: (checkpoint) => {
        if (this.hasBegun) throw new GraphError('fit: a checkpoint can be restored from onTrainBegin only')
        const progress = this.plan.restore(checkpoint, ({ callbacks }) => this.plan.callbacks.setStates(callbacks))
        this.epoch = progress.epoch
        this.batch = progress.batch
        this.stopping = progress.stopped ?? undefined
        this.order = { seed: progress.seed, fit: progress.fit }
        this.sums.restart(progress.sums, progress.samples)
        this.recorder.restore(progress.epochs, progress.history)
      },
    }
  }

  private progress(): Progress {
    this.recorder.settle()
    return {
      epoch: this.epoch,
      batch: this.batch,
      stopped: this.stopping === 'now' ? null : (this.stopping ?? null),
      sums: this.sums.totals(),
      samples: this.sums.samples,
      history: this.recorder.history,
      epochs: this.recorder.epoch,
      ...this.order,
      callbacks: this.plan.callbacks.getStates(),
    }
  }
}
