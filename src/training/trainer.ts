import type { CompileOptions } from '../compile/options'
import { FeedError, GraphError } from '../ir/errors'
import { type OpenShape, showOpen } from '../layers/symbolic'
import { type CompileArguments, type Settings, settingsOf } from './arguments'
import { type CompileConfig, compileConfigOf } from './compile-config'
import { onesColumn, sameData } from './columns'
import { ArrayFeeder, type Cut } from './feeder'
import { keptRate, type KeptState, keptState, restoreKept } from './kept-state'
import type { DataPlan, ModelProgram, Resident } from './program'
import { type SampleSet, type SamplesOf, targetPlans } from './samples'
import { Session } from './session'
import type { Trainable } from './trainable'

const NOTHING: DataPlan = { targets: [] }

/** What a run goes on from besides weights; whole where a program that trains has kept it. */
export interface Kept {
  readonly tensors: KeptState
  readonly isWhole: boolean
}

/** What a model is trained by, and the program that does it: made when the first data come, made anew where they differ. */
export class Trainer {
  /** How often the model was fitted. */
  fits = 0
  /** Whether a run is going on. */
  isFitting = false
  private current: Session | undefined
  private beside: Session | undefined
  /** Set before there is a program that trains. */
  private rate: number | undefined
  /** What a file held, until a program that trains takes it over. */
  private kept: Kept | undefined
  private given: Settings | undefined
  private options: CompileOptions = {}

  constructor(readonly model: Trainable) {}

  compile(given: CompileArguments): void {
    this.given = settingsOf(given, this.model)
    this.options = this.given.options
    this.kept = this.rate = undefined
    this.release()
  }

  /** What `compile` was given, as plain JSON; undefined before it was called. */
  compileConfig(): CompileConfig | undefined {
    return this.given && compileConfigOf(this.given)
  }

  /** What training goes on from, besides weights. */
  get state(): Kept | undefined {
    const { current, kept, rate } = this
    if (!current && rate === undefined) return kept
    const isWhole = kept?.isWhole === true || current?.net.train !== undefined
    const own = current ? keptState(current.built) : []
    // A rate that was set before there was a program that trains.
    const set = keptRate(this.slotName('learningRate'), rate)
    return { tensors: new Map([...(kept?.tensors ?? []), ...own, ...set]), isWhole }
  }

  set state(kept: Kept | undefined) {
    this.release()
    this.kept = kept
    this.rate = undefined
  }

  get settings(): Settings {
    if (this.given) return this.given
    throw new GraphError(`model "${this.model.layer.name}": call compile({ optimizer, loss }) first`)
  }

  get isCompiled(): boolean {
    return this.given !== undefined
  }

  /** The program as it is, to read its code; made now if the model only predicts so far. */
  get program(): ModelProgram {
    return this.forPrediction().net
  }

  forPrediction(): Session {
    return (this.current ??= this.begun(new Session(this.model, undefined, NOTHING, this.options)))
  }

  private begun(session: Session): Session {
    if (!this.kept) return session
    const { tensors, isWhole } = this.kept
    const isTraining = session.net.train !== undefined
    restoreKept(session.built, tensors, isWhole && isTraining)
    if (isTraining) this.kept = undefined
    return session
  }

  /** A program that takes such data; samples that it is to hold are held by it. */
  forData(set: SampleSet, resident?: Resident): Session {
    const plan: DataPlan = { targets: targetPlans(set, this.model.outputs), ...(resident ? { resident } : {}) }
    const { current } = this
    if (current && covers(current.plan, plan)) {
      if (resident) current.hold(resident)
      return current
    }
    const made = this.begun(new Session(this.model, this.settings, plan, this.options))
    if (current) {
      made.takeOver(current)
      current.dispose()
    }
    if (this.rate !== undefined) made.net.state.set(this.slotName('learningRate'), this.rate)
    this.rate = undefined
    return (this.current = made)
  }

  /** Says what samples look like, where the model does not know yet. */
  prepare(x: SamplesOf): void {
    this.model.prepare?.(x)
  }

  /** Whether extents besides that of the batch are open. */
  get isOpen(): boolean {
    return this.model.inputs.some((x) => x.shape.slice(1).includes(null))
  }

  /** How many samples a batch must have, where the model says it. */
  get fixedBatch(): number | undefined {
    return this.model.inputs[0]?.shape[0] ?? undefined
  }

  /** The set with weights of 1 where a program takes some and there are none. */
  weighted(set: SampleSet, session = this.current): SampleSet {
    const made = session?.plan.targets
    if (!made) return set
    const weights = set.weights.map((w, i) => {
      const shape = made[i]?.weight
      const target = set.targets[i]
      return w ?? (shape && target ? onesColumn(set.count, shape.map((d, k) => d ?? target.shape[k]!)) : undefined) // prettier-ignore
    })
    return { ...set, weights }
  }

