import { apply, type Tensor } from '../ir/tensor'
import { logSigmoidOp, softplusT } from '../ops/activation'
import { negT } from '../ops/arith'
import type { ReduceAttrs } from '../ops/axes'
import { constantValue } from '../ops/leaf'
import { absT } from '../ops/rounding'
import { logSoftmaxT } from '../ops/softmax'
import { logSumExpOp } from '../ops/statistics'
import { expm1Op, log1pOp } from '../ops/transcendental'
import { logOp, sqrtOp } from '../ops/unary'

// Stability is decided when the graph is built, before anything is differentiated: the gradient of the stable form is
// stable too, that of the naive one is not, whatever is done to it afterwards.

const isOne = (t: Tensor | undefined): boolean => t !== undefined && constantValue(t) === 1
const operand = (t: Tensor): Tensor => t.inputs[0]!

/** log of a softmax, a sigmoid, 1 + y, 1 - y or a sum of exponentials in the form that loses no digits. */
export function stableLog(x: Tensor): Tensor {
  const [a, b] = x.inputs
  switch (x.op.name) {
    case 'softmax':
      return logSoftmaxT(operand(x), (x.attrs as { readonly axis: number }).axis)
    case 'sigmoid':
      return apply(logSigmoidOp, [operand(x)], {})
    case 'sum':
      if (operand(x).op.name === 'exp' && operand(x).shape.every((d) => d > 0))
        return apply(logSumExpOp, [operand(operand(x))], x.attrs as ReduceAttrs)
      break
    case 'add':
      if (isOne(a) || isOne(b)) return onePlus(isOne(a) ? b! : a!)
      break
    case 'sub':
      if (isOne(a)) return apply(log1pOp, [negT(b!)], {})
  }
  return apply(logOp, [x], {})
}

/** log(1 + y). */
const onePlus = (y: Tensor): Tensor => (y.op.name === 'exp' ? softplusT(operand(y)) : apply(log1pOp, [y], {}))

/** exp(x) - 1 as one op; undefined for any other difference. */
export function stableSub(a: Tensor, b: Tensor): Tensor | undefined {
  return a.op.name === 'exp' && isOne(b) ? apply(expm1Op, [operand(a)], {}) : undefined
}

/** The root of a square is the absolute value, whose slope at 0 is finite. */
export function stableSqrt(x: Tensor): Tensor {
  const isSquare = x.op.name === 'square' || (x.op.name === 'mul' && x.inputs[0] === x.inputs[1])
  return isSquare ? absT(operand(x)) : apply(sqrtOp, [x], {})
}
