import { suggestExtents } from '../compile/probe'
import { compile } from '../compile/program'
import { entry, tensor } from '../api/entry'
import { declareVariable } from '../api/leaf'
import { gather } from '../api/indexing'
import type { Entry, Spec } from '../api/types'
import { askedForAt } from '../ir/origin'
import type { Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import type { Update, Variable } from '../ir/variable'
import { trainedWeights } from '../layers/layer-weights'
import { forwardNamed, makeNaming, type Naming } from '../layers/pass'
import type { OpenShape, Symbolic } from '../layers/symbolic'
import type { Weight } from '../layers/weight'
import type { CompileOptions } from '../compile/options'
import type { Column } from './columns'
import type { Settings } from './arguments'
import { objectiveOf, type Meter, Meters } from './objective'
import type { Trainable } from './trainable'

/** What the data of a program look like; null for an extent that the model leaves open. */
export interface DataPlan {
  /** Of each output; undefined where there is nothing to compare it with. */
  readonly targets: readonly (TargetPlan | undefined)[]
  /** Data that the program holds, so that a step takes places only. */
  readonly resident?: Resident
}
export interface TargetPlan {
  /** Of a sample. */
  readonly shape: OpenShape
  readonly dtype: DType
  /** The shape of the weight of a sample, [] for a number; undefined where samples count alike. */
  readonly weight: OpenShape | undefined
}
export interface Resident {
  readonly inputs: readonly Column[]
  readonly targets: readonly (Column | undefined)[]
  readonly weights: readonly (Column | undefined)[]
}

type Run = (
  feeds: Readonly<Record<string, unknown>>,
) => Record<string, number | (Float32Array & { shape: readonly number[] })>
/** A compiled model. */
export interface ModelProgram {
  /** Outputs of a batch, as they are in prediction. */
  readonly predict: Run
  /** One step over a batch that is fed: loss and metrics of it; weights change. */
  readonly train?: Run
  /** The same over rows of data that lie in the program's memory, fed by their numbers. */
  readonly trainAt?: Run
  /** Loss and metrics of a batch; weights stay. */
  readonly evaluate?: Run
  /** Metrics of all batches since they were last reset. */
  readonly results?: Run
  /** Weights, slots of the optimiser and sums of metrics by name. */
  readonly state: {
    readonly names: readonly string[]
    /** The value of a variable now. */
    get(key: string | Variable): unknown
    /** Sets a variable. */
    set(key: string | Variable, value: unknown): void
  }
  /** Fulfilled when all entries can run. */
  readonly ready: Promise<void>
  /** Ends the workers. */
  dispose(): void
}
export interface BuiltProgram {
  readonly net: ModelProgram
  readonly meters: readonly Meter[]
  /** Whether weights change in prediction too: the state of recurrent layers. */
  readonly isStateful: boolean
  /** The variables of weights. */
  readonly variables: Naming['variables']
  /** Under which names entries take what. */
  readonly feeds: FeedNames
}
export interface FeedNames {
  readonly inputs: readonly string[]
  readonly targets: readonly string[]
  readonly weights: readonly string[]
}

/** Names that no two feeds share. */
export function feedNames(model: Trainable): FeedNames {
  const taken = new Set(model.inputNames)
  const unique = (wanted: string): string => {
    let name = wanted
    while (taken.has(name)) name = `${name}_`
    taken.add(name)
    return name
  }
  const each = (word: string): string[] =>
    model.outputNames.map((output) => unique(model.outputNames.length === 1 ? word : `${word}_${output}`))
  return { inputs: model.inputNames, targets: each('y'), weights: each('weight') }
}

const batchOf = (x: Symbolic): number | string => x.shape[0] ?? 'B'

function inputSpecs(model: Trainable, feeds: FeedNames): Record<string, Spec> {
  const open = (name: string, shape: OpenShape): (number | string)[] => shape.map((d, i) => d ?? `${name}.${i + 1}`)
  return Object.fromEntries(
    model.inputs.map((x, i) => {
      const name = feeds.inputs[i]!
      return [name, tensor([batchOf(x), ...open(name, x.shape.slice(1))], x.dtype)]
    }),
  )
}

/** Extents for tracing: those with which the model was found to fit together. */
const probesOf = (model: Trainable, feeds: FeedNames): Map<string, number> =>
  new Map(
    model.inputs.flatMap(({ shape, probes: [extents] }, i) =>
      shape.flatMap((d, k): [string, number][] =>
        d === null ? [[k === 0 ? 'B' : `${feeds.inputs[i]!}.${k}`, extents[k]!]] : [],
      ),
    ),
  )

/** The entry that predicts. It goes through all weights, so its trace says as which variables they appear. */
export function predictEntry(
  model: Trainable,
  feeds: FeedNames,
  naming: Naming,
  whenUpdated?: (updates: readonly Update[]) => void,
): Entry {
  const made = entry(inputSpecs(model, feeds), (x) => {
    const given = feeds.inputs.map((name) => (x as Readonly<Record<string, Tensor>>)[name]!)
    const { result, updates } = forwardNamed({}, naming, () => model.run(given))
    whenUpdated?.(updates)
    return { outputs: Object.fromEntries(model.outputNames.map((name, i) => [name, result[i]!])), updates }
  })
  return suggestExtents(made, probesOf(model, feeds))
}

/** Compiles a model: to predict, and with settings to train and evaluate, all over one store of weights. */
export function buildProgram(
  model: Trainable,
  settings: Settings | undefined,
  data: DataPlan,
  options: CompileOptions,
): BuiltProgram {
  const feeds = feedNames(model)
  const inputs = inputSpecs(model, feeds)
  const rows = model.inputs[0] ? batchOf(model.inputs[0]) : 'B'
  const probes = probesOf(model, feeds)
  // What data settle is no other extent's, whatever the model makes of its inputs; what it gives must fit in the end.
  const settled = (name: string, shape: OpenShape, output: Symbolic): (string | number)[] =>
    shape.map((d, k) => {
      if (d !== null) return d
      probes.set(`${name}.${k + 1}`, output.probes[0][k + 1]!)
      return `${name}.${k + 1}`
    })
  const entries: Record<string, Entry> = {}
  const meters = new Meters()
  const naming = makeNaming(settings?.isTrainable)
  if (settings) {
    const specs = { ...inputs }
    data.targets.forEach((target, i) => {
      if (!target) return
      const output = model.outputs[i]!
      const name = feeds.targets[i]!
      const weight = feeds.weights[i]!
      specs[name] = tensor([rows, ...settled(name, target.shape, output)], target.dtype)
      if (target.weight) specs[weight] = tensor([rows, ...settled(weight, target.weight, output)], 'float32')
    })
    const given = (x: Readonly<Record<string, Tensor>>): Batch => ({
      inputs: feeds.inputs.map((name) => x[name]!),
      targets: feeds.targets.map((name) => x[name]),
      weights: feeds.weights.map((name) => x[name]),
    })
    // Found once, for batches of any size.
    let changed: ReadonlySet<Weight> | undefined
    const trainedOnes = (): ReadonlySet<Weight> => (changed ??= trainedWeights(model.layer, settings.isTrainable))
    // Losses, metrics and updates are nobody's layers.
    const asked = <T>(body: () => T): never => askedForAt(settings.site, body) as never
    const trainStep = (batch: Batch): { outputs: Record<string, Tensor>; updates: readonly Update[] } => {
      const {
        result: predictions,
        losses,
        updates,
      } = forwardNamed({ training: true }, naming, () => model.run(batch.inputs))
      const objective = objectiveOf(settings, predictions, batch, losses, naming, trainedOnes())
      const { trained, constraints } = objective.weights
      return {
        outputs: objective.outputs,
        updates: [
          ...settings.optimizer.updates(objective.loss, trained, { constraints, path: settings.optimizer.name }),
          ...updates,
          ...meters.updates(settings, predictions, batch),
        ],
      }
    }
    entries.train = suggestExtents(
      entry(specs, (x) => asked(() => trainStep(given(x)))),
      probes,
    )
    if (data.resident) {
      const held = residentVariables(feeds, data.resident)
      entries.trainAt = entry({ index: tensor([rows], 'int32') }, ({ index }) => {
        const at = (v: Variable | undefined): Tensor | undefined => v && gather(v, index)
        return asked(() =>
          trainStep({
            inputs: held.inputs.map((v) => at(v)!),
            targets: held.targets.map(at),
            weights: held.weights.map(at),
          }),
        )
      })
    }
    const evaluated = (batch: Batch): ReturnType<typeof trainStep> => {
      const { result: predictions, losses, updates } = forwardNamed({}, naming, () => model.run(batch.inputs))
      return {
        outputs: objectiveOf(settings, predictions, batch, losses, naming, trainedOnes()).outputs,
        updates: [...updates, ...meters.updates(settings, predictions, batch)],
      }
    }
    entries.evaluate = suggestExtents(
      entry(specs, (x) => asked(() => evaluated(given(x)))),
      probes,
    )
    entries.results = entry({}, () => asked(() => ({ outputs: meters.results() })))
  }
  let isStateful = false
  entries.predict = predictEntry(model, feeds, naming, (updates) => (isStateful = updates.length > 0))
  const net = compile(entries, { seed: model.seed, ...options }) as unknown as ModelProgram
  return { net, meters: meters.list, isStateful, variables: naming.variables, feeds }
}

/** The tensors of one batch. */
export interface Batch {
  readonly inputs: readonly Tensor[]
  readonly targets: readonly (Tensor | undefined)[]
  readonly weights: readonly (Tensor | undefined)[]
}

function residentVariables(names: FeedNames, { inputs, targets, weights }: Resident) {
  const hold = (columns: readonly (Column | undefined)[], own: readonly string[]): (Variable | undefined)[] =>
    columns.map(
      (c, i) =>
        c && declareVariable(`data/${own[i]!}`, [c.count, ...c.shape], c.dtype, { kind: 'data' }, () => () => c.data),
    )
  return {
    inputs: hold(inputs, names.inputs),
    targets: hold(targets, names.targets),
    weights: hold(weights, names.weights),
  }
}
