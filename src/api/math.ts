import { GraphError } from '../ir/errors'
import type { Broadcast, Checked, ShapeOr } from '../ir/shapes'
import type { AnyOp } from '../ir/op'
import { apply, type Arg, describe, explained, requireTensor, type Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import { addOp, divOp, mulOp, negOp, powConstant, squareOp, subOp } from '../ops/arith'
import { castTensor, promote, promoted, promotedFloat, toFloat } from '../ops/promote'
import { equalOp, lessEqualOp, lessOp, maximumOp, notEqualOp, reluOp, whereOp } from '../ops/select'
import { stopT } from '../ops/stop'
import { expOp, logOp, sigmoidOp, sqrtOp, tanhOp } from '../ops/unary'
import { toTensor } from '../ops/leaf'
import type { Binary, BinaryFloat, Comparison, DTypeOr, Promote, ShapeOf, Unary, UnaryFloat } from './signatures'

/** a + b, operands broadcast. Numbers take the dtype of the tensor. Throws where shapes do not broadcast or dtypes do not mix. */
export const add = promoted(addOp) as Binary<'add'>
/** a - b, operands broadcast, dtypes promoted. */
export const sub = promoted(subOp) as Binary<'sub'>
/** a * b elementwise, operands broadcast, dtypes promoted. The gradient of each operand has that operand's shape. */
export const mul = promoted(mulOp) as Binary<'mul'>
/** True division a / b, operands broadcast; integers give float32. x / 0 is ±Infinity or NaN as in IEEE 754. */
export const div = promotedFloat(divOp) as BinaryFloat<'div'>
/** -x, same shape and dtype. */
export const neg = ((x: Tensor) => apply(negOp, [noBool('neg', x)], {})) as Unary
/** x², same shape and dtype. */
export const square = ((x: Tensor) => apply(squareOp, [noBool('square', x)], {})) as Unary

/**
 * x to a constant exponent, same shape; integers give float32. x^0 is 1 everywhere, with gradient 0. A negative base
 * with a fractional exponent is NaN as in IEEE 754.
 */
export function pow<X extends Tensor>(x: X, exponent: number): ReturnType<UnaryFloat> & Tensor<X['shape']> {
  if (typeof exponent !== 'number' || Number.isNaN(exponent))
    throw explained('pow', `the exponent must be a number, it is ${String(exponent)}`, [x])
  return powConstant(toFloat(x), exponent)
}

/** e to the x, same shape; integers give float32. */
export const exp = float(expOp)
/** Natural logarithm, same shape; log(0) is -Infinity, of a negative number NaN. */
export const log = float(logOp)
/** Square root, same shape; of a negative number NaN. Its gradient at 0 is Infinity. */
export const sqrt = float(sqrtOp)
/** Hyperbolic tangent, same shape. The gradient is computed as (1 - y)(1 + y) from the output. */
export const tanh = float(tanhOp)
/** Logistic function 1 / (1 + exp(-x)), same shape, accurate in both tails. */
export const sigmoid = float(sigmoidOp)
/** max(x, 0), same shape and dtype. NaN stays NaN; the gradient at 0 is 0. */
export const relu = ((x: Tensor) => apply(reluOp, [noBool('relu', x)], {})) as Unary
/** Larger of a and b, NaN if either is NaN. At a tie the first operand takes the whole gradient. */
export const maximum = promoted(maximumOp) as Binary<'maximum'>

/** a < b as bool, operands broadcast; false where either is NaN. No gradient. */
export const less = promoted(lessOp) as Comparison<'less'>
/** a ≤ b as bool, operands broadcast; false where either is NaN. No gradient. */
export const lessEqual = promoted(lessEqualOp) as Comparison<'lessEqual'>
/** a > b as bool, operands broadcast; false where either is NaN. No gradient. */
export const greater = swapped(lessOp, 'greater') as Comparison<'greater'>
/** a ≥ b as bool, operands broadcast; false where either is NaN. No gradient. */
export const greaterEqual = swapped(lessEqualOp, 'greaterEqual') as Comparison<'greaterEqual'>
/** a = b as bool, operands broadcast; false where either is NaN. No gradient. */
export const equal = promoted(equalOp) as Comparison<'equal'>
/** a ≠ b as bool, operands broadcast; true where either is NaN. No gradient. */
export const notEqual = promoted(notEqualOp) as Comparison<'notEqual'>

/**
 * a where the condition (bool) holds, b elsewhere; all three broadcast, a and b are promoted. The gradient of the branch
 * not taken is exactly 0, whatever its local derivative.
 */
export function where<C extends Tensor, A extends Arg, B extends Arg>(
  condition: C,
  a: A,
  b: Checked<Broadcast<'where', ShapeOf<A>, ShapeOf<B>>, B>,
): Tensor<
  ShapeOr<Broadcast<'where', C['shape'], ShapeOr<Broadcast<'where', ShapeOf<A>, ShapeOf<B>>>>>,
  DTypeOr<Promote<'where', A, B>>
> {
  const branches = promote('where', [a, b as Arg])
  return apply(whereOp, [condition, ...branches], {}) as never
}

/** Conversion to another dtype. float to int32 truncates (NaN gives 0), float64 to float32 rounds, anything to bool compares with 0. */
export function cast<X extends Tensor, const D extends DType>(x: X, dtype: D): Tensor<X['shape'], D> {
  return castTensor(x, dtype) as never
}

/** The same value, through which no gradient flows. */
export const stopGradient = stopT as Unary

function float(op: AnyOp): UnaryFloat {
  return ((x: Tensor) => apply(op, [toFloat(toTensor(op.name, x, 'float32'))], {})) as UnaryFloat
}
function swapped(op: AnyOp, name: string) {
  return (a: Arg, b: Arg): Tensor => {
    const [p, q] = promote(name, [a, b])
    return apply<unknown>(op, [q!, p!], {})
  }
}
function noBool(op: string, x: Tensor): Tensor {
  requireTensor(op, x)
  if (x.dtype === 'bool') throw new GraphError(`${op}: ${describe(x)} is bool; cast it to a number first`)
  return x
}
