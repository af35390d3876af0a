import { checkOneOf } from '../ir/names-of'
import { batch } from '../batching/batch'
import { checkTargets } from '../autodiff/vjp'
import type { Shape } from '../ir/shapes'
import { apply, isTensor, type Tensor } from '../ir/tensor'
import { sizeOf, type TensorType } from '../ir/type'
import { zerosT } from '../ops/broadcast'
import { castTensor } from '../ops/promote'
import { iotaT } from '../ops/iota'
import { standIn } from '../ops/region'
import { equalOp } from '../ops/select'
import { fromFrontT, reshapeT } from '../ops/view'
import { checkGradientOptions, type GradientOptions, gradients, pulled } from './gradient'
import { checkOutputs, pushed } from './jvp'

/** Options of `jacobian` and `hessian`. */
export interface JacobianOptions extends GradientOptions {
  /**
   * `reverse`: a row at a time of all that the output has, for which the gradient is computed for all elements of the output
   * at once. `forward`: a column at a time, for all elements of the tensors at once. By default whichever is fewer.
   */
  readonly mode?: 'reverse' | 'forward'
}

type Join<A extends Shape, B extends Shape> = number extends A['length'] | B['length'] ? Shape : [...A, ...B]
/** The Jacobian of an output by a tensor: the shape of the output, then that of the tensor. */
export type Jacobian<Y extends Tensor, W extends Tensor> = Tensor<Join<Y['shape'], W['shape']>, W['dtype']>
type Each<Y extends Tensor, W extends readonly Tensor[]> = { -readonly [K in keyof W]: Jacobian<Y, W[K]> }
/** One for a tensor, a list for a list. */
export type Jacobians<Y extends Tensor, W extends Tensor | readonly Tensor[]> = W extends readonly Tensor[]
  ? Each<Y, W>
  : W extends Tensor
    ? Jacobian<Y, W>
    : never
type Blocks<W extends readonly Tensor[]> = { -readonly [K in keyof W]: Each<W[K], W> }
/** Of a list the block `[i][j]` is `[...wi.shape, ...wj.shape]`. */
export type Hessians<W extends Tensor | readonly Tensor[]> = W extends readonly Tensor[]
  ? Blocks<W>
  : W extends Tensor
    ? Jacobian<W, W>
    : never

/**
 * All derivatives of a float tensor by another, or by each of a list: `[...output.shape, ...w.shape]`, an ordinary symbolic
 * tensor. One vector-Jacobian product, or Jacobian-vector product, is applied to all rows of an identity at once, by the
 * rules of `vmap`: code does not grow with the extents, memory for what lies between does, with the number of rows times its
 * size. Throws as `grad` does, but for outputs of any shape.
 */
export function jacobian<Y extends Tensor, const W extends Tensor | readonly Tensor[]>(
  output: Y,
  wrt: W,
  options: JacobianOptions = {},
): Jacobians<Y, W> {
  checkGradientOptions('jacobian', options, ['mode'])
  const targets: readonly Tensor[] = isTensor(wrt) ? [wrt] : wrt
  const found = jacobians('jacobian', output, targets, options)
  return (isTensor(wrt) ? found[0]! : found) as never
}

/**
 * All second derivatives of a scalar float loss: of one tensor `[...w.shape, ...w.shape]`, of a list the blocks between each
 * and each, `hessian(loss, [a, b])[0][1]` being that of a and b. It is the `jacobian` of the gradient; where the gradient
 * does not depend on a tensor, the block is zero. Throws as `grad` does.
 */
export function hessian<const W extends Tensor | readonly Tensor[]>(
  loss: Tensor,
  wrt: W,
  options: JacobianOptions = {},
): Hessians<W> {
  checkGradientOptions('hessian', options, ['mode'])
  const targets: readonly Tensor[] = isTensor(wrt) ? [wrt] : wrt
  const rows = gradients('hessian', loss, targets, options).map((g) =>
    jacobians('hessian', g, targets, { ...options, disconnected: 'zeros' }),
  )
  return (isTensor(wrt) ? rows[0]![0]! : rows) as never
}

export function jacobians(
  op: string,
  output: Tensor,
  wrt: readonly Tensor[],
  { mode, ...options }: JacobianOptions,
): Tensor[] {
  checkOutputs(op, [output])
  checkTargets(op, wrt)
  if (mode !== undefined) checkOneOf(op, 'mode', mode, ['reverse', 'forward'])
  const columns = wrt.reduce((sum, w) => sum + sizeOf(w.shape), 0)
  const isForward = mode === undefined ? columns < sizeOf(output.shape) : mode === 'forward'
  return isForward ? wrt.map((w) => byColumns(op, output, w, options)) : byRows(op, output, wrt, options)
}

/** One cotangent for each element of the output. */
function byRows(op: string, output: Tensor, wrt: readonly Tensor[], options: GradientOptions): Tensor[] {
  const cotangent = standIn('captured', output, output.origin, output)
  const rows = pulled(op, [output], [cotangent], wrt, options)
  // A batch of nothing has no turns.
  if (sizeOf(output.shape) === 0)
    return wrt.map(({ dtype, shape }) => zerosT({ dtype, shape: [...output.shape, ...shape] }))
  const made = batch(rows, new Map([[cotangent, units(output)]]), sizeOf(output.shape))
  return made.map((t, i) => reshapeT(t, [...output.shape, ...wrt[i]!.shape]))
}

/** One tangent for each element of the tensor. */
function byColumns(op: string, output: Tensor, w: Tensor, options: GradientOptions): Tensor {
  const tangent = standIn('captured', w, w.origin, w)
  const column = pushed(op, [output], [w], [tangent], options)
  if (sizeOf(w.shape) === 0) return zerosT({ dtype: w.dtype, shape: [...output.shape, ...w.shape] })
  const [made] = batch(column, new Map([[tangent, units(w)]]), sizeOf(w.shape))
  // Rows of the batch are columns here.
  const columns = fromFrontT(reshapeT(made!, [sizeOf(w.shape), sizeOf(output.shape)]), 1)
  return castTensor(reshapeT(columns, [...output.shape, ...w.shape]), w.dtype)
}

/** Each unit tensor of a type, one after another: `[size, ...shape]`. */
function units({ shape, dtype }: TensorType): Tensor {
  const at = iotaT(sizeOf(shape))
  const isOne = apply(equalOp, [reshapeT(at, [...at.shape, 1]), at], {})
  return reshapeT(castTensor(isOne, dtype), [...at.shape, ...shape])
}
