import { checkFlags, checkKeys } from '../ir/names-of'
import { apply, requireTensor, type Tensor } from '../ir/tensor'
import { normalizeAxis } from '../ops/axes'
import { cumProdT, cumSumT, previousT, type RunAttrs } from '../ops/cumulative'
import { cumArgMaxT, logCumSumExpOp } from '../ops/cumulative-largest'
import { HIGHEST } from '../ops/extrema'
import { takeAlongAxisT } from '../ops/gather'
import { castTensor } from '../ops/promote'
import { LOWEST } from '../ops/reduce'
import { asFloat } from './build'
import type { Floating, Summed } from './signatures'

/** Options of `cumSum` and its kin. */
export interface CumulativeOptions {
  /** Along which axis, the last by default. What NumPy does without an axis is this of `reshape(x, [-1])`. */
  readonly axis?: number
  /** From the end to the beginning. */
  readonly reverse?: boolean
  /** Each place is that of those before it, without its own element, as in TensorFlow. */
  readonly exclusive?: boolean
}

type Run = (x: Tensor, attrs: RunAttrs) => Tensor

/** Without its own element a place takes what the one before it has; the first has what comes of no elements. */
function along(op: string, x: Tensor, options: CumulativeOptions, nothing: number, run: Run): Tensor {
  checkKeys(op, options, ['axis', 'reverse', 'exclusive'])
  checkFlags(op, options, ['reverse', 'exclusive'])
  const { axis = -1, reverse = false, exclusive = false } = options
  const attrs = { axis: normalizeAxis(op, axis, x.shape), reverse }
  return run(exclusive ? previousT(x, attrs, nothing) : x, attrs)
}

function summable(op: string, x: Tensor): Tensor {
  requireTensor(op, x)
  return x.dtype === 'bool' || x.dtype === 'uint8' ? castTensor(x, 'int32') : x
}

type Summing = <X extends Tensor>(x: X, options?: CumulativeOptions) => Tensor<X['shape'], Summed<X['dtype']>>
type Taking = <X extends Tensor>(x: X, options?: CumulativeOptions) => Tensor<X['shape'], X['dtype']>

/**
 * At each place along an axis the sum of all elements up to it, in the shape of x. bool and uint8 give int32, which wraps;
 * floats are added in float64 and rounded where they are stored. As `cumsum` in TensorFlow.
 */
export const cumSum = ((x: Tensor, options: CumulativeOptions = {}) =>
  along('cumSum', summable('cumSum', x), options, 0, cumSumT)) as Summing

/**
 * At each place along an axis the product of all elements up to it, as `cumSum` is the sum. The gradient is right at zeros
 * too and takes as many steps as there are elements.
 */
export const cumProd = ((x: Tensor, options: CumulativeOptions = {}) =>
  along('cumProd', summable('cumProd', x), options, 1, cumProdT)) as Summing

/**
 * At each place along an axis the largest element up to it, in shape and dtype of x; NaN from the first NaN on. The gradient
 * goes to that element, the first on the way of those that are equal. Of no elements (`exclusive`) it is -Infinity, or the
 * lowest integer.
 */
export const cumMax = ((x: Tensor, options: CumulativeOptions = {}) => extreme('cumMax', x, options, false)) as Taking

/** At each place along an axis the smallest element up to it, as `cumMax` is the largest. */
export const cumMin = ((x: Tensor, options: CumulativeOptions = {}) => extreme('cumMin', x, options, true)) as Taking

function extreme(op: string, x: Tensor, options: CumulativeOptions, smallest: boolean): Tensor {
  requireTensor(op, x)
  return along(op, x, options, (smallest ? HIGHEST : LOWEST)[x.dtype], (values, attrs) =>
    takeAlongAxisT(values, cumArgMaxT(values, { ...attrs, smallest }), attrs.axis),
  )
}

/**
 * At each place along an axis log(sum(exp(x))) of all elements up to it, without overflow; integers give float32. Of -Infinity
 * alone, and of no elements (`exclusive`), it is -Infinity with gradient 0. As `cumulative_logsumexp` in TensorFlow.
 */
export const logCumSumExp = ((x: Tensor, options: CumulativeOptions = {}) =>
  along('logCumSumExp', asFloat('logCumSumExp', x), options, -Infinity, (values, attrs) =>
    apply(logCumSumExpOp, [values], attrs),
  )) as <X extends Tensor>(x: X, options?: CumulativeOptions) => Tensor<X['shape'], Floating<X['dtype']>>
