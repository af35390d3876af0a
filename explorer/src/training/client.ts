import { batch, signal } from '@preact/signals'
import { History } from './history'
import type { Command, Outline, Picture, Points, Progress, Rates, Report, SentData, Settings } from './protocol'
import { Watch } from './watch'

/** What the client asks of a worker. */
export interface Port {
  onmessage: ((event: MessageEvent<Report>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
  postMessage(command: Command): void
  terminate(): void
}

export interface ClientInput {
  readonly startWorker: () => Port
  readonly fetchData: (kind: SentData['kind']) => Promise<SentData>
  /** Calls back when the page is next to be drawn. */
  readonly whenDrawn: (draw: () => void) => void
}

export type Phase = 'loading' | 'ready' | 'running' | 'measuring' | 'broken'

/** What is wrong, or worth knowing: an error of the model, one that does not fit, or what became of training. */
export interface Problem {
  readonly kind: 'fault' | 'misfit' | 'diverged'
  readonly message: string
  readonly line?: number
}

const STUCK = {
  evaluating:
    'The model did not end within 8 seconds and was stopped: is there a loop without end? Change it to try again.',
  training: 'Nothing was heard of the training for a minute, and it was stopped. A smaller batch may help.',
} as const
const PATIENCE = { evaluating: 8, training: 60 } as const

/** One training at a time in a worker of its own, and what is known of it. */
export class Client {
  readonly phase = signal<Phase>('loading')
  readonly outline = signal<Outline | undefined>(undefined)
  readonly progress = signal<Progress>({ step: 0, epoch: 0, rate: 0 })
  /** The last loss that was reported. */
  readonly loss = signal<number | undefined>(undefined)
  readonly picture = signal<Picture | undefined>(undefined)
  readonly points = signal<Points | undefined>(undefined)
  readonly rates = signal<Rates | undefined>(undefined)
  readonly problem = signal<Problem | undefined>(undefined)
  readonly settings = signal<Settings>({ target: 'wasm', batch: 32 })
  readonly history = new History()
  /** Counts changes of the history. */
  readonly changes = signal(0)
  /** Whether a model was loaded before. */
  isUsed = false
  private port: Port | undefined
  private watch: Watch | undefined
  /** Reports that came since the page was last drawn. */
  private waiting: Report[] = []
  private beginsAtOnce = false

  constructor(private readonly input: ClientInput) {}

  /** Begins anew with a model; goes on training at once where one was being trained. `example` is its name, or ''. */
  load(text: string, example: string): void {
    this.beginsAtOnce = this.phase.peek() === 'running'
    this.dispose()
    this.isUsed = true
    batch(() => {
      this.phase.value = 'loading'
      this.outline.value = this.picture.value = this.points.value = this.rates.value = this.problem.value = undefined
      // A rate belongs to the model that it was chosen for.
      const { target, batch, pace } = this.settings.peek()
      this.settings.value = { target, batch, ...(pace === undefined ? {} : { pace }) }
      this.clear()
    })
    const port = this.input.startWorker()
    this.port = port
    port.onmessage = ({ data }) => this.port === port && this.hear(data)
    port.onerror = (event) => this.port === port && this.fail(`The worker could not be started: ${event.message}`)
    this.watch = new Watch(
      PATIENCE.evaluating,
      () => this.tell({ kind: 'ping' }),
      () => this.fail(STUCK.evaluating),
    )
    this.tell({ kind: 'load', text, example, settings: this.settings.peek() })
  }

  start(): void {
    this.phase.value = 'running'
    this.problem.value = undefined
    this.tell({ kind: 'start' })
  }

  pause(): void {
    this.phase.value = 'ready'
    this.tell({ kind: 'pause' })
  }

  step(): void {
    this.problem.value = undefined
    this.tell({ kind: 'step' })
  }

  reset(): void {
    this.problem.value = undefined
    this.tell({ kind: 'reset' })
  }

  measure(): void {
    this.phase.value = 'measuring'
    this.tell({ kind: 'measure' })
  }

  set(change: Partial<Settings>): void {
    this.settings.value = { ...this.settings.peek(), ...change }
    this.tell({ kind: 'settings', settings: this.settings.peek() })
  }

  /** The most steps a second; undefined for as many as there can be. */
  setPace(pace: number | undefined): void {
    const { pace: _, ...others } = this.settings.peek()
    this.settings.value = pace === undefined ? others : { ...others, pace }
    this.set({})
  }

  /** Ends the worker. */
  dispose(): void {
    this.watch?.stop()
    this.port?.terminate()
    this.port = this.watch = undefined
    this.waiting = []
  }

  private tell(command: Command): void {
    this.port?.postMessage(command)
  }

  private fail(message: string, line?: number): void {
    this.dispose()
    batch(() => {
      this.phase.value = 'broken'
      this.problem.value = { kind: 'fault', message, ...(line === undefined ? {} : { line }) }
    })
  }

  private clear(): void {
    this.history.clear()
    this.changes.value++
    this.progress.value = { step: 0, epoch: 0, rate: 0 }
    this.loss.value = undefined
  }

  private hear(report: Report): void {
    this.watch?.heard()
    if (report.kind === 'alive') return
    this.waiting.push(report)
    if (this.waiting.length > 1) return
    const { port } = this
    this.input.whenDrawn(() => {
      const reports = this.waiting
      this.waiting = []
      if (this.port !== port) return
      batch(() => reports.forEach((r) => this.take(r)))
      if (reports.some((r) => r.kind === 'progress')) this.tell({ kind: 'drawn' })
    })
  }

  private take(report: Report): void {
    switch (report.kind) {
      case 'evaluated':
        this.watch?.stop()
        this.watch = new Watch(
          PATIENCE.training,
          () => this.tell({ kind: 'ping' }),
          () => this.fail(STUCK.training),
        )
        return
      case 'wants':
        return void this.send(report.data)
      case 'ready':
        this.outline.value = report.outline
        this.points.value = report.points
        this.phase.value = 'ready'
        if (this.beginsAtOnce) this.start()
        return
      case 'changed':
        this.outline.value = report.outline
        return
      case 'progress':
        return this.advance(report.progress, report.picture)
      case 'cleared':
        this.clear()
        return this.advance({ step: 0, epoch: 0, rate: 0 }, report.picture)
      case 'diverged':
        this.phase.value = 'ready'
        this.problem.value = { kind: 'diverged', message: divergedText(report.step, report.loss) }
        return
      case 'rates':
        this.rates.value = report.rates
        if (report.rates.isDone && this.phase.peek() === 'measuring') this.phase.value = 'ready'
        return
      case 'misfit':
        this.dispose()
        this.phase.value = 'broken'
        this.problem.value = { kind: 'misfit', message: report.message }
        return
      case 'fault':
        return this.fail(report.fault.message, report.fault.line)
    }
  }

  private advance(progress: Progress, picture: Picture | undefined): void {
    this.progress.value = progress
    this.loss.value = progress.loss ?? this.loss.peek()
    if (picture) this.picture.value = picture
    this.history.add(progress.step, progress.loss, picture?.heldOut)
    this.changes.value++
  }

  private async send(kind: SentData['kind']): Promise<void> {
    const { port } = this
    try {
      const data = await this.input.fetchData(kind)
      if (this.port === port) this.tell({ kind: 'data', data })
    } catch (error) {
      if (this.port === port) this.fail(error instanceof Error ? error.message : String(error))
    }
  }
}

const divergedText = (step: number, loss: string): string =>
  `The loss of step ${step} is ${loss}, and training has been paused. A smaller learning rate is the usual cure; reset begins ` +
  `anew. With compile(…, { guard: true }) the step that goes wrong says in which tensor the first such number arose.`
