import type { CompileOptions } from '../compile/options'
import { GraphError } from '../ir/errors'
import type { PartConfig } from '../ir/part'
import { isLoss, isOwn, type Loss } from '../losses/loss'
import type { MetricId } from '../metrics/lookup'
import { MEAN } from '../metrics/mean'
import type { Settings } from './arguments'

/** What a model is trained by as plain JSON, for `compile`; what is said by output stands in the order of the outputs. */
export interface CompileConfig extends CompileOptions {
  readonly optimizer: PartConfig
  readonly loss: readonly (PartConfig | null)[]
  readonly lossWeights: readonly number[]
  readonly metrics: readonly (readonly (string | PartConfig)[])[]
  readonly weightedMetrics: readonly (readonly (string | PartConfig)[])[]
}

/** Throws for a loss or metric that is a function of the user's own, and for an optimiser with a tensor or a function in it. */
export function compileConfigOf({ optimizer, outputs, options }: Settings): CompileConfig {
  const { className, config } = optimizer
  return {
    optimizer: { className, config },
    loss: outputs.map(({ loss }) => (loss ? lossConfig(loss) : null)),
    lossWeights: outputs.map(({ weight }) => weight),
    metrics: outputs.map(({ metrics }) => metrics.map(metricConfig)),
    weightedMetrics: outputs.map(({ weightedMetrics }) => weightedMetrics.map(metricConfig)),
    ...options,
  }
}

function refuse(kind: string, name: string): never {
  throw new GraphError(
    `getCompileConfig: the ${kind} "${name}" is a function of one's own, which no config can hold; give one by name, or compile anew`,
  )
}

function lossConfig(loss: Loss): PartConfig {
  if (isOwn(loss)) refuse('loss', loss.name)
  return { className: loss.className, config: loss.config }
}

function metricConfig(id: MetricId): string | PartConfig {
  if (typeof id === 'string') return id
  if (isLoss(id)) {
    if (isOwn(id)) refuse('metric', id.name)
    return { className: MEAN, config: { name: id.name, fn: lossConfig(id) } }
  }
  if (typeof id === 'function') return refuse('metric', id.name)
  const { className, config = {} } = id
  const of = config['fn'] as { readonly className: string } | undefined
  if (className === MEAN && (of === undefined || isOwn(of))) refuse('metric', String(config['name']))
  return { className, config }
}
