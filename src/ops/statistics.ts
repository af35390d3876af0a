import { reduction } from '../ir/formula'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { leastNormal, sizeOf } from '../ir/type'
import { addT, divT, mulT, subT } from './arith'
import { keptShape, type ReduceAttrs, reducedShape } from './axes'
import { sumT } from './broadcast'
import { composite } from './composite'
import { castTensor, toFloat } from './promote'
import { maxT, meanT, refuseEmpty } from './reduce'
import { equalOp, isZero, lessEqualOp, notEqualOp, whereT } from './select'
import { stopT } from './stop'
import { isFiniteOp } from './logic'
import { rsqrtOp, squareT } from './transcendental'
import { expT, floats, like, logOp, sqrtT } from './unary'
import { reshapeT } from './view'

/** log(sum(exp(x))) over axes from shifted exponents; of -Infinity alone it is -Infinity, with gradient 0. */
export const logSumExpOp: Op<'logSumExp', ReduceAttrs> = {
  name: 'logSumExp',
  kind: 'composite',
  infer: ([x], attrs) => {
    refuseEmpty(x!.shape, attrs.axes)
    return { dtype: floats([x!]), shape: reducedShape(x!, attrs) }
  },
  vjp: ({ inputs: [x], output, cotangent, attrs: { axes } }) => {
    const kept = keptShape(x!.shape, axes)
    const y = reshapeT(output, kept)
    const isNothing = apply(equalOp, [y, like(-Infinity, y)], {})
    return [mulT(reshapeT(cotangent, kept), expT(subT(x!, whereT(isNothing, like(0, y), y))))]
  },
  expand: ([x], { axes, keepDims }) => {
    const largest = stopT(maxT(x!, { axes, keepDims: true }))
    const shift = whereT(apply(isFiniteOp, [largest], {}), largest, like(0, x!))
    const total = sumT(expT(subT(x!, shift)), { axes, keepDims: true })
    const y = addT(apply(logOp, [total], {}), shift)
    return keepDims ? y : reshapeT(y, reducedShape(x!, { axes, keepDims }))
  },
  formula: reduction('logSumExp'),
}

export interface VarianceAttrs extends ReduceAttrs {
  /** What is taken from the number of elements in the divisor. */
  readonly correction: number
}

/** x less its mean over axes. */
export const centred = (x: Tensor, axes: readonly number[]): Tensor => subT(x, meanT(x, { axes, keepDims: true }))
/** The divisor; without elements there is nothing to correct. */
function countOf(x: Tensor, { axes, correction }: VarianceAttrs): number {
  const size = sizeOf(axes.map((i) => x.shape[i]!))
  return size === 0 ? 0 : size - correction
}

/** Mean of squared distances from the mean, in two passes. */
export const varianceOp = composite<'variance', VarianceAttrs>('variance', {
  expand: ([x], attrs) => {
    const d = toFloat(x!)
    const total = sumT(squareT(centred(d, attrs.axes)), { axes: attrs.axes, keepDims: attrs.keepDims })
    return divT(total, like(countOf(d, attrs), total))
  },
  formula: reduction('variance'),
})
export const varianceT = (x: Tensor, attrs: VarianceAttrs): Tensor => apply(varianceOp, [x], attrs)

/** Square root of the variance; its gradient where all elements are equal is 0. */
export const stdOp: Op<'std', VarianceAttrs> = {
  name: 'std',
  kind: 'composite',
  infer: ([x], attrs) => ({ dtype: floats([x!]), shape: reducedShape(x!, attrs) }),
  vjp: ({ inputs: [x], output, cotangent, attrs }) => {
    const kept = keptShape(x!.shape, attrs.axes)
    const y = reshapeT(output, kept)
    const d = centred(x!, attrs.axes)
    const share = divT(reshapeT(cotangent, kept), mulT(y, like(countOf(x!, attrs), y)))
    return [mulT(whereT(isZero(y), like(0, y), share), d)]
  },
  expand: ([x], attrs) => sqrtT(varianceT(x!, attrs)),
  formula: reduction('std'),
}

/** Euclidean length over axes; its gradient at the origin is 0. */
export const normOp: Op<'norm', ReduceAttrs> = {
  name: 'norm',
  kind: 'composite',
  infer: ([x], attrs) => ({ dtype: floats([x!]), shape: reducedShape(x!, attrs) }),
  vjp: ({ inputs: [x], output, cotangent, attrs: { axes } }) => {
    const kept = keptShape(x!.shape, axes)
    const y = reshapeT(output, kept)
    return [mulT(whereT(isZero(y), like(0, y), divT(reshapeT(cotangent, kept), y)), x!)]
  },
  expand: ([x], attrs) => sqrtT(sumT(squareT(x!), attrs)),
  formula: reduction('norm'),
}
export const normT = (x: Tensor, attrs: ReduceAttrs): Tensor => apply(normOp, [x], attrs)

/** How many elements differ from 0, as int32. */
export const countNonZeroOp: Op<'countNonZero', ReduceAttrs> = {
  name: 'countNonZero',
  kind: 'composite',
  infer: ([x], attrs) => ({ dtype: 'int32', shape: reducedShape(x!, attrs) }),
  vjp: null,
  expand: ([x], attrs) => {
    const differs = x!.dtype === 'bool' ? x! : apply(notEqualOp, [x!, like(0, x!)], {})
    return sumT(castTensor(differs, 'int32'), attrs)
  },
  formula: reduction('countNonZero'),
}

export interface L2Attrs {
  readonly axes: readonly number[]
  readonly epsilon: number
}
/** x / sqrt(max(sum(x²), epsilon)) over axes, as TensorFlow defines it. */
export const l2NormalizeOp = composite<'l2Normalize', L2Attrs>('l2Normalize', {
  expand: ([x], { axes, epsilon }) => {
    const square = sumT(squareT(x!), { axes, keepDims: true })
    const least = like(Math.max(epsilon, leastNormal(square.dtype)), square)
    const isSmall = apply(lessEqualOp, [square, least], {})
    return mulT(x!, apply(rsqrtOp, [whereT(isSmall, least, square)], {}))
  },
})

/** sum(a b) / (|a| |b|) along an axis, each length at least epsilon. */
export const cosineSimilarityOp = composite<'cosineSimilarity', L2Attrs>('cosineSimilarity', {
  expand: ([a, b], { axes, epsilon }) => {
    const unit = (x: Tensor): Tensor => apply(l2NormalizeOp, [x], { axes, epsilon: epsilon * epsilon })
    return sumT(mulT(unit(a!), unit(b!)), { axes, keepDims: false })
  },
})
