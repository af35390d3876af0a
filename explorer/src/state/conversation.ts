import type { Answer, Question } from '../protocol'

export interface Listener {
  /** A piece of an answer to the latest question; others are not passed on. */
  answer(answer: Answer): void
  /** The model did not end in time, and its worker has been stopped. */
  stopped(why: 'running' | 'compiling'): void
  /** The worker could not be loaded, or broke. */
  failed(message: string): void
}

/** How long a worker may be at it, in milliseconds. */
export interface Patience {
  /** From a question to the outline of its model: the time in which a model has to end. */
  readonly running: number
  /** From then to the end of the answer. */
  readonly compiling: number
  /** How long a question may keep a newer one about another model waiting. */
  readonly waiting: number
}
export const PATIENCE: Patience = { running: 8_000, compiling: 60_000, waiting: 1_000 }

/** What is used of a Worker. */
export interface Port {
  postMessage(question: Question): void
  terminate(): void
  onmessage: ((event: MessageEvent<Answer>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

/**
 * Talks to one worker at a time. It has at most one question; the latest of those that came meanwhile follows. One that does
 * not end is stopped with its worker, and the next question gets a fresh one.
 */
export class Conversation {
  private port: Port | undefined
  /** Whether it has loaded: until then nothing of its time is the model's. */
  private isReady = false
  private asked: Question | undefined
  private next: Question | undefined
  private latest = -1
  private deadline: ReturnType<typeof setTimeout> | undefined
  private since = 0

  constructor(
    private readonly start: () => Port,
    private readonly listener: Listener,
    private readonly patience: Patience = PATIENCE,
  ) {
    this.open()
  }

  ask(question: Question): void {
    this.latest = question.id
    if (!this.asked) return this.send(question)
    this.next = question
    const isOther = JSON.stringify(question.model) !== JSON.stringify(this.asked.model)
    if (!isOther) return
    const left = this.patience.waiting - (Date.now() - this.since)
    setTimeout(() => this.next === question && this.restart(), Math.max(0, left))
  }

  /** Ends the worker. */
  close(): void {
    clearTimeout(this.deadline)
    this.port?.terminate()
    this.port = undefined
    this.isReady = false
  }

  private open(): Port {
    const port = this.start()
    port.onmessage = ({ data }) => this.heard(data)
    port.onerror = (event) => {
      this.restart()
      this.listener.failed(event.message ?? 'the worker could not be loaded')
    }
    return (this.port = port)
  }

  private send(question: Question): void {
    this.asked = question
    this.since = Date.now()
    ;(this.port ?? this.open()).postMessage(question)
    if (this.isReady) this.wait('running')
  }

  private wait(why: 'running' | 'compiling'): void {
    clearTimeout(this.deadline)
    this.deadline = setTimeout(() => {
      const isLatest = this.next === undefined
      this.restart()
      if (isLatest) this.listener.stopped(why)
    }, this.patience[why])
  }

  private restart(): void {
    this.close()
    const { next } = this
    this.asked = undefined
    this.next = undefined
    if (next) this.send(next)
  }

  private heard(answer: Answer): void {
    if (answer.kind === 'ready') {
      this.isReady = true
      if (this.asked) this.wait('running')
    }
    if (answer.kind === 'outline') this.wait('compiling')
    if (answer.kind === 'ready' || answer.id === this.latest) this.listener.answer(answer)
    if (answer.kind !== 'done') return
    clearTimeout(this.deadline)
    this.asked = undefined
    const { next } = this
    this.next = undefined
    if (next) this.send(next)
  }
}
