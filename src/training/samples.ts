import { FeedError, GraphError } from '../ir/errors'
import { type DType, sizeOf } from '../ir/type'
import { type OpenShape, showOpen, type Symbolic } from '../layers/symbolic'
import { OWN_CLASS } from '../losses/own-function'
import { type Column, columnOf, type Samples, sliced } from './columns'
import type { Settings } from './arguments'
import type { FeedNames, TargetPlan } from './program'
import type { Trainable } from './trainable'

/** Data of a model with one input, of several in their order, or by name. */
export type SamplesOf = Samples | readonly Samples[] | Readonly<Record<string, Samples>>

/** Everything that an epoch goes through, one column for each input and output. */
export interface SampleSet {
  readonly count: number
  readonly inputs: readonly Column[]
  readonly targets: readonly (Column | undefined)[]
  readonly weights: readonly (Column | undefined)[]
}

/** How much samples count. */
export interface WeightArguments {
  /** One number a sample, or one for each value of the loss; for several outputs by their order or names. */
  readonly sampleWeight?: SamplesOf | undefined
  /** How much samples of each class count, 1 where nothing is said. */
  readonly classWeight?: Readonly<Record<number, number>> | undefined
}

/** Columns of inputs. Throws a FeedError where an input is missing, unknown or of another shape. */
export function inputColumns(model: Trainable, x: SamplesOf): Column[] {
  const parts = separate('input', x, model.inputNames)
  const columns = model.inputs.map((spec, i) => {
    const name = model.inputNames[i]!
    return columnOf(`input "${name}"`, parts[i], spec.dtype, spec.shape.slice(1))
  })
  checkCounts(columns.map((c, i) => [`input "${model.inputNames[i]!}"`, c]))
  return columns
}

/** The same as a set that has nothing else. */
export function inputSet(model: Trainable, x: SamplesOf): SampleSet {
  const inputs = inputColumns(model, x)
  return { count: inputs[0]!.count, inputs, targets: [], weights: [] }
}

/** All columns of data with targets. */
export function sampleSet(
  model: Trainable,
  settings: Settings,
  x: SamplesOf,
  y: SamplesOf | undefined,
  given: WeightArguments = {},
): SampleSet {
  const inputs = inputColumns(model, x)
  const needed = settings.outputs.filter((o) => o.loss !== undefined || o.metrics.length + o.weightedMetrics.length > 0)
  if ((y === undefined || y === null) && needed.length > 0)
    throw new FeedError(`there are no targets for ${needed.map((o) => `"${o.name}"`).join(', ')}`)
  const only = needed.length === 1 && model.outputNames.length > 1 && (ArrayBuffer.isView(y) || isNested(y))
  const parts = only
    ? model.outputNames.map((name) => (name === needed[0]!.name ? y : undefined))
    : separate('output', y ?? [], model.outputNames, new Set(needed.map((o) => o.name)))
  const targets = model.outputs.map((prediction, i) => {
    const { name, loss } = settings.outputs[i]!
    if (parts[i] === undefined) return undefined
    const dtype = targetDtype(loss?.className, prediction.dtype, parts[i])
    return columnOf(`target "${name}"`, parts[i], dtype, flatShape(parts[i], inputs[0]?.count ?? 0, prediction.shape))
  })
  if (given.sampleWeight !== undefined && given.classWeight !== undefined)
    throw new GraphError('give either sampleWeight or classWeight, not both')
  const weights = given.classWeight
    ? targets.map((t, i) => {
        const { name, loss } = settings.outputs[i]!
        const isSparse = loss?.className.startsWith('Sparse') === true
        return t && classWeights(name, { count: targets.length, isSparse }, t, given.classWeight!)
      })
    : sampleWeights(model, targets, given.sampleWeight)
  const all: [string, Column | undefined][] = [
    ...inputs.map((c, i): [string, Column] => [`input "${model.inputNames[i]!}"`, c]),
    ...targets.map((c, i): [string, Column | undefined] => [`target "${model.outputNames[i]!}"`, c]),
    ...weights.map((c, i): [string, Column | undefined] => [`weight of "${model.outputNames[i]!}"`, c]),
  ]
  return { count: checkCounts(all), inputs, targets, weights }
}

/** The columns that there are, by the names under which entries take them. */
export const namedColumns = (
  { inputs, targets, weights }: Pick<SampleSet, 'inputs' | 'targets' | 'weights'>,
  names: FeedNames,
): (readonly [name: string, column: Column])[] =>
  (
    [
      [inputs, names.inputs],
      [targets, names.targets],
      [weights, names.weights],
    ] as const
  ).flatMap(([columns, own]) => columns.flatMap((c?: Column, i = 0) => (c ? [[own[i]!, c] as const] : [])))

/** What a program of such outputs must be made for to take such data. */
export const targetPlans = (
  { targets, weights }: SampleSet,
  outputs: readonly Pick<Symbolic, 'shape'>[],
): (TargetPlan | undefined)[] =>
  targets.map((t, i) => {
    const open = (shape: readonly number[]): OpenShape =>
      shape.map((d, k) => (outputs[i]!.shape[k + 1] === null ? null : d))
    const weight = weights[i]?.shape
    return t && { shape: open(t.shape), dtype: t.dtype, weight: weight && open(weight) }
  })

