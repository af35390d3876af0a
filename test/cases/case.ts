import { compile, type CompileOptions, entry, type Entry, GraphError, type Spec, type Tensor } from 'gradloom'
import { disagreement, EXACT, type Expected, type Float, mismatch, type Results, toleranceOf } from './expect'
import {
  closeAll,
  COMPILED,
  EMITTED,
  type EmittedMode,
  type Entries,
  type Feeds,
  type Mode,
  MODES,
  open,
  optionsOf,
  type Session,
} from './modes'

/** One of the reported faults; without `run` what it needs does not exist yet, and `missing` says what that is. */
export interface Case {
  readonly id: string
  readonly run?: (trial: Trial) => void | Promise<void>
  readonly missing?: string
  /** Only waits for a process of its own, so it may run beside the others. */
  readonly apart?: boolean
}

export interface Outcome {
  readonly id: string
  readonly modes: readonly string[]
  readonly pass: boolean | 'not yet'
  readonly detail: string
}

export type Check = (holds: boolean, otherwise: string) => void

export interface Numeric {
  /** Both by default. */
  readonly dtypes?: readonly Float[]
  readonly options?: CompileOptions
  /** The entries; a single one is called `main`. */
  readonly build: (dtype: Float) => Entry | Entries
  /** Fed to `main` once, unless `drive` says what to run. */
  readonly feeds?: Feeds | ((dtype: Float) => Feeds)
  readonly drive?: (session: Session, check: Check, dtype: Float) => Results
  readonly expected?: Readonly<Record<string, Expected>>
  /** For what is not one right value. */
  readonly check?: (results: Results, check: Check) => void
}

export const pending = (id: string, missing: string): Case => ({ id, missing })
export const numeric = (id: string, spec: Numeric): Case => ({ id, run: (trial) => trial.numeric(spec) })

/** Values in the array type that a float input takes. */
export const floats = (dtype: Float, values: ArrayLike<number>): Float32Array | Float64Array =>
  dtype === 'float32' ? Float32Array.from(values) : Float64Array.from(values)

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Collects what one case finds. */
export class Trial {
  readonly modes = new Set<Mode>()
  readonly failures: string[] = []
  readonly notes: string[] = []

  readonly check: Check = (holds, otherwise) => {
    if (!holds) this.failures.push(otherwise)
  }

  note(text: string): void {
    this.notes.push(text)
  }

  /** Runs in every mode and dtype; each must be right, all must agree, emitted modules bit for bit with what they are like. */
  async numeric(spec: Numeric): Promise<void> {
    const { dtypes = ['float32', 'float64'] } = spec
    for (const dtype of dtypes) {
      const found = new Map<Mode, Results>()
      for (const mode of MODES) {
        this.modes.add(mode)
        const label = dtypes.length > 1 ? `${mode} ${dtype}` : mode
        const check: Check = (holds, otherwise) => this.check(holds, `${label}: ${otherwise}`)
        try {
          const results = await runSpec(spec, mode, dtype, check)
          found.set(mode, results)
          for (const [name, right] of Object.entries(spec.expected ?? {})) {
            const wrong = mismatch(name, results[name], right, dtype)
            check(wrong === undefined, wrong ?? '')
          }
          spec.check?.(results, check)
        } catch (error) {
          check(false, messageOf(error))
        }
      }
      this.agree(found, dtype)
    }
  }

  private agree(found: ReadonlyMap<Mode, Results>, dtype: Float): void {
    const [first, ...others] = [...found]
    if (!first) return
    const compare = ([a, left]: [Mode, Results], [b, right]: [Mode, Results], same: boolean): void => {
      for (const [name, value] of Object.entries(left)) {
        const wrong = disagreement(name, value, right[name], same ? EXACT : toleranceOf(value, dtype))
        this.check(wrong === undefined, `${dtype}: ${b} and ${a} differ: ${wrong ?? ''}`)
      }
    }
    for (const other of others) compare(first, other, false)
    for (const [mode, { like }] of Object.entries(EMITTED) as [EmittedMode, { like: Mode }][]) {
      const [inMemory, emitted] = [found.get(like), found.get(mode)]
      if (inMemory && emitted) compare([like, inMemory], [mode, emitted], true)
    }
  }

  /** An error that must come while the body of an entry is building its graph, and must name all of `names`. */
  buildError<I extends Specs>(
    label: string,
    specs: I,
    body: (inputs: Untyped<I>) => unknown,
    names: readonly (string | RegExp)[],
  ): void {
    this.note(`${label}: raised while the graph is built, so there is nothing to emit`)
    for (const mode of COMPILED) {
      this.modes.add(mode)
      let stage = 'before building'
      const watched = entry(specs, (inputs) => {
        stage = 'building'
        body(inputs)
        stage = 'after building'
        return { outputs: {} }
      })
      try {
        compile<Record<string, Entry>>({ main: watched }, optionsOf(mode))
        this.check(false, `${mode}: ${label}: no error`)
      } catch (error) {
        this.check(stage === 'building', `${mode}: ${label}: raised ${stage}: ${messageOf(error)}`)
        this.check(error instanceof GraphError, `${mode}: ${label}: not a GraphError: ${String(error)}`)
        this.named(`${mode}: ${label}`, messageOf(error), names)
      }
    }
  }

  named(label: string, message: string, names: readonly (string | RegExp)[], check: Check = this.check): void {
    for (const name of names) {
      const found = typeof name === 'string' ? message.includes(name) : name.test(message)
      check(found, `${label}: the message does not name ${String(name)}: ${message}`)
    }
  }
}

type Specs = Readonly<Record<string, Spec>>
/** Without their shapes: what is wrong with them is for the run time to find. */
type Untyped<I> = { readonly [K in keyof I]: Tensor }

async function runSpec(spec: Numeric, mode: Mode, dtype: Float, check: Check): Promise<Results> {
  const build = (): Entries => {
    const made = spec.build(dtype)
    return isEntry(made) ? { main: made } : made
  }
  const session = await open(mode, build, spec.options)
  if (spec.drive) return spec.drive(session, check, dtype)
  return session.run('main', typeof spec.feeds === 'function' ? spec.feeds(dtype) : (spec.feeds ?? {}))
}

const isEntry = (x: Entry | Entries): x is Entry => typeof x['body'] === 'function' && 'inputs' in x

const MOST = 4

export async function runCase({ id, run, missing }: Case): Promise<Outcome> {
  if (!run) return { id, modes: [], pass: 'not yet', detail: `needs ${missing ?? 'more'}` }
  const trial = new Trial()
  try {
    await run(trial)
  } catch (error) {
    trial.failures.push(messageOf(error))
  } finally {
    closeAll()
  }
  const { failures, notes } = trial
  const modes = MODES.filter((mode) => trial.modes.has(mode))
  const more = failures.length > MOST ? [`and ${failures.length - MOST} more`] : []
  const detail = [...failures.slice(0, MOST), ...more, ...notes].join('; ')
  return { id, modes, pass: failures.length === 0, detail }
}
