import { RuntimeError } from '../ir/errors'
import { CONTROL, CONTROL_WORDS, LEAVE, WORKER_TEXT } from './thread-text'
import { Patience } from './patience'
import { maySleep, startWorker, type WorkerHandle } from './worker-host'

/** A function of which every thread runs a part; `step` is the least that can be parted. */
export interface SplitJob {
  /** Under which the module exports it. */
  readonly name: string
  readonly run: (from: number, to: number, panel: number) => void
  readonly from: number
  readonly to: number
  readonly step: number
  /** In how many calls one thread does all of it, the first time. */
  readonly alone: number
}

export interface PoolOptions {
  readonly threads: number
  /** How often a thread looks for work, or for the end of it, before it goes to sleep. */
  readonly spin: number
  /** Divides every job, even where other programs keep the processors busy. */
  readonly always: boolean
  /** Milliseconds that a worker may take longer than the main thread before it counts as dead. */
  readonly deadline: number
}

/** A module whose jobs the pool runs. */
export interface SplitModule {
  readonly module: object
  /** Functions of the host that it imports; none of its jobs calls one. */
  readonly math: readonly string[]
  readonly jobs: readonly SplitJob[]
  /** Bytes from the panel of one thread to that of the next. */
  readonly panelBytes: number
}

/** What a step needs of the pool. */
export interface Splitter {
  /** Runs every part of a job and returns when all are done. */
  split(job: number): void
  release(): void
}

/**
 * Workers over the memory of one program. A job is handed out by one word in shared memory, and is done when every worker
 * has counted. As long as a worker has not loaded the module, the main thread does all parts itself.
 */
export class ThreadPool {
  private readonly control: Int32Array
  private readonly workers: readonly WorkerHandle[]
  private readonly maySleep = maySleep()
  private readonly waiting = new Set<() => void>()
  private dropped: number[] = []
  private modules = 0
  private jobs = 0
  /** Modules that every worker is known to have loaded. */
  private loaded = 0
  private failure: string | undefined
  private isAlone = false
  private readonly patience: Patience
  /** Jobs that were divided so far. */
  splits = 0

  constructor(
    memory: { readonly buffer: ArrayBuffer },
    private readonly options: PoolOptions,
  ) {
    const { threads, spin } = options
    this.patience = new Patience(options.always)
    this.control = new Int32Array(memory.buffer, 0, CONTROL_WORDS)
    this.workers = Array.from({ length: threads - 1 }, (_, index) =>
      startWorker(WORKER_TEXT, {
        message: () => this.told(),
        fail: (reason) => this.failed(index, reason),
      }),
    )
    this.tell((index) => ({ memory, index, spin }))
  }

