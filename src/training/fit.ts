import { GraphError } from '../ir/errors'
import { Callbacks, type Logs } from './callback'
import { type Feeder, type Fed } from './feeder'
import { type History, Recorder } from './history'
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
  readonly run: Omit<TrainingRun, 'stop' | 'isStopped' | 'progress' | 'checkpoint' | 'restore' | 'params'>
  readonly verbose: number
  /** Milliseconds after which the event loop gets a turn. */
  readonly yieldEvery: number
  readonly order: { readonly seed: number; readonly fit: number }
  /** Losses and metrics of validation data, behind the epochs that have it. */
  validate(epoch: number): Promise<Logs> | undefined
  checkpoint(progress: Progress): Uint8Array
  restore(checkpoint: Uint8Array): Progress
}

/** Means of the losses of batches by their samples, exact over uneven ones. */
export class Sums {
  samples = 0
  private names: readonly string[] = ['loss']
  private sums: Float64Array = new Float64Array(1)

  add(results: Readonly<Record<string, unknown>>, count: number): void {
    if (this.samples === 0) {
      this.names = Object.keys(results)
      this.sums = new Float64Array(this.names.length)
    }
    for (let i = 0; i < this.names.length; i++) this.sums[i]! += (results[this.names[i]!] as number) * count
    this.samples += count
  }

  means(): Record<string, number> {
    return Object.fromEntries(this.names.map((name, i) => [name, this.sums[i]! / this.samples]))
  }

  totals(): Record<string, number> {
    return Object.fromEntries(this.names.map((name, i) => [name, this.sums[i]!]))
  }

  restart(totals: Readonly<Record<string, number>> = {}, samples = 0): void {
    this.samples = samples
    this.names = Object.keys(totals)
    this.sums = Float64Array.from(Object.values(totals))
  }
}

/** Losses and metrics as logs; a metric of several values as one for each. */
export function logsOf(means: Readonly<Record<string, number>>, results: ReturnType<Session['results']>): Logs {
  const flat = Object.entries(results).flatMap(([name, value]): [string, number][] =>
    typeof value === 'number' ? [[name, value]] : Array.from(value, (v, i) => [`${name}_${i}`, v]),
  )
  return { ...means, ...Object.fromEntries(flat) }
}

/** Logs that are found when somebody reads them. */
function lazyLogs(find: () => Logs): Logs {
  let found: Logs | undefined
  const get = (): Logs => (found ??= find())
  return new Proxy({} as Logs, {
    get: (_, key) => get()[key as string],
    has: (_, key) => key in get(),
    ownKeys: () => Reflect.ownKeys(get()),
    getOwnPropertyDescriptor: (_, key) => Reflect.getOwnPropertyDescriptor(get(), key),
  })
}

/** One run over all epochs. */
export class Fit {
  private readonly recorder = new Recorder()
  private readonly sums = new Sums()
  private epoch: number
  private batch = 0
  private stopping: 'batch' | 'epoch' | undefined
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

  async run(): Promise<History> {
    const { plan } = this
    const { callbacks, session } = plan
    const params = { epochs: plan.epochs, steps: plan.stepsPerEpoch ?? plan.feeder.steps, verbose: plan.verbose }
    const handle = this.handle(params)
    for (const callback of callbacks.list) callback.setRun?.(handle)
    session.enter(true)
    session.resetMeters()
    await callbacks.call('onTrainBegin', {})
    this.hasBegun = true
    const pace = new Pace(plan.yieldEvery)
    let logs: Logs = {}
    while (this.epoch < plan.epochs && !this.stopping) {
      await callbacks.call('onEpochBegin', this.epoch, {})
      await this.runEpoch(params.steps, pace)
      if (this.stopping === 'batch') break
      logs = logsOf(this.sums.means(), session.results())
      const validation = await plan.validate(this.epoch)
      session.enter(true)
      if (validation) logs = { ...logs, ...Object.fromEntries(Object.entries(validation).map(([k, v]) => [`val_${k}`, v])) }
      const { epoch } = this
      this.recorder.add(epoch, logs)
      // What is saved by callbacks at the end of an epoch goes on with the next one.
      this.epoch = epoch + 1
      this.batch = 0
      this.sums.restart()
      session.resetMeters()
      await callbacks.call('onEpochEnd', epoch, logs)
    }
    await callbacks.call('onTrainEnd', logs)
    return { epoch: this.recorder.epoch, history: this.recorder.history, params }
  }

  private async runEpoch(steps: number | undefined, pace: Pace): Promise<void> {
    const { feeder, callbacks, session, entry } = this.plan
    const hasBatchHooks = callbacks.has('onTrainBatchBegin') || callbacks.has('onTrainBatchEnd')
    const step = session.net[entry]!
    const begun = feeder.begin(this.epoch, this.batch)
    if (begun) await begun
    const last = steps ?? Infinity
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
        const logs = lazyLogs(() => logsOf(this.sums.means(), session.results()))
        await callbacks.call('onTrainBatchEnd', this.batch - 1, logs)
      }
      if (pace.isOver()) {
        await giveWay()
        session.enter(true)
        pace.restart()
      }
      if (this.stopping === 'batch') return
    }
    if (this.sums.samples === 0) throw new GraphError('fit: an epoch had no samples')
  }

  private handle(params: TrainingRun['params']): TrainingRun {
    const isStopped = (): boolean => this.stopping !== undefined
    return {
      ...this.plan.run,
      params,
      stop: (when = 'epoch') => {
        if (this.stopping !== 'batch') this.stopping = when
      },
      get isStopped() {
        return isStopped()
      },
      progress: () => this.progress(),
      checkpoint: () => this.plan.checkpoint(this.progress()),
      restore: (checkpoint) => {
        if (this.hasBegun) throw new GraphError('fit: a checkpoint can be restored from onTrainBegin only')
        const progress = this.plan.restore(checkpoint)
        this.epoch = progress.epoch
        this.batch = progress.batch
        this.order = { seed: progress.seed, fit: progress.fit }
        this.sums.restart(progress.sums, progress.samples)
        this.recorder.restore(progress.epochs, progress.history)
        this.plan.callbacks.setStates(progress.callbacks)
      },
    }
  }

  private progress(): Progress {
    return {
      epoch: this.epoch,
      batch: this.batch,
      sums: this.sums.totals(),
      samples: this.sums.samples,
      history: this.recorder.history,
      epochs: this.recorder.epoch,
      ...this.order,
      callbacks: this.plan.callbacks.getStates(),
    }
  }
}
