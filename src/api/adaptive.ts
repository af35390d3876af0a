import { checkKeys } from '../ir/names-of'
import { apply, explained, requireTensor, type Tensor } from '../ir/tensor'
import { adaptiveAveragePoolOp, adaptiveMaxPoolOp } from '../ops/adaptive'
import { asFloat, noBool } from './build'
import type { Floating, SameRank } from './signatures'
import { checkExtents, spatialAxes } from './spatial'
import type { FormatOption } from './window-options'

function adaptive(op: string, x: Tensor, outputSize: number | readonly number[], options: FormatOption) {
  requireTensor(op, x)
  checkKeys(op, options, ['dataFormat'])
  if (typeof outputSize !== 'number' && !Array.isArray(outputSize))
    throw explained(op, `outputSize must be a whole number from 1, or a list of them, it is ${typeof outputSize}`, [x])
  const count = typeof outputSize === 'number' ? Math.max(1, x.shape.length - 2) : outputSize.length
  const size = typeof outputSize === 'number' ? Array.from({ length: count }, () => outputSize) : [...outputSize]
  checkExtents(op, 'outputSize', size, x)
  if (count > 3) throw explained(op, `${count} spatial axes are too many; there are one to three`, [x])
  return { axes: spatialAxes(op, x, count, options), size }
}

/**
 * Means of as many windows as asked for along each of one to three spatial axes: x [batch, ...spatial, channels], the
 * batch may be missing where `outputSize` is a list; a number stands for all axes. Window i of m along an axis of n runs
 * from floor(i n / m) up to ceil((i + 1) n / m). Integers give float32. Throws for an empty axis. Source: PyTorch
 * AdaptiveAvgPool.
 */
export function adaptiveAveragePool<X extends Tensor>(
  x: X,
  outputSize: number | readonly number[],
  options: FormatOption = {},
): Tensor<SameRank<X['shape']>, Floating<X['dtype']>> {
  const attrs = adaptive('adaptiveAveragePool', x, outputSize, options)
  return apply(
    adaptiveAveragePoolOp,
    [asFloat('adaptiveAveragePool', noBool('adaptiveAveragePool', x))],
    attrs,
  ) as never
}

/**
 * Largest elements of the windows of `adaptiveAveragePool`, any dtype; NaN where a window holds one. Of equal ones the
 * first in row-major order takes the gradient. Source: PyTorch AdaptiveMaxPool.
 */
export function adaptiveMaxPool<X extends Tensor>(
  x: X,
  outputSize: number | readonly number[],
  options: FormatOption = {},
): Tensor<SameRank<X['shape']>, X['dtype']> {
  return apply(adaptiveMaxPoolOp, [x], adaptive('adaptiveMaxPool', x, outputSize, options)) as never
}
