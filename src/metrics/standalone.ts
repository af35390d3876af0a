import { entry, tensor } from '../api/entry'
import { fill, type Nested, variable } from '../api/leaf'
import type { Spec, State } from '../api/types'
import type { CompileOptions } from '../compile/options'
import { compile } from '../compile/program'
import { FeedError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { type Data, type DType, dtypeOf, newData, showShape, sizeOf } from '../ir/type'
import type { Variable } from '../ir/variable'
import { flattenNested } from '../ops/leaf'
import type { Metric } from './metric'

/** Numbers, nested arrays, or a typed array, row-major where it has a shape and a vector where it has none. */
export type Measured = Nested | (Data & { readonly shape?: readonly number[] })

/** A metric that keeps its own state, outside any graph. */
export interface StandaloneMetric {
  /** Takes in a batch, of any size; one weight a sample, or more. Metrics of values alone (`mean`) read no target. */
  update(target: Measured | undefined, prediction: Measured, weight?: Measured): void
  /** The result over all batches since the last reset. */
  result(): number | number[]
  /** Forgets all batches. */
  reset(): void
}

interface Given {
  readonly shape: readonly number[]
  readonly dtype: DType
  readonly data: Data
}
/** A program for batches of one form: all extents but that of the batch. */
interface Compiled {
  readonly update: (feeds: never) => unknown
  readonly result: (feeds: never) => { readonly result: number | Data }
  readonly state: State
}

/**
 * A metric to be fed with numbers. Typed arrays keep their dtype; nested arrays take that of a prediction that is one, else they
 * are float64. Compiled at the first batch, and again where the shapes of samples, dtypes or the rank of weights change; the
 * state goes on, as long as the metric can keep it.
 *
 *     const score = standalone(f1Score({ average: 'macro' }))
 *     score.update([[1, 0], [0, 1]], [[0.9, 0.1], [0.6, 0.4]])
 *     score.result()
 */
export function standalone(metric: Metric, options: CompileOptions = {}): StandaloneMetric {
  const programs = new Map<string, Compiled>()
  let current: Compiled | undefined
  // What is reset has nothing to carry over.
  let isFresh = true
  const programFor = (given: Readonly<Record<string, Given>>): Compiled => {
    const form = JSON.stringify(Object.entries(given).map(([name, { shape, dtype }]) => [name, dtype, shape.slice(1)]))
    const found = programs.get(form) ?? compiled(metric, given, options)
    programs.set(form, found)
    if (current && current !== found && !isFresh) move(metric, current.state, found.state)
    return found
  }
  return {
    update: (target, prediction, weight) => {
      const p = givenOf('prediction', prediction, 'float64')
      const dtype = p.dtype === 'float32' ? 'float32' : 'float64'
      const all = {
        prediction: p,
        ...(target === undefined ? {} : { target: givenOf('target', target, dtype) }),
        ...(weight === undefined ? {} : { weight: givenOf('weight', weight, 'float64') }),
      }
      for (const [name, { shape }] of Object.entries(all))
        if (shape[0] !== p.shape[0] || shape.length === 0)
          throw new FeedError(
            `${metric.className}: ${name} ${showShape(shape)} and prediction ${showShape(p.shape)} must have as many samples`,
          )
      const program = programFor(all)
      program.update(Object.fromEntries(Object.entries(all).map(([name, { data }]) => [name, data])) as never)
      current = program
      isFresh = false
    },
    result: () => {
      if (!current) throw new FeedError(`${metric.className}: there is no result before the first batch`)
      const { result } = current.result({} as never)
      return typeof result === 'number' ? result : Array.from(result)
    },
    reset: () => {
      for (const { state } of programs.values()) state.reset()
      isFresh = true
    },
  }
}

function compiled(metric: Metric, given: Readonly<Record<string, Given>>, options: CompileOptions): Compiled {
  const { prediction, target = prediction } = given as Readonly<Record<'prediction' | 'target', Given>>
  const like = ({ shape, dtype }: Given): Tensor => fill(shape, 0, { dtype })
  const variables = metric
    .states(like(target), like(prediction))
    .map(({ name, shape, dtype, first = 0 }) => [name, variable(name, shape, filledWith(first, shape, dtype), { dtype, trainable: false })] as const) // prettier-ignore
  const states = Object.fromEntries(variables)
  const specs = Object.fromEntries(
    Object.entries(given).map(([name, { shape, dtype }]) => [name, tensor(['B', ...shape.slice(1)], dtype)]),
  )
  return compile(
    {
      update: entry(specs as Record<string, Spec>, (inputs) => {
        const { prediction, target = prediction, weight } = inputs as Readonly<Record<string, Tensor>>
        const next = metric.update(states, target!, prediction!, weight)
        return { outputs: {}, updates: variables.map(([name, v]) => [v as Variable, next[name]!] as const) }
      }),
      result: entry({}, () => ({ outputs: { result: metric.result(states) } })),
    },
    options,
  )
}

const filledWith = (value: number, shape: readonly number[], dtype: DType): Data =>
  newData(dtype, sizeOf(shape)).fill(value)

function move(metric: Metric, from: State, to: State): void {
  for (const name of from.names) {
    const value = from.get(name)
    const there = to.get(name)
    const [had, has] = [value, there].map((v) => (typeof v === 'number' ? [] : v.shape))
    if (showShape(had!) !== showShape(has!))
      throw new FeedError(
        `${metric.className}: a batch of this shape needs "${name}" ${showShape(has!)}, but it is ${showShape(had!)}; reset the metric first`,
      )
    to.set(name, value as never)
  }
}

function givenOf(what: string, value: Measured, dtype: DType): Given {
  if (ArrayBuffer.isView(value)) {
    const data = value
    return { data, shape: data.shape ?? [data.length], dtype: dtypeOf(data) }
  }
  const { shape, values } = flattenNested(what, value)
  const data = newData(dtype, values.length)
  data.set(values)
  return { data, shape, dtype }
}
