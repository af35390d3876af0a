import { compile, type CompileOptions } from 'gradloom'
import { gradients } from 'gradloom/inspect'
import { entryInternals, programInternals } from '../../../src/compile/internals'
import { type Variable, variableAttrs } from '../../../src/ir/variable'
import { Batches, Feeder, type Feeds, heldOutRows } from './batches'
import type { Columns } from './columns'
import { histogramOf } from './histogram'
import type { Trainee } from './model'
import { type Predictor, predictorOf } from './predictor'
import type { Target, VariableView } from './protocol'
import { withoutUpdates } from './variants'

type Results = Readonly<Record<string, number | (Float32Array & { readonly shape: readonly number[] })>>
export type Run = (feeds: Feeds) => Results

const BINS = 32
const MOST_VARIABLES = 24
const HELD_OUT = 256

/** What a model is compiled to on one target, with the data that it is fed. */
export class Session {
  readonly target: Target
  readonly batches: Batches
  readonly parameters: readonly Variable[]
  readonly predictor: Predictor | undefined
  private readonly net: {
    readonly state: { get(name: string): unknown; set(name: string, value: unknown): void; reset(): void }
    readonly dispose: () => void
  }
  private readonly train: Run
  private readonly lossOf: Run
  private readonly look: ReturnType<typeof gradients> | undefined
  private readonly rateName: string | undefined
  private readonly lossName: string
  private readonly heldOut: Feeds | undefined
  private last: Feeds | undefined

  constructor(
    private readonly trainee: Trainee,
    readonly columns: Columns,
    target: Target,
  ) {
    this.target = target
    const options: CompileOptions = { ...trainee.options, target, threads: 1 }
    const net = compile(trainee.entries as never, options) as unknown as Session['net'] & Record<string, Run>
    this.net = net
    this.train = net['train']!
    this.batches = new Batches(columns, 1)
    this.lossOf = withoutUpdates(net['evaluate'] ?? this.train)
    const { store } = programInternals('training', net)
    this.parameters = store.variables.filter((v) => variableAttrs(v).role.kind === 'parameter')
    this.rateName = store.variables.find((v) => /(^|\/)learningRate$/.test(v.name) && v.shape.length === 0)?.name
    this.lossName = lossOf(this.train)
    this.look = gradientsOf(this.train)
    const rows = heldOutRows(columns, trainee.fit.batch ?? HELD_OUT)
    const all = [columns.sample, ...(columns.target ? [columns.target] : [])]
    this.heldOut = rows.length < (trainee.fit.batch ?? 1) ? undefined : new Feeder(all).take(rows)
    this.predictor = predictorOf(net['predict'], this.train, trainee.fit, columns)
  }

  get learningRate(): number | undefined {
    return this.rateName === undefined ? undefined : (this.net.state.get(this.rateName) as number)
  }

  set learningRate(value: number | undefined) {
    if (this.rateName !== undefined && value !== undefined) this.net.state.set(this.rateName, value)
  }

  /** One step on the next batch; gives the loss before it. */
  step(size: number): number {
    this.last = this.batches.next(size)
    return this.train(this.last)[this.lossName] as number
  }

  /** Steps on one batch, to be timed: what feeding a batch costs is not the compiler's. */
  fixedStep(size: number): () => unknown {
    const feeds = new Batches(this.columns, 2).next(size)
    return () => this.train(feeds)
  }

  /** The loss on rows that are held out, as far as the batch of the model reaches. */
  heldOutLoss(): number | undefined {
    return this.heldOut && (this.lossOf(this.heldOut)[this.lossName] as number)
  }

  /** How weights are spread, and the gradients that the last batch gives. */
  variables(size: number): VariableView[] {
    const found = this.look?.(this.last ?? new Batches(this.columns, 1).next(size)).gradients ?? {}
    return this.parameters.slice(0, MOST_VARIABLES).map((v) => {
      const [value, gradient] = [this.net.state.get(v.name), found[v.name]]
      return {
        name: v.name,
        shape: v.shape,
        weights: histogramOf(numbersOf(value), BINS),
        ...(gradient === undefined ? {} : { gradients: histogramOf(numbersOf(gradient), BINS) }),
      }
    })
  }

  /** Takes over the state of a session on another target. */
  takeOver(other: Session): void {
    for (const { name } of programInternals('training', this.net).store.variables)
      this.net.state.set(name, other.net.state.get(name))
    this.batches.takeOver(other.batches)
    this.last = other.last
  }

  reset(): void {
    this.net.state.reset()
    this.batches.reset()
    this.last = undefined
  }

  dispose(): void {
    this.net.dispose()
  }
}

const numbersOf = (value: unknown): ArrayLike<number> => (typeof value === 'number' ? [value] : (value as Float32Array))

/** The output that is called loss, else the first that is a number. */
function lossOf(train: Run): string {
  const { probe } = entryInternals('training', train)
  const { outputs } = probe.roots
  const found = outputs.has('loss') ? 'loss' : [...outputs].find(([, t]) => t.shape.length === 0)?.[0]
  if (found !== undefined) return found
  throw new Error('The entry train has no output that is a number; return outputs: { loss }.')
}

/** Nothing where an entry trains by rules of its own. */
function gradientsOf(train: Run): ReturnType<typeof gradients> | undefined {
  try {
    return gradients(train)
  } catch {
    return undefined
  }
}
