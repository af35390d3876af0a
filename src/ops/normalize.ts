import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { leastNormal } from '../ir/type'
import { addT, divT, mulT, powConstant, subT } from './arith'
import { composite } from './composite'
import { padT, partT } from './pieces'
import { meanT } from './reduce'
import { isZero, whereT } from './select'
import { centred, normT } from './statistics'
import { rsqrtOp, squareT } from './transcendental'
import { floats, like } from './unary'
import { reshapeT } from './view'

export interface NormAttrs {
  readonly axes: readonly number[]
  readonly epsilon: number
}

const rsqrtT = (x: Tensor): Tensor => apply(rsqrtOp, [x], {})
/** 1 / sqrt(variance + epsilon); an epsilon above 0 is so in the dtype, too. */
function scaleOf(variance: Tensor, epsilon: number): Tensor {
  const least = epsilon > 0 ? Math.max(epsilon, leastNormal(variance.dtype)) : epsilon
  return rsqrtT(addT(variance, like(least, variance)))
}
/** One over the standard deviation of what is already centred. */
function spreadOf(d: Tensor, { axes, epsilon }: NormAttrs): Tensor {
  return scaleOf(meanT(squareT(d), { axes, keepDims: true }), epsilon)
}

/**
 * (x - mean) / sqrt(variance + epsilon) over axes, the core of every norm that centres. From the output the gradient needs
 * two sums and no third for the mean inside the variance. Source: Ba et al. 2016, arXiv:1607.06450.
 */
export const layerNormOp: Op<'layerNorm', NormAttrs> = {
  name: 'layerNorm',
  kind: 'composite',
  infer: ([x]) => ({ dtype: floats([x!]), shape: x!.shape }),
  vjp: ({ inputs: [x], output: y, cotangent: g, attrs }) => {
    const average = (t: Tensor): Tensor => meanT(t, { axes: attrs.axes, keepDims: true })
    const along = mulT(y, average(mulT(g, y)))
    return [mulT(spreadOf(centred(x!, attrs.axes), attrs), subT(subT(g, average(g)), along))]
  },
  expand: ([x], attrs) => {
    const d = centred(x!, attrs.axes)
    return mulT(d, spreadOf(d, attrs))
  },
}
export const layerNormT = (x: Tensor, axes: readonly number[], epsilon: number): Tensor =>
  apply(layerNormOp, [x], { axes, epsilon })

/** x gamma + beta, as far as they are given. */
export function affineT(x: Tensor, gamma?: Tensor, beta?: Tensor): Tensor {
  const scaled = gamma ? mulT(x, gamma) : x
  return beta ? addT(scaled, beta) : scaled
}

/** A tensor over some axes of x, with extents of 1 for the others, so that it broadcasts to x. */
export const alongAxes = (t: Tensor, shape: readonly number[], axes: readonly number[]): Tensor =>
  reshapeT(
    t,
    shape.map((d, i) => (axes.includes(i) ? d : 1)),
  )

/** What the operands after the first are. */
export type NormPart = 'mean' | 'variance' | 'gamma' | 'beta'
interface PartAttrs {
  readonly epsilon: number
  readonly parts: readonly NormPart[]
}
const partOf = (inputs: readonly Tensor[], parts: readonly NormPart[], name: NormPart): Tensor | undefined =>
  inputs[parts.indexOf(name) + 1 || inputs.length]

export interface BatchNormAttrs extends PartAttrs {
  /** The axis of the channels. */
  readonly axis: number
}

/**
 * Each channel less its mean and by its standard deviation, over all other axes or as given, then scaled and moved.
 * Source: Ioffe and Szegedy 2015, arXiv:1502.03167.
 */
export const batchNormOp = composite<'batchNorm', BatchNormAttrs>('batchNorm', {
  expand: (inputs, { axis, epsilon, parts }) => {
    const x = inputs[0]!
    const part = (name: NormPart): Tensor | undefined => {
      const found = partOf(inputs, parts, name)
      return found && alongAxes(found, x.shape, [axis])
    }
    const [mean, variance] = [part('mean'), part('variance')]
    const others = x.shape.flatMap((_, i) => (i === axis ? [] : [i]))
    const normal = mean && variance ? mulT(subT(x, mean), scaleOf(variance, epsilon)) : layerNormT(x, others, epsilon)
    return affineT(normal, part('gamma'), part('beta'))
  },
})

export interface GroupNormAttrs extends PartAttrs {
  readonly axis: number
  readonly groups: number
}

/**
 * Equal groups of neighbouring channels to mean 0 and variance 1, each element of the batch alone. Scaled while the groups
 * are still apart: putting them together again then moves nothing.
 */
export const groupNormOp = composite<'groupNorm', GroupNormAttrs>('groupNorm', {
  expand: (inputs, { axis, groups, epsilon, parts }) => {
    const x = inputs[0]!
    const each = x.shape[axis]! / groups
    const apart = [...x.shape.slice(0, axis), groups, each, ...x.shape.slice(axis + 1)]
    const part = (name: NormPart): Tensor | undefined => {
      const found = partOf(inputs, parts, name)
      return found && alongAxes(found, apart, [axis, axis + 1])
    }
    const inner = apart.flatMap((_, i) => (i === 0 || i === axis ? [] : [i]))
    const normal = layerNormT(reshapeT(x, apart), inner, epsilon)
    return reshapeT(affineT(normal, part('gamma'), part('beta')), x.shape)
  },
})

/** x / sqrt(mean(x²) + epsilon) over axes. */
export const rmsNormOp = composite<'rmsNorm', NormAttrs>('rmsNorm', {
  expand: ([x], attrs) => mulT(x!, spreadOf(x!, attrs)),
})

export interface ResponseAttrs {
  readonly axis: number
  readonly depthRadius: number
  readonly bias: number
  readonly alpha: number
  readonly beta: number
}

/** x (bias + alpha s)^-beta, s the sum of squares over neighbouring channels. */
export const localResponseNormOp = composite<'localResponseNorm', ResponseAttrs>('localResponseNorm', {
  expand: ([x], { axis, depthRadius, bias, alpha, beta }) => {
    const extent = x!.shape[axis]!
    const radius = Math.max(0, Math.min(depthRadius, extent - 1))
    const border = x!.shape.map((_, i) => (i === axis ? radius : 0))
    const squares = padT(squareT(x!), border, border, 0)
    const total = Array.from({ length: 2 * radius + 1 }, (_, k) => partT(squares, axis, k, extent)).reduce(addT)
    const base = addT(mulT(total, like(alpha, total)), like(bias, total))
    return mulT(x!, powConstant(base, -beta))
  },
})

/** g v / |v|, the length taken over all axes but one; a v of zeros gives zeros, with gradient 0. */
export const weightNormOp = composite<'weightNorm', { readonly axis: number }>('weightNorm', {
  expand: ([v, g], { axis }) => {
    const others = v!.shape.flatMap((_, i) => (i === axis ? [] : [i]))
    const length = normT(v!, { axes: others, keepDims: true })
    const isNothing = isZero(length)
    const unit = divT(v!, whereT(isNothing, like(1, length), length))
    return mulT(whereT(isNothing, like(0, unit), unit), alongAxes(g!, v!.shape, [axis]))
  },
})
