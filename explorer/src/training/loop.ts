import type { Source } from './columns'
import type { Fit } from './fit'
import { predictionOf } from './prediction'
import type { Picture, Report, Settings } from './protocol'
import type { Session } from './session'

export interface LoopInput {
  readonly say: (report: Report) => void
  readonly session: Session
  readonly source: Source
  readonly fit: Fit
  readonly settings: Settings
}

/** Milliseconds that training keeps the worker before it looks for messages. */
const SLICE = 15
const BETWEEN_REPORTS = 60
/** Between pictures, which are dear: so long, and so many times what one takes. */
const BETWEEN_PICTURES = 250
const PICTURE_SHARE = 8
/** The stretch that the rate is of. */
const WINDOW = 1000

/** Makes steps between the messages of a page, and says how it goes, as often as the page can draw it. */
export class Loop {
  session: Session
  settings: Settings
  private readonly input: LoopInput
  private readonly say: LoopInput['say']
  private readonly channel = new MessageChannel()
  private running = false
  private step = 0
  /** Losses since the last report. */
  private sum = 0
  private count = 0
  private isAwaited = false
  private reported = 0
  private pictured = 0
  /** What the last two took: one that had to compile something first says nothing of the next. */
  private pictureCosts: readonly [number, number] = [0, 0]
  /** Steps at moments of the last second or so. */
  private moments: { readonly at: number; readonly step: number }[] = []
  /** Since when steps are counted by the pace, and how many there were then. */
  private paced = { at: 0, step: 0, pace: 0 }

  constructor(input: LoopInput) {
    this.input = input
    this.say = input.say
    this.session = input.session
    this.settings = input.settings
    // Timers are held back to 4 ms; a message comes at once.
    this.channel.port1.onmessage = () => this.turn()
  }

  start(): void {
    if (this.running) return
    this.running = true
    this.moments = [{ at: performance.now(), step: this.step }]
    this.paced = { at: 0, step: 0, pace: 0 }
    this.channel.port2.postMessage(0)
  }

  pause(): void {
    if (!this.running) return
    this.running = false
    this.report(true)
  }

  stepOnce(): void {
    if (this.running) return this.pause()
    this.moments = []
    if (this.makeStep()) this.report(true)
  }

  reset(): void {
    const { learningRate } = this.settings
    this.session.reset()
    if (learningRate !== undefined) this.session.learningRate = learningRate
    this.step = this.sum = this.count = 0
    this.moments = [{ at: performance.now(), step: 0 }]
    this.paced = { at: 0, step: 0, pace: 0 }
    this.show()
  }

  /** What there is to see before the first step. */
  show(): void {
    this.say({ kind: 'cleared', picture: this.picture() })
  }

  drawn(): void {
    this.isAwaited = false
  }

  private turn(): void {
    if (!this.running) return
    const start = performance.now()
    let left = this.stepsUntil(start)
    let now = start
    while (left-- > 0 && now - start < SLICE) {
      if (!this.makeStep()) return
      now = performance.now()
    }
    if (!this.isAwaited && now - this.reported > BETWEEN_REPORTS && this.count > 0) this.report(false)
    const { pace } = this.settings
    if (pace === undefined) this.channel.port2.postMessage(0)
    else setTimeout(() => this.turn(), Math.min(1000 / pace, SLICE))
  }

  /** How many steps the pace allows now. */
  private stepsUntil(now: number): number {
    const { pace } = this.settings
    if (pace === undefined) return Infinity
    if (this.paced.pace !== pace || this.paced.at === 0) this.paced = { at: now, step: this.step - 1, pace }
    return Math.floor(this.paced.step + ((now - this.paced.at) * pace) / 1000 + 1) - this.step
  }

  /** False where training has come to an end. */
  private makeStep(): boolean {
    const loss = this.session.step(this.settings.batch)
    this.step++
    if (Number.isFinite(loss)) {
      this.sum += loss
      this.count++
      return true
    }
    this.running = false
    this.report(true)
    this.say({ kind: 'diverged', step: this.step, loss: String(loss) })
    return false
  }

  private report(withPicture: boolean): void {
    const now = performance.now()
    const isDue = now - this.pictured > Math.max(BETWEEN_PICTURES, PICTURE_SHARE * Math.min(...this.pictureCosts))
    const picture = withPicture || isDue ? this.picture() : undefined
    const loss = this.count > 0 ? { loss: this.sum / this.count } : {}
    this.sum = this.count = 0
    this.reported = performance.now()
    this.isAwaited = true
    this.say({
      kind: 'progress',
      progress: { step: this.step, epoch: this.session.batches.epoch, ...loss, rate: this.rate(now) },
      ...(picture ? { picture } : {}),
    })
  }

  /** Real steps over the time on the clock, whatever the worker did besides; 0 where it stands still. */
  private rate(now: number): number {
    this.moments.push({ at: now, step: this.step })
    while (this.moments.length > 2 && now - this.moments[0]!.at > WINDOW) this.moments.shift()
    const [first] = this.moments
    return now > first!.at ? (1000 * (this.step - first!.step)) / (now - first!.at) : 0
  }

  private picture(): Picture {
    const start = performance.now()
    const { session, settings, step } = this
    const { source, fit } = this.input
    const heldOut = session.heldOutLoss()
    const prediction = session.predictor && predictionOf(session.predictor, fit, session.columns, source)
    const picture = {
      step,
      ...(heldOut === undefined ? {} : { heldOut }),
      variables: session.variables(settings.batch),
      ...(prediction ? { prediction } : {}),
    }
    this.pictured = performance.now()
    this.pictureCosts = [this.pictureCosts[1], this.pictured - start]
    return picture
  }
}
