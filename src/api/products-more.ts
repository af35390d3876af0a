import { GraphError } from '../ir/errors'
import { checkKeys } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { apply, explained, type Tensor } from '../ir/tensor'
import { broadcastShapes, showShape, sizeOf } from '../ir/type'
import { mulT, subT } from '../ops/arith'
import { normalizeAxis } from '../ops/axes'
import { broadcastT, sumT } from '../ops/broadcast'
import { concatT, partT } from '../ops/pieces'
import { dotOp, einsumOp, tensordotOp } from '../ops/products'
import { promote } from '../ops/promote'
import { reshapeT } from '../ops/view'
import { alikePair, checkNumber, noBool, pair } from './build'
import { eye } from './create'
import { matmul } from './shape'
import type { SameRank } from './signatures'

/** The sum of products over the last axes of both: [..., k] by [..., k] gives what is left of a, then of b. Scalars multiply. */
export function inner<X extends Tensor>(a: X, b: Tensor): Tensor<Shape, X['dtype']> {
  const [p, q] = pair('inner', a, b)
  const [i, j] = [p.shape.length - 1, q.shape.length - 1]
  if (i < 0 || j < 0) return mulT(p, q)
  if (p.shape[i] !== q.shape[j])
    throw explained('inner', `the last extents ${p.shape[i]} and ${q.shape[j]} differ`, [p, q])
  return apply(tensordotOp, [p, q], { a: [i], b: [j] })
}

/** The sum of products of all elements of two tensors of one size, as vectors. */
export function vdot<X extends Tensor>(a: X, b: Tensor): Tensor<[], X['dtype']> {
  const [p, q] = pair('vdot', a, b)
  const size = sizeOf(p.shape)
  if (size !== sizeOf(q.shape))
    throw explained('vdot', `both need as many elements, got ${showShape(p.shape)} and ${showShape(q.shape)}`, [p, q])
  return apply(dotOp, [reshapeT(p, [size]), reshapeT(q, [size])], {}) as never
}

/** The sum of products along an axis (the last by default), the other axes broadcast. */
export function vecdot<X extends Tensor>(
  a: X,
  b: Tensor,
  options: { readonly axis?: number } = {},
): Tensor<Shape, X['dtype']> {
  checkKeys('vecdot', options, ['axis'])
  const { axis = -1 } = options
  const [p, q] = alikePair('vecdot', noBool('vecdot', a), noBool('vecdot', b))
  const product = mulT(p, q)
  return sumT(product, { axes: [normalizeAxis('vecdot', axis, product.shape)], keepDims: false })
}

/** The vector at right angles to both, for vectors of 3 along an axis (the last by default), the other axes broadcast. */
export function cross<X extends Tensor>(
  a: X,
  b: Tensor,
  options: { readonly axis?: number } = {},
): Tensor<Shape, X['dtype']> {
  checkKeys('cross', options, ['axis'])
  const operands = alikePair('cross', noBool('cross', a), noBool('cross', b))
  const shape = broadcastShapes(operands[0].shape, operands[1].shape)!
  const axis = normalizeAxis('cross', options.axis, shape, -1)
  const lead = (x: Tensor): number => shape.length - x.shape.length
  if (operands.some((x) => x.shape[axis - lead(x)] !== 3))
    throw explained('cross', `axis ${axis} of both must have the extent 3`, operands)
  const [p, q] = operands.map((x) => broadcastT(x, shape)) as [Tensor, Tensor]
  const part = (x: Tensor, i: number): Tensor => partT(x, axis, i % 3, 1)
  const component = (i: number): Tensor =>
    subT(mulT(part(p, i + 1), part(q, i + 2)), mulT(part(p, i + 2), part(q, i + 1)))
  return concatT([0, 1, 2].map(component), axis)
}

/** A square matrix (of the last two axes) times itself, n times in all, by squaring; n is a whole number, 0 gives the identity. */
export function matrixPower<X extends Tensor>(x: X, n: number): Tensor<SameRank<X['shape']>, X['dtype']> {
  noBool('matrixPower', x)
  if (x.dtype === 'uint8') throw explained('matrixPower', 'bytes are not multiplied, cast them', [x])
  const [rows, columns] = x.shape.slice(-2)
  if (x.shape.length < 2 || rows !== columns)
    throw explained('matrixPower', `square matrices are needed, got the shape ${showShape(x.shape)}`, [x])
  checkNumber('matrixPower', 'n', n, (v) => Number.isInteger(v) && v >= 0, 'a whole number from 0 (of the inverse for others)') // prettier-ignore
  if (n === 0) return broadcastT(eye(rows!, { dtype: x.dtype }), x.shape) as never
  const product = (a: Tensor, b: Tensor): Tensor => matmul(a, b)
  let [result, square, rest]: [Tensor | undefined, Tensor, number] = [undefined, x, n]
  for (;;) {
    if (rest % 2 === 1) result = result ? product(result, square) : square
    rest = Math.floor(rest / 2)
    if (rest === 0) return result as never
    square = product(square, square)
  }
}

/** The product of matrices in an order of little cost; the first and the last may be vectors. Built as an `einsum`. */
export function multiDot<X extends Tensor>(tensors: readonly X[]): Tensor<Shape, X['dtype']> {
  if (!Array.isArray(tensors) || tensors.length < 2)
    throw new GraphError('multiDot: expected an array of at least two tensors')
  const operands = promote('multiDot', tensors)
  const last = operands.length - 1
  const inputs = operands.map(({ shape }, i) => {
    if (shape.length === 2) return [i, i + 1]
    if (shape.length === 1 && (i === 0 || i === last)) return [i === 0 ? 1 : last]
    throw explained('multiDot', `matrices are needed, and vectors at the ends; operand ${i + 1} is ${showShape(shape)}`, operands) // prettier-ignore
  })
  operands.slice(1).forEach(({ shape }, i) => {
    if (operands[i]!.shape.at(-1) !== shape[0])
      throw explained('multiDot', `inner dimensions ${operands[i]!.shape.at(-1)} and ${shape[0]} differ`, operands)
  })
  const output = [...inputs[0]!.slice(0, -1), ...inputs[last]!.slice(1)]
  return apply(einsumOp, operands, { inputs, output })
}
