import type { CompileOptions, Entry } from 'gradloom'
import { programInternals, type ProgramInternals } from '../../../src/compile/internals'
import { DATA_KINDS, type DataKind } from './data/kinds'
import { type Fit, fitOf, type InputSpec, type Misfit } from './fit'
import { isLayersModel, programOfLayers } from './layers-model'

/** What running a model left behind. */
export interface Evaluated {
  readonly exports: Readonly<Record<string, unknown>>
  /** Every program that it compiled, exported or not. */
  readonly made: readonly { readonly program: object }[]
}

/** A model that can be trained here: entries to compile anew for each target, and the data that they are fed. */
export interface Trainee {
  readonly entries: { readonly train: Entry; readonly predict?: Entry; readonly evaluate?: Entry }
  /** As the model was compiled, except for target and threads. */
  readonly options: CompileOptions
  readonly fit: Fit
}

/** Entries by their names, and how they were compiled. */
interface Found {
  readonly entries: Readonly<Record<string, Entry>>
  readonly options: CompileOptions
}

/**
 * Finds what to train in a model: a program with an entry `train`, a program of one entry that returns updates, entries that
 * are exported under these names without being compiled, or a compiled model of layers.
 */
export function traineeOf(model: Evaluated): Trainee | Misfit {
  const { data } = model.exports
  if (data !== undefined && !DATA_KINDS.includes(data as DataKind))
    return { message: `The model exports data = ${JSON.stringify(data)}; known are ${DATA_KINDS.join(', ')}.` }
  let misfit: Misfit | undefined
  for (const { entries, options } of candidates(model)) {
    const { train, predict, evaluate } = entries
    if (!train) continue
    const fit = fitOf(train.inputs as Readonly<Record<string, InputSpec>>, data as DataKind | undefined)
    if ('message' in fit) {
      misfit ??= fit
      continue
    }
    const fits = (entry: Entry | undefined, names: readonly string[]): entry is Entry =>
      entry !== undefined && Object.keys(entry.inputs as object).join() === names.join()
    return {
      entries: {
        train,
        ...(fits(predict, [fit.sample.input]) ? { predict } : {}),
        ...(fits(evaluate, Object.keys(train.inputs as object)) ? { evaluate } : {}),
      },
      options,
      fit,
    }
  }
  return (
    misfit ?? {
      message:
        'There is no entry called train. The panel trains a program that has one, compile({ train: entry(inputs, body) }) with a ' +
        'body that returns outputs: { loss } and updates such as sgd(loss, weights), or a compiled model of gradloom/nn.',
    }
  )
}

function* candidates({ exports, made }: Evaluated): Generator<Found> {
  const values = Object.values(exports)
  for (const value of values)
    if (isLayersModel(value)) {
      const program = programOfLayers(value)
      if (program) yield entriesOf(program)
    }
  const programs = new Set<unknown>([...values, ...made.map(({ program }) => program)])
  for (const value of programs) if (isProgram(value)) yield entriesOf(value)
  const loose = Object.entries(exports).filter((e): e is [string, Entry] => isEntry(e[1]))
  if (loose.length > 0) yield { entries: Object.fromEntries(loose), options: {} }
}

const isEntry = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && typeof (value as Partial<Entry>).body === 'function'

/** Whether something is what `compile` returned; an entry of a program is none of its own. */
function isProgram(value: unknown): value is object {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  try {
    programInternals('training', value)
    return 'state' in value
  } catch {
    return false
  }
}

function entriesOf(program: object): Found {
  const internals = programInternals('training', program)
  const list = [...internals.entries.values()]
  const [only] = list
  // A program of one entry is that entry, under whatever name.
  const isSingle = list.length === 1 && only!.probe.roots.updates.size > 0
  const named = list.map(({ name, entry }) => [isSingle ? 'train' : name, entry] as const)
  return { entries: Object.fromEntries(named), options: optionsOf(internals) }
}

function optionsOf({ settings }: ProgramInternals): CompileOptions {
  const { seed, schedule, relaxedSimd, passes, fastMath, guard } = settings
  return { seed, schedule, relaxedSimd, passes, fastMath, guard }
}