  /** Resolves when every worker has loaded every module; at once if there is none to wait for. */
  get ready(): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.add(resolve)
      this.told()
    })
  }

  load({ module, math, jobs, panelBytes }: SplitModule): Splitter {
    const first = this.jobs
    const begun = new Set<SplitJob>()
    const runWhole = (job: SplitJob): void => {
      if (begun.has(job)) return job.run(job.from, job.to, 0)
      begun.add(job)
      for (const [from, to] of partsOf(job, job.alone)) job.run(from, to, 0)
    }
    // The number of a job is half a word.
    if (this.isAlone || first + jobs.length > LEAVE)
      return { split: (job) => this.runAlone(() => runWhole(jobs[job]!)), release: () => undefined }
    const { threads } = this.options
    this.jobs += jobs.length
    const number = ++this.modules
    if (this.dropped.length > 0) this.tell(() => ({ drop: this.dropped }))
    this.dropped = []
    for (const worker of this.workers) worker.hold(true)
    this.tell((index) => ({
      module,
      math,
      jobs: jobs.map((job, i) => {
        const [from, to] = partsOf(job, threads)[index + 1]!
        return { job: first + i, name: job.name, from, to, panel: panelBytes * (index + 1) }
      }),
    }))
    const own = jobs.map((job) => partsOf(job, threads)[0]!)
    return {
      split: (job) => {
        if (this.failure !== undefined) throw this.error()
        if (!this.hasLoaded(number) || this.patience.isAlone()) return runWhole(jobs[job]!)
        this.handOut(first + job)
        const [from, to] = own[job]!
        const started = performance.now()
        jobs[job]!.run(from, to, 0)
        const done = performance.now()
        this.patience.note(done - started, this.join(done))
      },
      release: () => this.dropped.push(...jobs.map((_, i) => first + i)),
    }
  }

  /** Ends the workers; what runs afterwards runs on one thread. */
  dispose(): void {
    if (this.isAlone) return
    this.isAlone = true
    // Browsers end a worker that sleeps only after seconds; one that waits for a message ends at once.
    Atomics.add(this.control, CONTROL.messages, 1)
    this.wake()
    for (const worker of this.workers) worker.terminate()
    this.told()
  }

  private hasLoaded(modules: number): boolean {
    if (this.isAlone) return false
    if (this.loaded >= modules) return true
    this.loaded = Math.min(...this.workers.map((_, index) => Atomics.load(this.control, CONTROL.loaded + index)))
    return this.loaded >= modules
  }

  private handOut(job: number): void {
    const { control } = this
    const turn = (control[CONTROL.word]! >>> 16) + 1
    Atomics.store(control, CONTROL.word, (turn << 16) | job)
    if (Atomics.load(control, CONTROL.sleeping) > 0) Atomics.notify(control, CONTROL.word)
    this.splits++
  }

  /** Waits until every worker has done its part; the milliseconds this took, 0 for a few. */
  private join(started: number): number {
    const { control, options } = this
    const expected = (this.splits * (options.threads - 1)) | 0
    for (let spins = 0; spins <= options.spin; spins++) if (Atomics.load(control, CONTROL.done) === expected) return 0
    for (;;) {
      const done = Atomics.load(control, CONTROL.done)
      if (done === expected) return performance.now() - started
      const left = options.deadline - (performance.now() - started)
      if (left <= 0) {
        this.failure ??= `it did nothing for ${options.deadline} ms`
        this.dispose()
        throw this.error()
      }
      // The main thread of a page must not sleep: it goes on looking.
      if (!this.maySleep) continue
      Atomics.store(control, CONTROL.waiting, 1)
      Atomics.wait(control, CONTROL.done, done, left)
      Atomics.store(control, CONTROL.waiting, 0)
    }
  }

  /** Posts a message to every worker, and wakes those that wait for work so that they look at it. */
  private tell(message: (index: number) => object): void {
    // Counted first: a worker that has read more than there were would not wait for work again.
    Atomics.add(this.control, CONTROL.messages, 1)
    this.workers.forEach((worker, index) => worker.post(message(index)))
    this.wake()
  }

  private wake(): void {
    const { control } = this
    const turn = (control[CONTROL.word]! >>> 16) + 1
    Atomics.store(control, CONTROL.word, (turn << 16) | LEAVE)
    Atomics.notify(control, CONTROL.word)
  }

  /** A worker has loaded a module, or nobody has to be waited for any more. */
  private told(): void {
    if (!this.isAlone && !this.hasLoaded(this.modules)) return
    for (const worker of this.isAlone ? [] : this.workers) worker.hold(false)
    for (const resolve of this.waiting) resolve()
    this.waiting.clear()
  }

  private failed(index: number, reason: string): void {
    if (this.isAlone) return
    const hasWorked = Atomics.load(this.control, CONTROL.loaded + index) > 0
    if (hasWorked) this.failure = reason
    else console.warn(`gradloom: a worker could not be started, the program runs on one thread: ${reason}`)
    this.dispose()
  }

  private runAlone(run: () => void): void {
    if (this.failure !== undefined) throw this.error()
    run()
  }

  private error(): RuntimeError {
    return new RuntimeError(
      `a worker thread has died: ${this.failure}. What this step had written to state by then stays; ` +
        'load a checkpoint into a newly compiled program, or compile with threads: 1',
    )
  }
}

/** From where to where each of some parts goes: whole steps, as many for each as can be. */
function partsOf({ from, to, step }: SplitJob, count: number): (readonly [from: number, to: number])[] {
  const turns = Math.floor((to - from) / step)
  const at = (part: number): number => (part === count ? to : from + step * Math.floor((turns * part) / count))
  return Array.from({ length: count }, (_, part) => [at(part), at(part + 1)] as const)
}
