import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { addT, mulT, subT } from './arith'
import { composite } from './composite'
import { meanT } from './reduce'
import { centred } from './statistics'
import { rsqrtOp, squareT } from './transcendental'
import { floats, like } from './unary'
import { reshapeT } from './view'

export interface NormAttrs {
  readonly axes: readonly number[]
  readonly epsilon: number
}

const rsqrtT = (x: Tensor): Tensor => apply(rsqrtOp, [x], {})
/** 1 / sqrt(variance + epsilon) */
const scaleOf = (variance: Tensor, epsilon: number): Tensor => rsqrtT(addT(variance, like(epsilon, variance)))
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
