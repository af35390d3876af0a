import { GraphError } from '../ir/errors'
import { checkKeys, valueText } from '../ir/names-of'
import type { Shape } from '../ir/shapes'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { type DType, showShape } from '../ir/type'
import { countTo } from '../ir/count-to'
import { normalizeAxis } from '../ops/axes'
import { parseEinsum } from '../ops/einsum'
import { diagonalOp, dotOp, einsumOp, kronOp, outerOp, tensordotOp, traceOp } from '../ops/products'
import { promote } from '../ops/promote'
import { checkNumber, pair } from './build'
import type { OffsetOption } from './triangles'

/**
 * The product of NumPy's `dot`: of vectors a scalar, of matrices a matrix, in general the sum over the last axis of a and
 * the last but one of b; scalars multiply. [..., k] by [..., k, n] gives [..., ..., n].
 */
export const dot = (a: Tensor, b: Tensor): Tensor => apply(dotOp, pair('dot', a, b), {})

/** Every product of an element of a and one of b; the result has the shape of a followed by that of b. */
export const outer = (a: Tensor, b: Tensor): Tensor => apply(outerOp, pair('outer', a, b), {})

/**
 * The sum of products over axes: the last `axes` of a with the first of b, or pairs of axes `[[of a], [of b]]`. What is
 * left of a comes first.
 */
export function tensordot(
  a: Tensor,
  b: Tensor,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): Tensor {
  const [p, q] = pair('tensordot', a, b)
  if (typeof axes === 'number')
    checkNumber('tensordot', 'axes', axes, (n) => Number.isInteger(n) && n >= 0 && n <= Math.min(p.shape.length, q.shape.length), 'a number of axes that both have') // prettier-ignore
  else if (!(Array.isArray(axes) && axes.length === 2 && axes.every(Array.isArray)))
    throw new GraphError('tensordot: axes must be a number, or lists of axes [[of a], [of b]]')
  const left = typeof axes === 'number' ? countTo(axes).map((i) => p.shape.length - axes + i) : axes[0].map((i) => normalizeAxis('tensordot', i, p.shape)) // prettier-ignore
  const right = typeof axes === 'number' ? countTo(axes) : axes[1].map((i) => normalizeAxis('tensordot', i, q.shape))
  if ([left, right].some((list) => new Set(list).size !== list.length))
    throw explained('tensordot', `an axis is named twice in ${showShape(left)} or ${showShape(right)}`, [p, q])
  if (left.length !== right.length || left.some((l, i) => p.shape[l] !== q.shape[right[i]!]))
    throw explained('tensordot', `axes ${showShape(left)} of ${showShape(p.shape)} and ${showShape(right)} of ${showShape(q.shape)} do not pair`, [p, q]) // prettier-ignore
  return apply(tensordotOp, [p, q], { a: left, b: right })
}

/**
 * The sum of products in Einstein's notation, `einsum('bij,bjk->bik', a, b)`, of any number of operands: letters that are
 * not in the result are summed, a letter twice in an operand takes its diagonal, `...` stands for leading axes, which
 * broadcast, and without an arrow the letters that occur once are kept in alphabetic order. Pairs are contracted in greedy
 * order of cost.
 */
export function einsum(equation: string, ...operands: readonly Tensor[]): Tensor {
  if (typeof equation !== 'string')
    throw new GraphError(`einsum: the equation must be a string, it is ${valueText(equation)}`)
  if (operands.length === 0) throw new GraphError('einsum: at least one operand is needed')
  const tensors = promote('einsum', operands)
  const { operands: given, attrs } = parseEinsum(equation, tensors)
  return apply(einsumOp, given, attrs)
}

/** Blocks of b scaled by the elements of a: extents multiply, a lower rank gets leading axes. */
export const kron = (a: Tensor, b: Tensor): Tensor => apply(kronOp, pair('kron', a, b), {})

/** The diagonal of the last two axes, as a last axis of its own. */
export function diagonal<X extends Tensor>(x: X, options: OffsetOption = {}): Tensor<Shape, X['dtype']> {
  requireTensor('diagonal', x)
  checkKeys('diagonal', options, ['offset'])
  const { offset = 0 } = options
  checkNumber('diagonal', 'offset', offset, Number.isInteger, 'a whole number')
  return apply(diagonalOp, [x], { offset })
}

/** The sum of the diagonal of the last two axes. */
export function trace<X extends Tensor>(x: X, options: OffsetOption = {}): Tensor<Shape, DType> {
  requireTensor('trace', x)
  checkKeys('trace', options, ['offset'])
  const { offset = 0 } = options
  checkNumber('trace', 'offset', offset, Number.isInteger, 'a whole number')
  return apply(traceOp, [x], { offset })
}
