import { wasmObstacle } from '../../../src/runtime/engine'
import { sizeOf } from '../../../src/ir/type'
import { allowsText, evaluateExample, evaluateText } from '../worker/evaluate'
import { faultOf } from '../worker/fault'
import { type Columns, columnsOf, type Source } from './columns'
import { digitsOf } from './data/digits'
import { standardised } from './data/series'
import { twoSpirals } from './data/spirals'
import { Loop } from './loop'
import { measured } from './measure'
import { type Trainee, traineeOf } from './model'
import type { Command, Outline, Report, SentData, Settings, Target } from './protocol'
import { Session } from './session'

type Say = (report: Report) => void

const NO_TEXT =
  'The policy of this page forbids it to run text, so a model that has been changed cannot be trained here. The built-in models ' +
  'can: they are files of the page.'
const SPIRALS = { count: 800, seed: 1 }

/** Trains one model for one page. */
export class Trainer {
  private settings: Settings | undefined
  private trainee: Trainee | undefined
  private source: Source | undefined
  private columns: Columns | undefined
  private loop: Loop | undefined

  constructor(private readonly say: Say) {}

  /** Never rejects: what a model throws is said. */
  async hear(command: Exclude<Command, { kind: 'ping' }>): Promise<void> {
    try {
      await this.follow(command)
    } catch (error) {
      this.loop?.pause()
      this.say({ kind: 'fault', fault: faultOf(error) })
    }
  }

  private async follow(command: Exclude<Command, { kind: 'ping' }>): Promise<void> {
    const { loop } = this
    switch (command.kind) {
      case 'load':
        this.settings = command.settings
        return this.load(command.text, command.example)
      case 'data':
        return this.begin(sourceOf(command.data))
      case 'start':
        return loop?.start()
      case 'pause':
        return loop?.pause()
      case 'step':
        return loop?.stepOnce()
      case 'reset':
        return loop?.reset()
      case 'settings':
        return this.change(command.settings)
      case 'measure':
        return this.measure()
      case 'drawn':
        return loop?.drawn()
    }
  }

  private async load(text: string, example: string): Promise<void> {
    if (!allowsText() && example === '') return this.say({ kind: 'misfit', message: NO_TEXT })
    const model = allowsText() ? await evaluateText(text) : await evaluateExample(example)
    this.say({ kind: 'evaluated' })
    const trainee = traineeOf(model)
    if ('message' in trainee) return this.say({ kind: 'misfit', message: trainee.message })
    this.trainee = trainee
    const { kind } = trainee.fit.sample.form
    if (kind === 'spirals') this.begin({ kind, spirals: twoSpirals(SPIRALS.count, SPIRALS.seed) })
    else this.say({ kind: 'wants', data: kind })
  }

  private begin(source: Source): void {
    const { trainee, settings } = this
    if (!trainee || !settings) return
    this.source = source
    this.columns = columnsOf(trainee.fit, source)
    const session = this.sessionOn(settings.target)
    if (settings.learningRate !== undefined) session.learningRate = settings.learningRate
    this.loop = new Loop({
      say: this.say,
      session,
      source,
      fit: trainee.fit,
      settings: this.inForce(settings, session),
    })
    this.say({
      kind: 'ready',
      outline: this.outline(session),
      ...(source.kind === 'spirals' ? { points: source.spirals } : {}),
    })
    this.loop.show()
  }

  /** A program on a target, or on the other one where this page cannot have it. */
  private sessionOn(target: Target): Session {
    const found = obstacles()
    const other = target === 'js' ? 'wasm' : 'js'
    const usable = found[target] === undefined ? target : found[other] === undefined ? other : undefined
    if (usable === undefined) throw new Error(`Nothing can be compiled here. ${found[target]}`)
    return new Session(this.trainee!, this.columns!, usable)
  }

  private change(settings: Settings): void {
    this.settings = settings
    const { loop } = this
    if (!loop) return
    if (settings.target !== loop.session.target && obstacles()[settings.target] === undefined) {
      const made = this.sessionOn(settings.target)
      made.takeOver(loop.session)
      loop.session.dispose()
      loop.session = made
    }
    if (settings.learningRate !== undefined) loop.session.learningRate = settings.learningRate
    loop.settings = this.inForce(settings, loop.session)
    this.say({ kind: 'changed', outline: this.outline(loop.session) })
  }

  private async measure(): Promise<void> {
    const { loop, trainee, columns } = this
    if (!loop || !trainee || !columns) return
    loop.pause()
    const targets = (['js', 'wasm'] as const).filter((t) => obstacles()[t] === undefined)
    const say = (rates: Extract<Report, { kind: 'rates' }>['rates']): void => this.say({ kind: 'rates', rates })
    await measured(trainee, columns, loop.settings.batch, targets, say)
  }

  /** Settings with the batch that the model and its data allow. */
  private inForce(settings: Settings, { columns }: Session): Settings {
    return { ...settings, batch: this.trainee!.fit.batch ?? Math.min(settings.batch, columns.learnt) }
  }

  private outline(session: Session): Outline {
    const { fit } = this.trainee!
    const { columns, target, learningRate, predictor } = session
    return {
      data: columns.kind,
      target,
      learnt: columns.learnt,
      heldOut: columns.count - columns.learnt,
      ...(fit.batch === undefined ? {} : { fixedBatch: fit.batch }),
      batch: this.loop?.settings.batch ?? fit.batch ?? this.settings!.batch,
      ...(learningRate === undefined ? {} : { learningRate }),
      parameters: session.parameters.reduce((sum, v) => sum + sizeOf(v.shape), 0),
      ...(predictor ? { predictions: predictor.origin } : {}),
      obstacles: obstacles(),
    }
  }
}

function sourceOf(data: SentData): Source {
  return data.kind === 'digits'
    ? { kind: 'digits', digits: digitsOf(data.pixels) }
    : { kind: 'series', series: standardised(data.series) }
}

/** Why a target is not to be had here. */
function obstacles(): Outline['obstacles'] {
  const wasm = wasmObstacle()
  return {
    ...(allowsText()
      ? {}
      : { js: 'The policy of this page forbids code from strings, which JavaScript is compiled to.' }),
    ...(wasm === undefined ? {} : { wasm: `WebAssembly cannot be used here: ${wasm}.` }),
  }
}
