import { makeVariable } from '../api/leaf'
import { add, cast, mul } from '../api/math'
import { reshape } from '../api/shape'
import { GraphError } from '../ir/errors'
import { toposort } from '../ir/graph'
import { describe, type Tensor } from '../ir/tensor'
import type { Update, Variable } from '../ir/variable'
import { maskOf, type Naming } from '../layers/pass'
import type { Weight } from '../layers/weight'
import { lossValue } from '../losses/reduce'
import { metricOf } from '../metrics/lookup'
import type { Metric } from '../metrics/metric'
import type { Settings } from './arguments'
import type { Batch } from './program'

/** What training minimises, and what it may change. */
export interface Objective {
  readonly loss: Tensor
  /** The loss, and where there are several outputs with one that of each, before its weight. */
  readonly outputs: Readonly<Record<string, Tensor>>
  readonly weights: {
    readonly trained: readonly Variable[]
    readonly constraints: ReadonlyMap<Variable, (w: Tensor) => Tensor>
  }
}

/** The losses of all outputs by their weights, and the penalties of weights and activities. */
export function objectiveOf(
  settings: Settings,
  predictions: readonly Tensor[],
  batch: Batch,
  penalties: readonly Tensor[],
  { variables }: Naming,
  trained: ReadonlySet<Weight>,
): Objective {
  const parts = settings.outputs.flatMap(({ name, loss, weight }, i) => {
    if (!loss) return []
    const target = batch.targets[i]
    if (!target) throw new GraphError(`model: there is no target for the output "${name}", which has a loss`)
    const prediction = predictions[i]!
    return [
      {
        name,
        weight,
        value: lossValue(loss, target, prediction, { weight: batch.weights[i], mask: maskOf(prediction) }),
      },
    ]
  })
  const used = [...trained].flatMap((w) => {
    const variable = variables.get(w)
    return variable ? [{ w, variable }] : []
  })
  const regular = used.flatMap(({ w, variable }) => (w.options.regularizer ? [w.options.regularizer(variable)] : []))
  const terms = [
    ...parts.map(({ weight, value }) => (weight === 1 ? value : mul(value, weight))),
    ...regular,
    ...penalties,
  ]
  const loss = terms.reduce((sum, term) => add(sum, term))
  // An output without a loss, and what lies behind `stopGradient`, trains nothing: such weights stay, as in Keras.
  const reached = new Set(toposort([loss], { has: (t) => t.op.name === 'stopGradient' }))
  const free = used.map(({ variable }) => variable).filter((v) => reached.has(v))
  if (free.length === 0 && used.length > 0)
    throw new GraphError(`model: the loss ${describe(loss)} depends on no weight that is trained`)
  return {
    loss,
    outputs: {
      loss,
      ...(parts.length > 1 ? Object.fromEntries(parts.map(({ name, value }) => [`${name}_loss`, value])) : {}),
    },
    weights: {
      trained: free,
      constraints: new Map(
        used.flatMap(({ w, variable }) => (w.options.constraint ? [[variable, w.options.constraint] as const] : [])),
      ),
    },
  }
}

/** Under which losses are reported. */
const lossNames = ({ outputs }: Settings): string[] => {
  const own = outputs.filter(({ loss }) => loss !== undefined)
  return ['loss', ...(own.length > 1 ? own.map(({ name }) => `${name}_loss`) : [])]
}

/** A metric and where it keeps its state. */
export interface Meter {
  /** Under which it is reported. */
  readonly name: string
  readonly metric: Metric
  readonly states: Readonly<Record<string, Variable>>
  /** First value of each state. */
  readonly first: Readonly<Record<string, number>>
}

/** The metrics of a model, made by the first entry that is traced. */
export class Meters {
  private readonly made = new Map<string, Meter>()

  get list(): readonly Meter[] {
    return [...this.made.values()]
  }

  /** Their states after a batch. */
  updates(settings: Settings, predictions: readonly Tensor[], batch: Batch): Update[] {
    const seen = new Map<string, number>()
    return settings.outputs.flatMap(({ name: output, loss, metrics, weightedMetrics }, i) => {
      const target = batch.targets[i]
      const prediction = predictions[i]!
      const ids = [...metrics.map((id) => [id, false] as const), ...weightedMetrics.map((id) => [id, true] as const)]
      return ids.flatMap(([id, isWeighted]) => {
        if (!target) throw new GraphError(`model: there is no target for the output "${output}", which has metrics`)
        const metric = metricOf(id, { target, prediction, ...(loss ? { loss } : {}) })
        const named = (own: string): string => (settings.outputs.length === 1 ? own : `${output}_${own}`)
        // As in Keras: one that counts weights is told apart from one of the same name that does not.
        const isSecond = isWeighted && seen.has(named(metric.name))
        const base = named(isSecond ? `weighted_${metric.name}` : metric.name)
        const count = seen.get(base) ?? 0
        seen.set(base, count + 1)
        const name = count === 0 ? base : `${base}_${count}`
        if (lossNames(settings).includes(name))
          throw new GraphError(`model: a metric is called "${name}", as a loss is; give it another name`)
        const { states } = this.meter(name, metric, target, prediction)
        const next = metric.update(
          states,
          target,
          prediction,
          weightOf(prediction, isWeighted ? batch.weights[i] : undefined),
        )
        return Object.entries(states).map(([key, v]): Update => [v, next[key]!])
      })
    })
  }

  /** What they say, by name. */
  results(): Record<string, Tensor> {
    return Object.fromEntries(this.list.map(({ name, metric, states }) => [name, metric.result(states)]))
  }

  private meter(name: string, metric: Metric, target: Tensor, prediction: Tensor): Meter {
    const specs = metric.states(target, prediction)
    const states = Object.fromEntries(
      specs.map((s) => [
        s.name,
        makeVariable(`metrics/${name}/${s.name}`, s.shape, s.dtype, s.first ?? 0, { kind: 'untrained' }),
      ]),
    )
    const first = Object.fromEntries(specs.map((s) => [s.name, s.first ?? 0]))
    const known = this.made.get(name) ?? { name, metric, states, first }
    this.made.set(name, known)
    return { ...known, metric, states }
  }
}

/** What does not count has the weight 0. */
function weightOf(prediction: Tensor, weight: Tensor | undefined): Tensor | undefined {
  const mask = maskOf(prediction)
  if (!mask) return weight
  const counts = cast(mask, 'float32')
  if (!weight) return counts
  const own =
    weight.shape.length > counts.shape.length && weight.shape.at(-1) === 1 ? weight.shape.slice(0, -1) : weight.shape
  const missing = counts.shape.slice(own.length).map(() => 1)
  return mul(counts, reshape(weight, [...own, ...missing]))
}
