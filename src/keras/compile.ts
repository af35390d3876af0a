import { GraphError } from '../ir/errors'
import { lossOf } from '../losses/lookup'
import type { AnyModel } from '../models/model'
import { optimizerOf } from '../optim/optimizers'
import { camel } from './keys'
import type { Json, Part } from './part'
import type { Reading } from './reading'

/** Options of optimisers that have another name here. */
const RENAMED: Readonly<Record<string, string>> = {
  ...{ clipnorm: 'clipNorm', clipvalue: 'clipValue', global_clipnorm: 'globalClipNorm', lr: 'learningRate' },
}
/** What says nothing about the steps. */
const SILENT = ['name', 'is_legacy_optimizer', 'jit_compile', 'loss_scale_factor', 'dtype']
/** What says nothing about what is trained. */
const OF_RUNS = ['run_eagerly', 'steps_per_execution', 'jit_compile', 'auto_scale_loss', 'sample_weight_mode']

/** Compiles a model as a file says it was. What does not exist here is noted, and the model then is not compiled. */
export function compileFromKeras(model: AnyModel, config: Part, reading: Reading): void {
  if (config.isNothing) return
  const optimizer = config.get('optimizer_config').isNothing ? config.get('optimizer') : config.get('optimizer_config')
  try {
    const given: Record<string, unknown> = {
      optimizer: optimizerId(optimizer, reading),
      loss: each(config.get('loss'), lossId),
      lossWeights: config.get('loss_weights').value,
      metrics: each(config.get('metrics'), metricId),
      weightedMetrics: each(config.get('weighted_metrics'), metricId),
    }
    const known = Object.entries(given).filter(([, value]) => value !== undefined && value !== null)
    model.compile(Object.fromEntries(known))
  } catch (error) {
    if (!(error instanceof GraphError)) throw error
    reading.notes.push({ at: config.at, key: 'compile', value: config.value, why: error.message })
    return
  }
  const taken = ['optimizer', 'optimizer_config', 'loss', 'loss_weights', 'metrics', 'weighted_metrics', ...OF_RUNS]
  for (const [key, { value }] of config.entries())
    if (!taken.includes(key) && value !== null)
      reading.notes.push({ at: config.at, key, value, why: 'it says nothing that is known here' })
}

function optimizerId(part: Part, reading: Reading): unknown {
  if (part.isNothing || typeof part.value === 'string') return part.value ?? undefined
  const written = part.get('class_name').string()
  const className = written === 'Momentum' ? 'SGD' : written
  const known = Object.keys(optimizerOf({ className, config: {} }).config)
  const options: [string, unknown][] = []
  for (const [key, { value, isObject }] of part.get('config').maybe((p) => p.entries()) ?? []) {
    const own = RENAMED[key] ?? camel(key)
    if (known.includes(own) && key !== 'name') options.push([own, isObject ? classAndConfig(value as Json) : value])
    else if (!SILENT.includes(key) && value !== null && value !== 0 && value !== false)
      reading.notes.push({ at: 'optimizer', key, value, why: 'there is no such option here' })
  }
  return { className, config: Object.fromEntries(options) }
}

/** Classes and their configs as ours; a function is its name. */
function classAndConfig(value: Json): unknown {
  const { class_name: className, config } = value
  if (typeof config === 'string') return config
  if (typeof className !== 'string') return value
  const given = Object.entries((config ?? {}) as Json).filter(
    ([key, v]) => !(key === 'dtype' || key === 'fn' || v === null),
  )
  return {
    className,
    config: Object.fromEntries(
      given.map(([key, v]) => [camel(key), typeof v === 'string' && key !== 'name' ? camel(v) : v]),
    ),
  }
}

/** One for all, or some for each output by place or name. */
function each(part: Part, read: (part: Part) => unknown): unknown {
  if (part.isNothing) return undefined
  if (part.isList) return part.list().map((inner) => each(inner, read) ?? null)
  if (!part.isObject || typeof part.get('class_name').value === 'string') return read(part)
  return Object.fromEntries(part.entries().map(([key, inner]) => [key, each(inner, read)]))
}

function lossId(part: Part): unknown {
  if (typeof part.value === 'string') return part.value
  const id = classAndConfig(part.json())
  if (typeof id === 'string') return id
  const { className, config } = id as { readonly className: string; readonly config: Json }
  // Keras 2 leaves open how values are reduced where that is the default.
  const { reduction, ...rest } = config
  return lossOf({ className, config: reduction === undefined || reduction === 'auto' ? rest : config })
}

function metricId(part: Part): unknown {
  if (typeof part.value === 'string') return part.value
  const json = part.json()
  const { fn } = (json['config'] ?? {}) as Json
  // A function of values, under the name that it has in logs.
  if (json['class_name'] === 'MeanMetricWrapper' && typeof fn === 'string') return fn
  return classAndConfig(json)
}