  /** As `weighted`, for a batch behind the first: throws where its targets or weights are others than the program takes. */
  alike(set: SampleSet, session: Session): SampleSet {
    targetPlans(set, this.model.outputs).forEach((plan, i) => {
      const own = session.plan.targets[i]
      const name = this.model.outputNames[i]!
      if (plan?.weight && !own?.weight)
        throw new FeedError(`the weight of "${name}" is given for some batches; the first one has none`)
      if (plan && own && !equal(plan.shape, own.shape))
        throw new FeedError(
          `target "${name}" has samples of shape ${showOpen(plan.shape)}; the first batch has ${showOpen(own.shape)}`,
        )
    })
    return this.weighted(set, session)
  }

  /** Batches of a set for a program. */
  feeder(set: SampleSet, session: Session, batch: number, orderOf?: Cut['orderOf']): ArrayFeeder {
    return new ArrayFeeder(set, session.built.feeds, { batch, isOpen: this.isOpen, orderOf, fixed: this.fixedBatch })
  }

  /** A number that the optimiser keeps, in the program or until there is one; undefined where there is none. */
  scalar(name: string): number | undefined {
    return this.current?.scalar(name) ?? this.kept?.tensors.get(this.slotName(name))?.data[0]
  }

  private slotName(name: string): string {
    return `${this.given?.optimizer.name}/${name}`
  }

  get learningRate(): number | undefined {
    return this.scalar('learningRate') ?? this.rate ?? this.given?.optimizer.learningRate
  }

  set learningRate(value: number | undefined) {
    if (this.learningRate === undefined)
      throw new GraphError('learningRate: the model was not compiled yet, or a schedule gives its learning rate')
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0)
      throw new GraphError(`learningRate: must be a finite number from 0, it is ${String(value)}`)
    const name = this.slotName('learningRate')
    if (this.current?.scalar('learningRate') !== undefined) this.current.net.state.set(name, value)
    else if (!this.kept?.tensors.has(name)) this.rate = value
    else this.kept = { ...this.kept, tensors: new Map([...this.kept.tensors, ...keptRate(name, value)]) }
  }

  /** What a schedule gives for the next step; undefined where there is no schedule, or the step is not known. */
  get scheduledRate(): number | undefined {
    const step = this.scalar('iterations')
    return step === undefined ? undefined : this.settings.optimizer.scheduledRate(step)
  }

  /** The program as it is, if there is one. */
  get session(): Session | undefined {
    return this.current
  }

  /**
   * A program that evaluates such data: a second one where that which trains takes others, for validation must not put an end
   * to it.
   */
  forEvaluation(set: SampleSet): Session {
    const plan: DataPlan = { targets: targetPlans(set, this.model.outputs) }
    if (!this.current?.net.train || covers(this.current.plan, plan)) return this.forData(set)
    if (!this.beside || !covers(this.beside.plan, plan)) {
      this.beside?.dispose()
      this.beside = new Session(this.model, this.settings, plan, this.options)
    }
    return this.beside
  }

  /** Ends the workers of its programs; the next ones go on from what they kept. */
  dispose(): void {
    const { state } = this
    this.state = state
  }

  /** The program of before goes; weights stay where they are until another one takes them over. */
  release(): void {
    this.current?.dispose()
    this.beside?.dispose()
    this.current = this.beside = undefined
  }
}

/** Whether a program made for some data takes others. */
function covers(made: DataPlan, wanted: DataPlan): boolean {
  const fits = wanted.targets.every((t, i) => {
    const own = made.targets[i]
    if (!t || !own) return t === own
    const weights = t.weight === undefined || (own.weight !== undefined && equal(t.weight, own.weight))
    return t.dtype === own.dtype && equal(t.shape, own.shape) && weights
  })
  if (!fits || wanted.targets.length !== made.targets.length) return false
  if (!wanted.resident) return true
  const held = made.resident
  const same = (a: Resident[keyof Resident], b: Resident[keyof Resident]): boolean =>
    a.every((c, i) => (c ? b[i] !== undefined && sameData(c, b[i]) : b[i] === undefined))
  return (
    held !== undefined &&
    same(wanted.resident.inputs, held.inputs) &&
    same(wanted.resident.targets, held.targets) &&
    same(wanted.resident.weights, held.weights)
  )
}

const equal = (a: OpenShape, b: OpenShape): boolean => a.length === b.length && a.every((d, i) => d === b[i])
