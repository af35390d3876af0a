import type { Broadcast, Checked, ShapeOr } from '../ir/shapes'
import type { AnyOp } from '../ir/op'
import { apply, type Arg, explained, isTensor, requireTensor, type Tensor } from '../ir/tensor'
import type { DType } from '../ir/type'
import { addOp, divOp, mulOp, negOp, powConstant, squareOp, subOp } from '../ops/arith'
import { minimumOp, powerOp } from '../ops/binary'
import { castTensor, promote, promoted, promotedFloat } from '../ops/promote'
import { equalOp, lessEqualOp, lessOp, maximumOp, notEqualOp, whereOp } from '../ops/select'
import { stopT } from '../ops/stop'
import { expOp, sigmoidOp, tanhOp } from '../ops/unary'
import { asFloat, float, number } from './build'
import type {
  Binary,
  BinaryFloat,
  Comparison,
  Condition,
  DTypeOr,
  Floating,
  Promote,
  ShapeOf,
  Unary,
  UnaryFloat,
} from './signatures'
import { stableLog, stableSqrt, stableSub } from './stable'

/** a + b, operands broadcast. Numbers take the dtype of the tensor. Throws where shapes do not broadcast or dtypes do not mix. */
export const add = promoted(addOp) as Binary<'add'>
/** a - b, operands broadcast, dtypes promoted. exp(x) - 1 becomes expm1(x). */
export const sub = ((a: Arg, b: Arg) => {
  const [p, q] = promote('sub', [a, b]) as [Tensor, Tensor]
  return stableSub(p, q) ?? apply(subOp, [p, q], {})
}) as Binary<'sub'>
/** a * b elementwise, operands broadcast, dtypes promoted. The gradient of each operand has that operand's shape. */
export const mul = promoted(mulOp) as Binary<'mul'>
/** True division a / b, operands broadcast; integers give float32. x / 0 is ±Infinity or NaN as in IEEE 754. */
export const div = promotedFloat(divOp) as BinaryFloat<'div'>
/** -x, same shape and dtype. */
export const neg = number(negOp)
/** x², same shape and dtype. */
export const square = number(squareOp)

/**
 * x to an exponent: a number, or a tensor that broadcasts with x; integers give float32. x^0 is 1 everywhere, with gradient
 * 0. A negative base with a fractional exponent is NaN as in IEEE 754, and so is, as in JavaScript but not in IEEE 754, 1 or -1
 * to an infinity and 1 to NaN. The gradient in a tensor exponent is 0 where x is 0
 * and NaN where x is negative; a number has none.
 */
export function pow<X extends Tensor, P extends Arg>(
  x: X,
  exponent: Checked<Broadcast<'pow', X['shape'], ShapeOf<P>>, P>,
): Tensor<ShapeOr<Broadcast<'pow', X['shape'], ShapeOf<P>>>, Floating<X['dtype']>> {
  const power: unknown = exponent
  if (isTensor(power)) return promotedFloat(powerOp)(x, power) as never
  const base = asFloat('pow', x)
  if (typeof power !== 'number' || Number.isNaN(power))
    throw explained('pow', `the exponent must be a number or a tensor, it is ${String(power)}`, [x])
  return powConstant(base, power) as never
}

/** e to the x, same shape; integers give float32. */
export const exp = float(expOp)
/**
 * Natural logarithm, same shape; log(0) is -Infinity, of a negative number NaN. Of softmax(x), sigmoid(x), 1 + x, 1 + exp(x)
 * and sum(exp(x)) it is built in the form that keeps its digits: logSoftmax, logSigmoid, log1p, softplus, logSumExp.
 */
export const log = ((x: Tensor) => stableLog(asFloat('log', x))) as UnaryFloat
/** Square root, same shape; of a negative number NaN. Its gradient at 0 is Infinity; the root of a square is built as |x|. */
export const sqrt = ((x: Tensor) => stableSqrt(asFloat('sqrt', x))) as UnaryFloat
/** Hyperbolic tangent, same shape. The gradient is computed as (1 - y)(1 + y) from the output. */
export const tanh = float(tanhOp)
/** Logistic function 1 / (1 + exp(-x)), same shape, accurate in both tails. */
export const sigmoid = float(sigmoidOp)
/** Larger of a and b, NaN if either is NaN. At a tie the first operand takes the whole gradient. */
export const maximum = promoted(maximumOp) as Binary<'maximum'>

/** Smaller of a and b, NaN if either is NaN. At a tie the first operand takes the whole gradient. */
export const minimum = promoted(minimumOp) as Binary<'minimum'>

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
  condition: Checked<Condition<'where', C['dtype']>, C>,
  a: A,
  b: Checked<Broadcast<'where', ShapeOf<A>, ShapeOf<B>>, B>,
): Tensor<
  ShapeOr<Broadcast<'where', C['shape'], ShapeOr<Broadcast<'where', ShapeOf<A>, ShapeOf<B>>>>>,
  DTypeOr<Promote<'where', A, B>>
> {
  const branches = promote('where', [a, b as Arg])
  return apply(whereOp, [condition as Tensor, ...branches], {}) as never
}

/** Conversion to another dtype. float to int32 truncates (NaN gives 0), float64 to float32 rounds, anything to bool compares with 0. */
export function cast<X extends Tensor, const D extends DType>(x: X, dtype: D): Tensor<X['shape'], D> {
  requireTensor('cast', x)
  return castTensor(x, dtype) as never
}

/** The same value, through which no gradient flows. */
export const stopGradient = stopT as Unary

function swapped(op: AnyOp, name: string) {
  return (a: Arg, b: Arg): Tensor => {
    const [p, q] = promote(name, [a, b])
    return apply<unknown>(op, [q!, p!], {})
  }
}
