import { GraphError } from '../ir/errors'
import type { Op } from '../ir/op'
import { apply, type Tensor } from '../ir/tensor'
import { sameShape, showShape, type TensorType } from '../ir/type'
import { softplusT } from './activation'
import { addT, floatOnly, mulT, negT, subT } from './arith'
import { clipT, xlogyOp } from './binary'
import { sumT } from './broadcast'
import { composite } from './composite'
import { meanT } from './reduce'
import { absT } from './rounding'
import { lessEqualOp, reluOp, whereT } from './select'
import { expm1Op, log1pOp, squareT } from './transcendental'
import { like, logOp, tanhT } from './unary'

/** Nothing is broadcast in a loss: a shape that differs is a slip. */
function compared([p, t]: readonly TensorType[]): void {
  if (!sameShape(p!.shape, t!.shape))
    throw new GraphError(
      `prediction ${showShape(p!.shape)} and target ${showShape(t!.shape)} must have equal shapes; ` +
        `write reshape(target, ${showShape(p!.shape)}) if the elements correspond, or broadcastTo to repeat on purpose`,
    )
  floatOnly(p!.dtype, 'cast it to a float')
}
const all = (x: Tensor) => ({ axes: x.shape.map((_, i) => i), keepDims: false })
const last = (x: Tensor) => ({ axes: [x.shape.length - 1], keepDims: false })

/** mean((prediction - target)²) over all elements; the shapes must be equal, since broadcasting here is always a slip. */
export const meanSquaredErrorOp = composite('meanSquaredError', {
  check: compared,
  expand: ([p, t]) => meanT(squareT(subT(p!, t!)), all(p!)),
})

/** mean(|prediction - target|) over all elements. */
export const meanAbsoluteErrorOp = composite('meanAbsoluteError', {
  check: compared,
  expand: ([p, t]) => meanT(absT(subT(p!, t!)), all(p!)),
})

/** -y log(sigmoid(z)) - (1 - y) log(1 - sigmoid(z)) from the logits: softplus(z) - y z, exact at any size. */
export const sigmoidCrossEntropyOp = composite('sigmoidCrossEntropy', {
  check: compared,
  expand: ([z, y]) => subT(softplusT(z!), mulT(y!, z!)),
})

/** -y log(p) - (1 - y) log(1 - p) for probabilities, kept 1e-7 away from 0 and 1 as in Keras. */
export const binaryCrossEntropyOp = composite('binaryCrossEntropy', {
  check: compared,
  expand: ([probability, y]) => {
    const p = clipT(probability!, 1e-7, 1 - 1e-7)
    const one = like(1, p)
    const log = (x: Tensor): Tensor => apply(logOp, [x], {})
    return negT(addT(mulT(y!, log(p)), mulT(subT(one, y!), log(subT(one, p)))))
  },
})

export interface HuberAttrs {
  readonly delta: number
}
/** d² / 2 for |d| up to delta, delta (|d| - delta / 2) beyond. Source: Huber 1964. */
export const huberOp = composite<'huber', HuberAttrs>('huber', {
  check: compared,
  expand: ([p, t], { delta }) => {
    const d = subT(p!, t!)
    const size = absT(d)
    const limit = like(delta, d)
    const inside = apply(lessEqualOp, [size, limit], {})
    const line = mulT(limit, subT(size, like(delta / 2, d)))
    return whereT(inside, mulT(like(0.5, d), squareT(d)), line)
  },
})

/** log(cosh(d)) of the difference as |d| + log1p(expm1(-2 |d|) / 2), exact at 0 and at any size; its slope is tanh(d). */
export const logCoshOp: Op<'logCosh', Record<never, never>> = {
  ...composite('logCosh', {
    check: compared,
    expand: ([p, t]) => {
      const size = absT(subT(p!, t!))
      const half = mulT(like(0.5, size), apply(expm1Op, [mulT(like(-2, size), size)], {}))
      return addT(size, apply(log1pOp, [half], {}))
    },
  }),
  vjp: ({ inputs: [p, t], cotangent }) => {
    const g = mulT(cotangent, tanhT(subT(p!, t!)))
    return [g, negT(g)]
  },
}

/** max(1 - y p, 0) for labels -1 and 1. */
export const hingeOp = composite('hinge', {
  check: compared,
  expand: ([p, y]) => apply(reluOp, [subT(like(1, p!), mulT(y!, p!))], {}),
})
export const squaredHingeOp = composite('squaredHinge', {
  check: compared,
  expand: ([p, y]) => squareT(apply(hingeOp, [p!, y!], {})),
})

/** sum(p log(p / q)) over the last axis; a class of probability 0 adds nothing. */
export const klDivergenceOp = composite('klDivergence', {
  check: compared,
  expand: ([q, p]) => sumT(subT(apply(xlogyOp, [p!, p!], {}), apply(xlogyOp, [p!, q!], {})), last(p!)),
})

/** prediction - target log(prediction), the loss of counts. */
export const poissonOp = composite('poisson', {
  check: compared,
  expand: ([p, t]) => subT(p!, apply(xlogyOp, [t!, p!], {})),
})