/** The samples from one place to another, without copying. */
export const slicedSet = (set: SampleSet, from: number, to: number): SampleSet => {
  const cut = <C extends Column | undefined>(c: C): C => (c && sliced(c, from, to)) as C
  return { count: to - from, inputs: set.inputs.map(cut), targets: set.targets.map(cut), weights: set.weights.map(cut) }
}

const isRecord = (x: unknown): x is Readonly<Record<string, unknown>> => {
  if (typeof x !== 'object' || x === null) return false
  const prototype: unknown = Object.getPrototypeOf(x)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
const isNested = (x: unknown): boolean => Array.isArray(x) && !x.some((part) => ArrayBuffer.isView(part))

function separate(kind: string, value: unknown, names: readonly string[], needed = new Set(names)): readonly unknown[] {
  const isList = Array.isArray(value)
  if (isRecord(value)) {
    for (const name of Object.keys(value))
      if (!names.includes(name)) throw new FeedError(`there is no ${kind} "${name}"; there are ${names.join(', ')}`)
    const record = value
    for (const name of needed)
      if (record[name] === undefined || record[name] === null) throw new FeedError(`the ${kind} "${name}" is missing`)
    return names.map((name) => record[name])
  }
  if (names.length === 1) {
    // One array for one input may stand in a list, as it does for several.
    const inList = isList && value.length === 1 && ArrayBuffer.isView(value[0])
    return [inList ? (value as unknown[])[0] : value]
  }
  if (isList && value.length === names.length) return value as unknown[]
  throw new FeedError(
    `there are ${names.length} ${kind}s (${names.join(', ')}): give a list of so many arrays, or a record by name`,
  )
}

function targetDtype(loss: string | undefined, prediction: DType, value: unknown): DType {
  if (loss?.startsWith('Sparse') || loss === 'CTC') return 'int32'
  const isOwn = loss === undefined || loss === OWN_CLASS
  return isOwn && value instanceof Int32Array ? 'int32' : prediction
}

/** The shape of a sample in a typed array that does not say it: that of the prediction, where there are so many values. */
function flatShape(value: unknown, count: number, prediction: OpenShape): OpenShape | undefined {
  if (!ArrayBuffer.isView(value) || 'shape' in value || count === 0) return undefined
  const size = (value as unknown as ArrayLike<number>).length / count
  const own = prediction.slice(1)
  if (own.every((d) => d !== null) && sizeOf(own) === size) return own
  return size === 1 ? [] : [Math.max(1, Math.floor(size))]
}

function sampleWeights(
  model: Trainable,
  targets: readonly (Column | undefined)[],
  value: SamplesOf | undefined,
): (Column | undefined)[] {
  if (value === undefined) return targets.map(() => undefined)
  const isList = Array.isArray(value) && value.length === targets.length && targets.length > 1
  const isOne = ArrayBuffer.isView(value) || (isNested(value) && !(isList && value.every(Array.isArray)))
  const parts = isOne ? targets.map(() => value) : separate('output', value, model.outputNames, new Set())
  return targets.map((t, i) =>
    t && parts[i] !== undefined ? columnOf(`weight of "${model.outputNames[i]!}"`, parts[i], 'float32') : undefined,
  )
}

/** The class of a sample is its label, or the place of the largest of its values. As in Keras for one output only. */
function classWeights(
  name: string,
  { count: outputs, isSparse }: { readonly count: number; readonly isSparse: boolean },
  target: Column,
  weights: Readonly<Record<number, number>>,
): Column {
  if (typeof weights !== 'object')
    throw new GraphError(`classWeight must be a record by class, it is ${typeof weights}`)
  if (outputs > 1)
    throw new GraphError(`classWeight is for models with one output, this has ${outputs}; give sampleWeight`)
  if (target.shape.length > 1 || (isSparse && target.size > 1))
    throw new GraphError(
      `classWeight needs one label a sample, or one value for each class; the target "${name}" has samples of shape ${showOpen(target.shape)}. Give sampleWeight`,
    )
  for (const [label, weight] of Object.entries(weights)) {
    if (!/^\d+$/.test(label))
      throw new GraphError(`classWeight has "${label}", which is no class; classes are numbers from 0`)
    if (!Number.isFinite(weight) || weight < 0)
      throw new GraphError(
        `the weight of class ${label} of "${name}" must be a finite number from 0, it is ${JSON.stringify(weight)}`,
      )
  }
  const data = new Float32Array(target.count)
  for (let i = 0; i < target.count; i++) {
    let label = target.data[i * target.size]!
    if (target.size > 1) {
      let best = 0
      for (let k = 1; k < target.size; k++)
        if (target.data[i * target.size + k]! > target.data[i * target.size + best]!) best = k
      label = best
    }
    if (!Number.isInteger(label))
      throw new FeedError(
        `classWeight needs labels that are whole numbers; sample ${i} of the target "${name}" is ${label}`,
      )
    data[i] = weights[label] ?? 1
  }
  return { data, dtype: 'float32', count: target.count, shape: [], size: 1 }
}

function checkCounts(columns: readonly (readonly [string, Column | undefined])[]): number {
  const [first, ...rest] = columns.filter((c): c is [string, Column] => c[1] !== undefined)
  if (!first) throw new FeedError('there are no inputs')
  for (const [name, c] of rest)
    if (c.count !== first[1].count)
      throw new FeedError(`${first[0]} has ${first[1].count} samples and ${name} ${c.count}`)
  return first[1].count
}
