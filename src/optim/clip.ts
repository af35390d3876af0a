import { GraphError } from '../ir/errors'
import type { Tensor } from '../ir/tensor'
import { negT } from '../ops/arith'
import { clipBetween, clipGlobalT, clipNormT } from '../ops/clipping'
import { castTensor } from '../ops/promote'
import type { Hyper } from './hyper'

/** Gradients are clipped before a rule sees them; at most one of these. As state scalars they can be set at any time. */
export interface ClipOptions {
  /** Each element of a gradient into [-clipValue, clipValue]. */
  readonly clipValue?: Hyper | null
  /** The gradient of each variable to at most this norm. */
  readonly clipNorm?: Hyper | null
  /** All gradients together to at most this norm. Where it is NaN or infinite, so that it shows, every gradient is NaN. */
  readonly globalClipNorm?: Hyper | null
}

const NAMES = ['clipValue', 'clipNorm', 'globalClipNorm'] as const
type Clip = (typeof NAMES)[number]

/** The option in use, if one is. */
export function clipOf(rule: string, options: ClipOptions): { readonly name: Clip; readonly value: Hyper } | undefined {
  const given = NAMES.filter((name) => (options[name] ?? undefined) !== undefined)
  if (given.length > 1)
    throw new GraphError(`${rule}: gradients are clipped in one way at a time, got ${given.join(' and ')}`)
  const [name] = given
  return name && { name, value: options[name]! }
}

/** Gradients clipped; the limit is a float64 scalar. */
export function clipGradients(name: Clip, gradients: readonly Tensor[], limit: Tensor): readonly Tensor[] {
  if (name === 'globalClipNorm') return gradients.length === 0 ? [] : clipGlobalT(gradients, limit).clipped
  return gradients.map((g) => {
    const bound = castTensor(limit, g.dtype)
    if (name === 'clipValue') return clipBetween(g, negT(bound), bound)
    return clipNormT(g, bound, g.shape.map((_, i) => i)) // prettier-ignore
  })
}
