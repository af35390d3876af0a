import { GraphError } from '../ir/errors'
import { checkFlags, checkKeys } from '../ir/names-of'
import { apply, describe, type Tensor } from '../ir/tensor'
import { currentTrace } from '../ir/trace'
import { sizeOf } from '../ir/type'
import { isVariable, type Update, type Variable } from '../ir/variable'
import { addT, mulT } from '../ops/arith'
import { normalizeAxis } from '../ops/axes'
import { batchNormOp, type NormPart } from '../ops/normalize'
import { meanT } from '../ops/reduce'
import { varianceT } from '../ops/statistics'
import { stopT } from '../ops/stop'
import { like } from '../ops/unary'
import { reshapeT } from '../ops/view'
import { asFloat, checkNumber } from './build'
import { maskedMoments, type Moments } from './masked-moments'
import { type AffineOptions, checkEpsilon, checkPart, type Same } from './normalize'

/** A running average and what it becomes: the weight of the old value and that of the new one. */
export const averaged = (old: Variable, value: Tensor, keep: number, take: number): Update => [
  old,
  addT(mulT(old, like(keep, old)), mulT(stopT(value), like(take, old))),
]

/** Remembers what an entry that uses the output must update. */
export function owe(op: string, output: Tensor, updates: readonly Update[]): void {
  if (updates.length > 0) currentTrace()?.owed.push({ op, output, updates })
}

/** Options of `batchNorm`. */
export interface BatchNormOptions<M extends Tensor, V extends Tensor> extends AffineOptions {
  /** Running mean of each channel, [channels]: a variable in training, any tensor otherwise. */
  readonly mean?: M
  /** Running variance of each channel, [channels]. */
  readonly variance?: V
  /** The axis of the channels, the last by default. */
  readonly axis?: number
  /** Added to the variance, 1e-3 by default. */
  readonly epsilon?: number
  /** How running statistics move, `keras` by default. */
  readonly rule?: 'keras' | 'pytorch'
  /** Weight of the old value by Keras's rule (0.99 by default), of the new one by PyTorch's (0.1 by default). */
  readonly momentum?: number
  /** Normalise by the statistics of the batch (the default), or by the running ones. */
  readonly training?: boolean
  /** False: running statistics are neither needed nor updated in training. */
  readonly track?: boolean
  /** bool, the first axes of x: statistics of the batch are those of the elements where it is true. */
  readonly mask?: Tensor
}
const OPTIONS: readonly (keyof BatchNormOptions<Tensor, Tensor>)[] = [
  'mean',
  'variance',
  'gamma',
  'beta',
  'axis',
  'epsilon',
  'rule',
  'momentum',
  'training',
  'track',
  'mask',
]
type Updates<T extends Tensor> = Update<Extract<T, Variable>>

/**
 * Batch normalisation: (x - mean) / sqrt(variance + epsilon) for each channel, times `gamma` and plus `beta` where given
 * ([channels], of x's dtype); x has rank 2 or more, the output its shape. In training mean and (biased) variance are those
 * of the batch over all other axes, under a mask of what it chooses, and gradients flow through both. The `updates` of the running statistics belong to the
 * output: an entry that uses it must return them. Keras's rule is new = momentum old + (1 - momentum) batch; PyTorch's is
 * new = (1 - momentum) old + momentum batch, with the unbiased variance, which a channel of a single value does not have:
 * an error. No gradient flows into the updates. Throws for a batch of no elements and for parts of another shape or dtype.
 * Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
 */
export function batchNorm<X extends Tensor, M extends Tensor = never, V extends Tensor = never>(
  x: X,
  options: BatchNormOptions<M, V>,
): { readonly output: Same<X>; readonly updates: readonly (Updates<M> | Updates<V>)[] } {
  const values = asFloat('batchNorm', x)
  checkKeys('batchNorm', options, OPTIONS)
  checkFlags('batchNorm', options, ['training', 'track'])
  const { axis = -1, epsilon = 1e-3, rule = 'keras', training = true, track = true, gamma, beta } = options
  if (values.shape.length < 2)
    throw new GraphError(`batchNorm: x must have a batch axis and a channel axis, it is ${describe(values)}`)
  if (rule !== 'keras' && rule !== 'pytorch')
    throw new GraphError(`batchNorm: rule must be 'keras' or 'pytorch', it is ${String(rule)}`)
  const { momentum = rule === 'keras' ? 0.99 : 0.1 } = options
  checkNumber('batchNorm', 'momentum', momentum, (v) => v >= 0 && v <= 1, 'a number from 0 to 1')
  checkEpsilon('batchNorm', epsilon)
  const channels = normalizeAxis('batchNorm', axis, values.shape)
  const needed = !training || track
  const running = { mean: options.mean, variance: options.variance }
  for (const [name, part] of Object.entries({ ...(needed ? running : {}), gamma, beta })) {
    const isRunning = name === 'mean' || name === 'variance'
    if (part === undefined && !isRunning) continue
    if (part === undefined)
      throw new GraphError(
        `batchNorm: the running ${name} is missing` +
          (training ? `; make a variable of it, or give { track: false } to keep no running statistics` : ''),
      )
    checkPart('batchNorm', name, part, values, [channels])
    if (isRunning && training && !isVariable(part))
      throw new GraphError(`batchNorm: in training the running ${name} must be a variable, it is ${describe(part)}`)
  }
  const masked = training && options.mask ? maskedMoments('batchNorm', values, options.mask, channels) : undefined
  const by = training ? masked : running
  const given: Readonly<Partial<Record<NormPart, Tensor | undefined>>> = {
    ...(by ? { mean: by.mean, variance: by.variance } : {}),
    gamma,
    beta,
  }
  const parts = (Object.keys(given) as NormPart[]).filter((name) => given[name] !== undefined)
  const output = apply(batchNormOp, [values, ...parts.map((name) => given[name]!)], { axis: channels, epsilon, parts })
  const updates = training ? statistics(values, channels, options as never, { rule, momentum, track }, masked) : []
  owe('batchNorm', output, updates)
  return { output, updates } as never
}

/** The updates of running statistics by a batch. */
function statistics(
  x: Tensor,
  channels: number,
  { mean, variance }: { readonly mean: Variable; readonly variance: Variable },
  { rule, momentum, track }: { readonly rule: 'keras' | 'pytorch'; readonly momentum: number; readonly track: boolean },
  masked: Moments | undefined,
): Update[] {
  const axes = x.shape.flatMap((_, i) => (i === channels ? [] : [i]))
  const count = sizeOf(axes.map((i) => x.shape[i]!))
  if (count === 0) throw new GraphError(`batchNorm: there are no statistics of no elements, x is ${describe(x)}`)
  if (!track) return []
  const correction = rule === 'pytorch' ? 1 : 0
  if (count <= correction)
    throw new GraphError(
      `batchNorm: rule 'pytorch' needs more than one value a channel for its unbiased running variance, x is ${describe(x)}; ` +
        `use a larger batch, rule 'keras' or { track: false }`,
    )
  const [keep, take] = rule === 'keras' ? [momentum, 1 - momentum] : [1 - momentum, momentum]
  if (masked)
    return [
      averaged(mean, masked.mean, keep, take),
      averaged(variance, correction === 0 ? masked.variance : masked.unbiased, keep, take),
    ]
  // With extents of 1 kept they are the very tensors of which the output is made.
  const flat = (t: Tensor): Tensor => reshapeT(t, mean.shape)
  return [
    averaged(mean, flat(meanT(x, { axes, keepDims: true })), keep, take),
    averaged(variance, flat(varianceT(x, { axes, keepDims: true, correction })), keep, take),
  ]
}
