import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { broadcastShapes, sameShape, showShape, showType } from '../ir/type'
import { addT, divT, floatOnly, mulT, negT, subT } from './arith'
import { broadcastT, sumT } from './broadcast'
import { maxT, oneHotT, refuseEmpty } from './reduce'
import { equalOp, whereT } from './select'
import { expT, like, logT } from './unary'
import { reshapeT } from './view'
import { stopT } from './stop'

export interface AxisAttrs {
  readonly axis: number
}
const along = (axis: number) => ({ axes: [axis], keepDims: true })
/** x less its largest element along the axis: no exponential overflows, and the shift cancels. */
const shifted = (x: Tensor, axis: number): Tensor => subT(x, stopT(maxT(x, along(axis))))

/** exp(x) / sum(exp(x)) along an axis, from shifted exponents. */
export const softmaxOp: Op<'softmax', AxisAttrs> = {
  name: 'softmax',
  kind: 'composite',
  infer: ([x], { axis }) => {
    refuseEmpty(x!.shape, [axis])
    return { dtype: floatOnly(x!.dtype, 'cast it to a float'), shape: x!.shape }
  },
  vjp: ({ output: y, cotangent: g, attrs: { axis } }) => [mulT(y, subT(g, sumT(mulT(g, y), along(axis))))],
  expand: ([x], { axis }) => {
    const e = expT(shifted(x!, axis))
    return divT(e, sumT(e, along(axis)))
  },
}

/** x - log(sum(exp(x))) along an axis, from shifted exponents. */
export const logSoftmaxOp: Op<'logSoftmax', AxisAttrs> = {
  name: 'logSoftmax',
  kind: 'composite',
  infer: softmaxOp.infer,
  vjp: ({ inputs: [x], cotangent: g, attrs: { axis } }) => [subT(g, mulT(softmaxT(x!, axis), sumT(g, along(axis))))],
  expand: ([x], { axis }) => {
    const z = shifted(x!, axis)
    return subT(z, logT(sumT(expT(z), along(axis))))
  },
}

export const softmaxT = (x: Tensor, axis: number): Tensor => apply(softmaxOp, [x], { axis })
export const logSoftmaxT = (x: Tensor, axis: number): Tensor => apply(logSoftmaxOp, [x], { axis })

export interface SmoothingAttrs {
  readonly labelSmoothing: number
}
const last = (t: Tensor): number => t.shape.length - 1
const inner = (t: Tensor) => ({ axes: [last(t)], keepDims: false })
/** The cotangent of a loss, one a row, stretched along the classes. */
const perClass = (g: Tensor, logits: Tensor): Tensor => broadcastT(reshapeT(g, [...g.shape, 1]), logits.shape)

/** y (1 - s) + s / K, the smoothed targets. Source: Szegedy et al. 2016, arXiv:1512.00567, section 7. */
function smoothed(y: Tensor, labelSmoothing: number): Tensor {
  if (labelSmoothing === 0) return y
  const classes = y.shape[last(y)]!
  const scaled = mulT(y, like(1 - labelSmoothing, y))
  return addT(scaled, like(labelSmoothing / classes, y))
}

/** -log softmax(logits)[label] for integer labels; exact for logits of any size. */
export const sparseCrossEntropyOp: Op<'sparseSoftmaxCrossEntropy', SmoothingAttrs> = {
  name: 'sparseSoftmaxCrossEntropy',
  kind: 'composite',
  infer: ([logits, labels]) => {
    floatOnly(logits!.dtype, 'cast the logits to a float')
    if (labels!.dtype !== 'int32' && labels!.dtype !== 'uint8')
      throw new GraphError(
        `labels must be int32 or uint8 class numbers, they are ${showType(labels!)}; for one-hot labels use softmaxCrossEntropy`,
      )
    const rows = logits!.shape.slice(0, -1)
    if (logits!.shape.length === 0 || !sameShape(rows, labels!.shape)) {
      throw new GraphError(
        `logits ${showShape(logits!.shape)} need labels ${showShape(rows)}, one a row, but they are ${showShape(labels!.shape)}`,
      )
    }
    refuseEmpty(logits!.shape, [rows.length])
    return { dtype: logits!.dtype, shape: rows }
  },
  ranges: ([logits]) => [{ input: 1, below: logits!.shape.at(-1)! }],
  vjp: ({ inputs: [logits, labels], cotangent, attrs: { labelSmoothing } }) => {
    const target = smoothed(oneHotT(labels!, logits!.shape.at(-1)!, logits!.dtype, true), labelSmoothing)
    return [mulT(subT(softmaxT(logits!, last(logits!)), target), perClass(cotangent, logits!)), null]
  },
  expand: ([logits, labels], { labelSmoothing }) => {
    const z = shifted(logits!, last(logits!))
    const hit = oneHotT(labels!, logits!.shape.at(-1)!, 'bool', true)
    const picked = sumT(whereT(hit, z, like(0, z)), inner(z))
    const total = logT(sumT(expT(z), inner(z)))
    if (labelSmoothing === 0) return subT(total, picked)
    const uniform = mulT(sumT(z, inner(z)), like(labelSmoothing / logits!.shape.at(-1)!, z))
    return subT(subT(total, mulT(picked, like(1 - labelSmoothing, z))), uniform)
  },
}

/** -sum(labels * log softmax(logits)) for labels that are distributions over the last axis. */
export const crossEntropyOp: Op<'softmaxCrossEntropy', SmoothingAttrs> = {
  name: 'softmaxCrossEntropy',
  kind: 'composite',
  infer: ([logits, labels]) => {
    floatOnly(logits!.dtype, 'cast the logits to a float')
    if (labels!.dtype !== logits!.dtype)
      throw new GraphError(
        `labels ${showType(labels!)} must have the dtype of the logits ${showType(logits!)}; for class numbers use sparseSoftmaxCrossEntropy`,
      )
    const shape = broadcastShapes(logits!.shape, labels!.shape)
    if (
      logits!.shape.length === 0 ||
      !shape ||
      !sameShape(shape, logits!.shape) ||
      labels!.shape.at(-1) !== logits!.shape.at(-1)
    )
      throw new GraphError(
        `logits ${showShape(logits!.shape)} need labels of the same shape, but they are ${showShape(labels!.shape)}`,
      )
    refuseEmpty(logits!.shape, [logits!.shape.length - 1])
    return { dtype: logits!.dtype, shape: logits!.shape.slice(0, -1) }
  },
  vjp: ({ inputs: [logits, labels], cotangent, attrs: { labelSmoothing } }) => {
    const g = perClass(cotangent, logits!)
    const target = smoothed(labels!, labelSmoothing)
    const mass = sumT(target, along(last(target)))
    const dLogits = mulT(subT(mulT(softmaxT(logits!, last(logits!)), mass), target), g)
    const dTarget = negT(mulT(logSoftmaxT(logits!, last(logits!)), g))
    return [dLogits, labelSmoothing === 0 ? dTarget : mulT(dTarget, like(1 - labelSmoothing, dTarget))]
  },
  expand: ([logits, labels], { labelSmoothing }) => {
    const z = shifted(logits!, last(logits!))
    const target = smoothed(labels!, labelSmoothing)
    const total = logT(sumT(expT(z), inner(z)))
    const zero = like(0, z)
    const isZero = apply(equalOp, [target, zero], {})
    // A class of weight 0 adds nothing even where its logit is -Infinity.
    const picked = sumT(whereT(isZero, zero, mulT(target, z)), inner(z))
    return subT(mulT(total, sumT(target, inner(target))), picked)
  },
}
