import type { CompileOptions } from '../compile/options'
import { type Data, newData, sizeOf } from '../ir/type'
import { type Variable, variableAttrs } from '../ir/variable'
import type { Home, Weight } from '../layers/weight'
import { weightRevision } from '../layers/weight'
import type { Settings } from './arguments'
import { type BuiltProgram, buildProgram, type DataPlan, type Resident } from './program'
import { namedColumns } from './samples'
import type { Trainable } from './trainable'

// Which program ran last: the others may hold weights that it has changed since.
let active: Session | undefined
const activate = (session: Session): void => {
  active = session
}

/** What an optimiser keeps beside a weight. */
export interface Slot {
  readonly weight: Weight
  /** A copy. */
  read(): Data
  write(value: Data): void
}

const firstValue = (v: Variable, seed: number): ArrayLike<number> =>
  variableAttrs(v).first(v.shape, seed, v.name, v.dtype)

/** A compiled model and the weights it holds. Models that share layers share values: whoever runs takes over the newest. */
export class Session implements Home {
  readonly built: BuiltProgram
  readonly plan: DataPlan
  private readonly weights: readonly Weight[]
  /** In front of the names of what the optimiser keeps. */
  private readonly path: string | undefined
  private seen = -1
  private isWriter = false

  constructor(model: Trainable, settings: Settings | undefined, plan: DataPlan, options: CompileOptions) {
    this.plan = plan
    this.path = settings?.optimizer.name
    this.built = buildProgram(model, settings, plan, options)
    const known = new Set(this.net.state.names)
    const made = [...this.built.variables]
    this.weights = made.flatMap(([w, v]) => (known.has(v.name) ? [w] : []))
    // What nothing is computed from, such as the count of `normalization`, is no state of the program: its layer holds it.
    for (const [w, v] of made) if (!known.has(v.name) && w.read() === undefined) w.write(firstValue(v, model.seed))
    this.enter()
  }

  get net(): BuiltProgram['net'] {
    return this.built.net
  }

  get(weight: Weight): unknown {
    return this.net.state.get(this.variableOf(weight))
  }

  set(weight: Weight, value: Data): void {
    this.net.state.set(this.variableOf(weight), value)
  }

  /** As which variable a weight of the model is kept here. */
  variableOf(weight: Weight): Variable {
    return this.built.variables.get(weight)!
  }

  /** To be called before each run: takes over what others wrote, and where weights will change says that they live here. */
  enter(willWrite = false): void {
    if (active !== this || this.seen !== weightRevision()) {
      for (const w of this.weights) {
        if (w.home === this) continue
        const value = w.read()
        if (value) this.set(w, value)
        w.home ??= this
      }
      activate(this)
      this.seen = weightRevision()
      this.isWriter = false
    }
    if (!(willWrite || this.built.isStateful) || this.isWriter) return
    for (const w of this.weights) w.home = this
    this.isWriter = true
  }

  /** What is no weight, such as slots of an optimiser, from another program, where both have it. */
  takeOver(other: Session): void {
    const own = new Set(this.weights.map((w) => this.variableOf(w).name))
    const known = new Set(other.net.state.names)
    for (const name of this.net.state.names)
      if (!own.has(name) && !name.startsWith('data/') && known.has(name))
        this.net.state.set(name, other.net.state.get(name))
  }

  /** What the optimiser keeps beside weights under a word, such as `average`. */
  slots(kind: string): Slot[] {
    const known = new Set(this.net.state.names)
    return this.weights.flatMap((weight) => {
      const name = `${this.path}/${this.variableOf(weight).name}/${kind}`
      if (!known.has(name)) return []
      const read = (): Data => {
        const value = this.net.state.get(name)
        return typeof value === 'number' ? newData(weight.dtype, 1).fill(value) : (value as Data).slice()
      }
      const write = (value: Data): void => this.net.state.set(name, value)
      return [{ weight, read, write }]
    })
  }

  /** A number that the optimiser keeps; undefined where there is none. */
  scalar(name: string): number | undefined {
    const own = `${this.path}/${name}`
    return this.net.state.names.includes(own) ? (this.net.state.get(own) as number) : undefined
  }

  /** Other samples in the place of those it holds. */
  hold(resident: Resident): void {
    for (const [name, { data }] of namedColumns(resident, this.built.feeds)) this.net.state.set(`data/${name}`, data)
  }

  /** First values of all metrics. */
  resetMeters(): void {
    for (const { states, first } of this.built.meters)
      for (const [key, variable] of Object.entries(states)) {
        const values = newData(variable.dtype, sizeOf(variable.shape)).fill(first[key]!)
        this.net.state.set(variable, variable.shape.length === 0 ? first[key]! : values)
      }
  }

  /** Where the metrics are. What is computed meanwhile leaves no trace in them if they are set to it again. */
  get meterValues(): ReadonlyMap<Variable, unknown> {
    const all = this.built.meters.flatMap(({ states }) => Object.values(states))
    return new Map(
      all.map((v) => {
        const value = this.net.state.get(v)
        return [v, typeof value === 'number' ? value : (value as Data).slice()]
      }),
    )
  }

  set meterValues(values: ReadonlyMap<Variable, unknown>) {
    for (const [variable, value] of values) this.net.state.set(variable, value)
  }

  /** What the metrics say, by name. */
  results(): Record<string, number | Float32Array> {
    return this.built.meters.length === 0 ? {} : this.net.results!({})
  }

  dispose(): void {
    this.net.dispose()
  }
}
